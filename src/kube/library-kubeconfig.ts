/** Loads any kubeconfig through @kubernetes/client-node: several files merged, exec plugins, OIDC, proxies. */
import { Agent } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import type { ClusterConfig, TlsConfig } from './cluster-config.ts'
import { type Credentials, RenewedCredentials } from './credentials.ts'
import { ConfigError } from './errors.ts'

/** How long headers are cached: the library rereads certificate files on each call. */
const HEADERS_MAX_AGE_MS = 10_000

/**
 * The configuration of one context of the merged files. Follows renewals of tokens and certificates by exec plugins and
 * files. Throws a ConfigError that names the files.
 */
export async function readKubeconfigs(
  paths: readonly string[],
  wanted: string | undefined,
  monotonic: () => number,
): Promise<ClusterConfig> {
  try {
    return await read(paths, wanted, monotonic)
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(`kubeconfig ${paths.join(', ')}: ${detail}`, { cause })
  }
}

async function read(
  paths: readonly string[],
  wanted: string | undefined,
  monotonic: () => number,
): Promise<ClusterConfig> {
  const config = await merge(paths)
  const contextName = wanted ?? config.currentContext
  if (!contextName) throw new Error('no context was asked for, and the files name no current-context')
  const context = config.getContextObject(contextName)
  if (!context) {
    const known = config.contexts.map(({ name }) => name).join(', ') || 'none'
    throw new Error(`context ${contextName} does not exist; there are: ${known}`)
  }
  const load = async () => {
    const again = await merge(paths)
    again.setCurrentContext(contextName)
    return again
  }
  config.setCurrentContext(contextName)
  const cluster = config.getCurrentCluster()
  if (!cluster) throw new Error(`context ${contextName} names cluster ${context.cluster}, which does not exist`)
  if (!config.getCurrentUser()) {
    throw new Error(`context ${contextName} names user ${context.user}, which does not exist`)
  }
  const options = await applied(config)
  return {
    server: cluster.server,
    tls: tlsOf(options),
    readTls: async () => tlsOf(await applied(config)),
    credentials: libraryCredentials(config, load, monotonic),
    namespace: context.namespace ?? 'default',
    source: `kubeconfig ${paths.join(', ')}, context ${contextName}`,
    ...(cluster.proxyUrl && options.agent instanceof Agent && { agent: options.agent }),
  }
}

/** As kubectl merges: the first file that names a cluster, user, context or current-context wins. */
async function merge(paths: readonly string[]): Promise<KubeConfig> {
  // Imported here because it takes about 80 MB of memory. A static import would be loaded at the start.
  const library = await import('@kubernetes/client-node/dist/config.js')
  const merged = new library.KubeConfig()
  for (const path of paths) {
    const next = new library.KubeConfig()
    next.loadFromFile(path)
    // The library refuses plain http unless verification is disabled. Plain http has nothing to verify.
    const clusters = next.clusters.map(c => (c.server.startsWith('http:') ? { ...c, skipTLSVerify: true } : c))
    merged.clusters.push(...newTo(merged.clusters, clusters))
    merged.users.push(...newTo(merged.users, next.users))
    merged.contexts.push(...newTo(merged.contexts, next.contexts))
    if (!merged.currentContext) merged.setCurrentContext(next.currentContext)
  }
  return merged
}

function newTo<T extends { readonly name: string }>(known: readonly T[], entries: readonly T[]): T[] {
  return entries.filter(({ name }) => !known.some(other => other.name === name))
}

async function applied(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  return options
}

function tlsOf(options: RequestOptions): TlsConfig {
  const { servername, rejectUnauthorized } = options
  const [ca, cert, key] = [pem(options.ca), pem(options.cert), pem(options.key)]
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(servername && { servername }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  }
}

/** The library sets single PEM texts, never lists, which node:tls also accepts. */
function pem(value: RequestOptions['ca'] | RequestOptions['key']): string | Buffer | undefined {
  return typeof value === 'string' || Buffer.isBuffer(value) ? value : undefined
}

/** `load` reloads the configuration, because the library caches tokens until they expire, even if they are refused. */
function libraryCredentials(loaded: KubeConfig, load: () => Promise<KubeConfig>, monotonic: () => number): Credentials {
  let config = loaded
  const readHeaders = async (afterRefusal: boolean) => {
    if (afterRefusal) config = await load()
    const options = await applied(config)
    const pairs = Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)])
    const basic = options.auth ? { authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` } : {}
    return { ...basic, ...Object.fromEntries(pairs) }
  }
  return new RenewedCredentials(readHeaders, HEADERS_MAX_AGE_MS, monotonic)
}
