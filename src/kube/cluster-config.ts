/** The address of an API server and its credentials: the common result of all sources of configuration. */
import type { Agent } from 'node:http'
import type { Credentials } from './credentials.ts'

/** Options of node:tls; certificates and keys are PEM. */
export interface TlsConfig {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  /** The name in the server's certificate, if it differs from the host. */
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

export interface ClusterConfig {
  /** `https://host:port`, with a path prefix where the API server is behind one; `http://` is accepted as given. */
  readonly server: string
  readonly tls: TlsConfig
  /** Rereads `tls` from its source; absent if it cannot change. The agent of a proxy keeps the first settings. */
  readonly readTls?: () => Promise<TlsConfig>
  readonly credentials: Credentials
  /** The namespace of the context or of the service account; otherwise `default`. */
  readonly namespace: string
  /** Source of this configuration, for logs and messages. */
  readonly source: string
  /** Agent for a proxy, which replaces the client's own connections. */
  readonly agent?: Agent
}
