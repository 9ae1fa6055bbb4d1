/** Loads the configuration of the API client from the usual sources of kubectl and controllers: `loadClusterConfig`. */
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { realClock } from './clock.ts'
import type { ClusterConfig } from './cluster-config.ts'
import { ConfigError } from './errors.ts'
import { inClusterConfig } from './in-cluster.ts'
import { readKubeconfigs } from './library-kubeconfig.ts'
import { readPlainKubeconfig } from './plain-kubeconfig.ts'

export interface ConfigSources {
  /** Path of a kubeconfig from a flag, which disables all other sources. */
  readonly kubeconfig?: string | undefined
  /** A context other than the current one. */
  readonly context?: string | undefined
  /** `KUBECONFIG`, `KUBERNETES_SERVICE_HOST` and `_PORT`, `HOME` are read. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds since an arbitrary start; tells how old a token is. */
  readonly monotonic?: () => number
  readonly serviceAccountDir?: string
}

/**
 * Uses the first that exists of: the given kubeconfig, the files of `KUBECONFIG`, the pod's service account,
 * `~/.kube/config`. Throws a ConfigError that lists the sources it tried.
 */
export async function loadClusterConfig(sources: ConfigSources): Promise<ClusterConfig> {
  const { kubeconfig, context, env, monotonic = () => realClock.monotonic(), serviceAccountDir } = sources
  if (kubeconfig) return loadKubeconfigs([kubeconfig], context, monotonic)

  const listed = env['KUBECONFIG']?.split(delimiter).filter(path => path !== '') ?? []
  if (listed.length > 0) {
    const present = await filterPresent(listed)
    if (present.length === 0) throw new ConfigError(`KUBECONFIG names ${listed.join(', ')}: no such file`)
    return loadKubeconfigs(present, context, monotonic)
  }

  const inCluster = await inClusterConfig({ env, monotonic, ...(serviceAccountDir && { serviceAccountDir }) })
  if (inCluster) return inCluster

  const atHome = await filterPresent(env['HOME'] ? [join(env['HOME'], '.kube', 'config')] : [])
  if (atHome.length > 0) return loadKubeconfigs(atHome, context, monotonic)
  throw new ConfigError(
    'no cluster to talk to: no --kubeconfig, no KUBECONFIG, not in a pod (KUBERNETES_SERVICE_HOST), no ~/.kube/config',
  )
}

async function loadKubeconfigs(
  paths: readonly string[],
  context: string | undefined,
  monotonic: () => number,
): Promise<ClusterConfig> {
  const [first, ...others] = paths
  if (first && others.length === 0) {
    const plain = await readPlainKubeconfig(first, context, monotonic).catch((cause: unknown) => {
      const detail = cause instanceof Error ? cause.message : String(cause)
      throw new ConfigError(`kubeconfig ${first}: ${detail}`, { cause })
    })
    if (plain) return plain
  }
  return readKubeconfigs(paths, context, monotonic)
}

async function filterPresent(paths: readonly string[]): Promise<string[]> {
  const present = await Promise.all(
    paths.map(path =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  )
  return paths.filter((_, index) => present[index])
}
