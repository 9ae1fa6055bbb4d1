/** One HTTP request to an API server and its answer, directly or through a proxy: `Exchanger`, and `directExchanger`. */
import type { ClusterConfig } from './cluster-config.ts'
import { Http1Client } from './http1/client.ts'

export interface ExchangeRequest {
  readonly server: URL
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** For the whole answer; for a stream, for its head. Milliseconds. */
  readonly timeoutMs: number
  /** Of a body that is not handed over as a stream. */
  readonly maxBodyBytes: number
  readonly signal?: AbortSignal | undefined
  /** Hand over a successful answer as soon as its head is there. */
  readonly stream?: boolean
}

/** The body of an answer as it arrives. Reading ends with an error where the connection broke, or with that of `destroy`. */
export interface ByteStream extends AsyncIterable<Buffer> {
  destroy(error?: Error): void
}

/** `stream` is set for a successful answer that was asked for as a stream, else `text` holds the whole body. */
export interface Answer {
  readonly status: number
  readonly statusText: string
  /** The header of that name. */
  readonly retryAfter: string | undefined
  readonly text: string
  readonly stream?: ByteStream
}

export interface Exchanger {
  /** Rejects with an HttpError, a DeadlineError, or whatever the socket reports; with anything once the signal is aborted. */
  exchange(request: ExchangeRequest): Promise<Answer>
  /** Closes all connections; requests under way fail. */
  close(): void
}

/** Idle connections are closed before a server or a load balancer between does it, so that none is found dead when used. */
const IDLE_SOCKET_MS = 55_000

/** Over kept connections of its own: `maxSockets` for requests, and one for each stream besides. */
export function directExchanger(config: ClusterConfig, maxSockets: number): Exchanger {
  const isSecure = config.server.startsWith('https:')
  const kept = { idleMs: IDLE_SOCKET_MS, ...(isSecure && { tls: config.tls }) }
  const requests = new Http1Client({ ...kept, maxSockets, maxIdle: maxSockets })
  const streams = new Http1Client({ ...kept, maxSockets: Infinity, maxIdle: Infinity })
  return {
    async exchange({ server, stream: isStream = false, ...request }) {
      const { status, statusText, headers, text, stream } = await (isStream ? streams : requests).request({
        ...request,
        // A URL keeps the brackets of an IPv6 address; a socket wants none.
        address: {
          host: server.hostname.replace(/^\[(.*)\]$/, '$1'),
          port: Number(server.port) || (isSecure ? 443 : 80),
        },
        path: `${server.pathname.replace(/\/$/, '')}${request.path}`,
        isStream,
      })
      return { status, statusText, retryAfter: headers['retry-after'], text, ...(stream && { stream }) }
    },
    close() {
      requests.close()
      streams.close()
    },
  }
}
