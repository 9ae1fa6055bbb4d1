/** The configuration inside a pod: service environment, CA and a rotating token. */
import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import type { ClusterConfig } from './cluster-config.ts'
import { tokenFileCredentials } from './credentials.ts'
import { ConfigError } from './errors.ts'

const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount'

export interface InClusterOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly monotonic: () => number
  readonly serviceAccountDir?: string
}

/** Undefined outside a pod. Throws a ConfigError in a pod without a service account token. */
export async function inClusterConfig(options: InClusterOptions): Promise<ClusterConfig | undefined> {
  const { env, monotonic, serviceAccountDir: dir = SERVICE_ACCOUNT_DIR } = options
  const host = env['KUBERNETES_SERVICE_HOST']
  const port = env['KUBERNETES_SERVICE_PORT']
  if (!host || !port) return undefined
  const credentials = tokenFileCredentials(join(dir, 'token'), monotonic)
  const readTls = async () => ({ ca: await readFile(join(dir, 'ca.crt')) })
  try {
    const [tls, namespace] = await Promise.all([
      readTls(),
      readFile(join(dir, 'namespace'), 'utf8'),
      credentials.headers(),
    ])
    return {
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      tls,
      readTls,
      credentials,
      namespace: namespace.trim(),
      source: 'in-cluster service account',
    }
  } catch (cause) {
    throw new ConfigError(
      `KUBERNETES_SERVICE_HOST is set, but ${dir} holds no usable token, ca.crt and namespace ` +
        '(automountServiceAccountToken: false?)',
      { cause },
    )
  }
}
