/** Where an API server is and how to be let in: what every source of configuration comes down to. */
import type { Agent } from 'node:http'
import type { Credentials } from './credentials.ts'

/** Passed to node:tls as they are; certificates and keys are PEM. */
export interface TlsConfig {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  /** The name that the server's certificate must have, where it is not the host's. */
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

export interface ClusterConfig {
  /** `https://host:port`, with a path prefix where the API server is behind one; `http://` is accepted as given. */
  readonly server: string
  readonly tls: TlsConfig
  /** Reads `tls` again from where it came; absent where that cannot change. A proxy's agent keeps the first. */
  readonly readTls?: () => Promise<TlsConfig>
  readonly credentials: Credentials
  /** The context's namespace, or the service account's own; `default` where none is named. */
  readonly namespace: string
  /** Where this came from, for logs and messages. */
  readonly source: string
  /** Replaces the client's own connections where the way leads through a proxy. */
  readonly agent?: Agent
}
