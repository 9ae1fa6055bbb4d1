/**
 * Reads a kubeconfig whose context needs only certificates and a token. The library for all other kubeconfigs takes more
 * memory than the rest of the program, so it is loaded only if this reader returns undefined.
 */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { ClusterConfig, TlsConfig } from './cluster-config.ts'
import { fixedCredentials, tokenFileCredentials } from './credentials.ts'

type Fields = Readonly<Record<string, string | undefined>>

interface KubeconfigFile {
  readonly 'current-context'?: string
  readonly contexts?: readonly { name: string; context: Fields }[]
  readonly clusters?: readonly { name: string; cluster: Fields & { 'insecure-skip-tls-verify'?: string | boolean } }[]
  readonly users?: readonly { name: string; user: Fields | null }[]
}

const CLUSTER = /^(server|certificate-authority(-data)?|insecure-skip-tls-verify|tls-server-name)$/
const USER = /^(token|tokenFile|client-certificate(-data)?|client-key(-data)?)$/

/** The configuration; undefined if the context is incomplete or uses a feature that this reader does not support. */
export async function readPlainKubeconfig(
  path: string,
  wanted: string | undefined,
  monotonic: () => number,
): Promise<ClusterConfig | undefined> {
  const text = await readFile(path, 'utf8')
  // Kubeconfigs that programs write are often JSON, which needs no YAML parser in memory.
  const file: KubeconfigFile | null = text.startsWith('{') ? JSON.parse(text) : (await import('yaml')).parse(text)
  const contextName = wanted ?? file?.['current-context']
  const context = file?.contexts?.find(({ name }) => name === contextName)?.context
  const cluster = file?.clusters?.find(({ name }) => name === context?.cluster)?.cluster
  const user = file?.users?.find(({ name }) => name === context?.user)?.user
  if (!context || !cluster?.server || !user || !allKnown(cluster, CLUSTER) || !allKnown(user, USER)) return undefined

  const at = (name: string) => resolve(dirname(path), name)
  const pem = async (data: string | undefined, name: string | undefined) =>
    data ? Buffer.from(data, 'base64') : name ? await readFile(at(name)) : undefined
  const servername = cluster['tls-server-name']
  const readTls = async (): Promise<TlsConfig> => {
    const [ca, cert, key] = await Promise.all([
      pem(cluster['certificate-authority-data'], cluster['certificate-authority']),
      pem(user['client-certificate-data'], user['client-certificate']),
      pem(user['client-key-data'], user['client-key']),
    ])
    return {
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      ...(servername && { servername }),
      ...(cluster['insecure-skip-tls-verify'] === true && { rejectUnauthorized: false }),
    }
  }
  return {
    server: cluster.server,
    tls: await readTls(),
    readTls,
    credentials: user.tokenFile
      ? tokenFileCredentials(at(user.tokenFile), monotonic)
      : fixedCredentials(user.token ? { authorization: `Bearer ${user.token}` } : {}),
    namespace: context.namespace ?? 'default',
    source: `kubeconfig ${path}, context ${contextName}`,
  }
}

function allKnown(fields: object, known: RegExp): boolean {
  return Object.keys(fields).every(name => known.test(name))
}
