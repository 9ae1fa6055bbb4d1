/** The cluster that the end-to-end tests run on, as they reach it: through its API server alone. */
import { kubectl } from '../../testing/kubectl.ts'
import { IMAGES } from '../../testing/realcluster/images/names.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { loadClusterConfig } from '../../src/kube/config.ts'
import { createKubeClient } from '../../src/kube/http-client.ts'
import { namespaces, serviceAccounts } from '../../src/kube/resources.ts'
import { until } from '../support/until.ts'

const { env } = process

/** By the variables that name them on a cluster that pulls from elsewhere. */
export const images = {
  seid: env['E2E_SEID_IMAGE'] ?? IMAGES.seid,
  nextSeid: env['E2E_NEXT_SEID_IMAGE'] ?? IMAGES.nextSeid,
  upgradedSeid: env['E2E_UPGRADED_SEID_IMAGE'] ?? IMAGES.upgradedSeid,
  latestSeid: env['E2E_LATEST_SEID_IMAGE'] ?? IMAGES.latestSeid,
  sidecar: env['E2E_SIDECAR_IMAGE'] ?? IMAGES.sidecar,
  operator: env['E2E_OPERATOR_IMAGE'] ?? IMAGES.operator,
  /** The fake sidecar's, which holds what test pods run. */
  tools: env['E2E_TOOLS_IMAGE'] ?? IMAGES.sidecar,
} as const

export class Cluster {
  readonly client: KubeClient & { close(): void }
  readonly #environment: NodeJS.ProcessEnv

  private constructor(client: KubeClient & { close(): void }, environment: NodeJS.ProcessEnv) {
    this.client = client
    this.#environment = environment
  }

  /** That of E2E_KUBECONFIG. */
  static async open(): Promise<Cluster> {
    const kubeconfig = env['E2E_KUBECONFIG']
    if (!kubeconfig) throw new Error('E2E_KUBECONFIG is not set: run these tests with `make e2e`')
    const client = createKubeClient(await loadClusterConfig({ kubeconfig, env }))
    return new Cluster(client, { ...env, KUBECONFIG: kubeconfig })
  }

  close(): void {
    this.client.close()
  }

  /** Rejects with kubectl's own message. */
  kubectl(args: readonly string[], stdin?: string): Promise<string> {
    return kubectl(args, { env: this.#environment, ...(stdin !== undefined && { stdin }) })
  }

  exec(namespace: string, pod: string, container: string, command: readonly string[]): Promise<string> {
    return this.kubectl(['exec', `--namespace=${namespace}`, pod, `--container=${container}`, '--', ...command])
  }

  /** Signals the container's first process a moment later: the end of a container takes along what was executed in it. */
  async signal(namespace: string, pod: string, container: string, signal: 'TERM' | 'USR2'): Promise<void> {
    const script = '(sleep 0.2; kill -s "$0" 1) >/dev/null 2>&1 &'
    await this.exec(namespace, pod, container, ['sh', '-c', script, signal])
  }

  /** Resolves when pods can be made in it. One that is there already is used. */
  async namespace(name: string): Promise<void> {
    if (!(await this.client.get(namespaces, { name }))) await this.client.create(namespaces, { metadata: { name } })
    await until(`the ServiceAccount of namespace ${name}`, () =>
      this.client.get(serviceAccounts, { namespace: name, name: 'default' }),
    )
  }

  /** Resolves when it is gone, with all that is in it. */
  async removeNamespace(name: string): Promise<void> {
    await this.kubectl(['delete', 'namespace', name, '--ignore-not-found', '--timeout=120s'])
  }
}
