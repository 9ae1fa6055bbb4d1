/** The cluster that the user's kubeconfig names: `connectCluster`. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { VERSION } from '../../cli/version.ts'
import type { KubeClient } from '../../kube/client.ts'
import { realClock } from '../../kube/clock.ts'
import type { ClusterConfig } from '../../kube/cluster-config.ts'
import { loadClusterConfig } from '../../kube/config.ts'
import { createKubeClient } from '../../kube/http-client.ts'
import { Transport } from '../../kube/transport.ts'

/** A person waits for each answer. */
const REQUEST_TIMEOUT_MS = 20_000
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
const MAX_SOCKETS = 8
const USER_AGENT = `kubectl-sei/${VERSION}`

export interface ClusterOptions {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
}

export interface Cluster extends Disposable {
  readonly client: KubeClient
  /** For answers that are no objects, such as logs. */
  readonly transport: Transport
  readonly config: ClusterConfig
}

/** Throws a ConfigError. Sends no request. */
export async function connectCluster(
  { kubeconfig, context }: ClusterOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Cluster> {
  const config = await loadClusterConfig({ kubeconfig, context, env: await asKubectl(env) })
  const client = createKubeClient(config, {
    userAgent: USER_AGENT,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    maxSockets: MAX_SOCKETS,
  })
  const transport = new Transport(config, {
    userAgent: USER_AGENT,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    maxAnswerBytes: MAX_ANSWER_BYTES,
    maxSockets: MAX_SOCKETS,
    clock: realClock,
    random: Math.random,
  })
  const close = (): void => {
    client.close()
    transport.close()
  }
  return { client, transport, config, [Symbol.dispose]: close }
}

/** In a pod, kubectl prefers a kubeconfig of the user to the pod's service account. */
async function asKubectl(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Readonly<Record<string, string | undefined>>> {
  const isAtHome = await access(join(env['HOME'] ?? '', '.kube', 'config')).then(
    () => true,
    () => false,
  )
  return isAtHome ? { ...env, KUBERNETES_SERVICE_HOST: undefined } : env
}
