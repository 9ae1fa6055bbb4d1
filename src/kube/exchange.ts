/** One HTTP request to an API server and its answer, directly or through a proxy: `Exchanger`, and `directExchanger`. */
import type { ClusterConfig, TlsConfig } from './cluster-config.ts'
import { Http1Client } from './http1/client.ts'
import { HttpError } from './http1/errors.ts'
import { RenewedTls } from './renewed-tls.ts'

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
export function directExchanger(config: ClusterConfig, maxSockets: number, monotonic: () => number): Exchanger {
  const tls = new RenewedTls(config, monotonic)
  const all = new Set<Connections>()
  let connections = open(config.tls)

  function open(settings: TlsConfig): Connections {
    const opened = new Connections(settings, config.server.startsWith('https:'), maxSockets)
    all.add(opened)
    return opened
  }

  /** Connections of earlier settings end with their requests. */
  async function current(): Promise<Connections> {
    const settings = await tls.current()
    if (settings !== connections.tls) {
      connections.retire()
      connections = open(settings)
    }
    return connections
  }

  return {
    async exchange(request) {
      const used = await current()
      let failure: HttpError | undefined
      const answer = await used.exchange(request).catch((error: unknown) => {
        if (!(error instanceof HttpError) || error.kind !== 'connect') throw error
        failure = error
        return undefined
      })
      if (answer && answer.status !== 401) return answer
      // The server, or what it takes for proof, may have changed since the files were read. Nothing was carried out.
      tls.doubt()
      const renewed = await current()
      if (renewed !== used) return renewed.exchange(request)
      if (!answer) throw failure
      return answer
    },
    close() {
      for (const each of all) each.close()
    },
  }
}

/** The connections that were made with the same TLS settings. */
class Connections {
  readonly tls: TlsConfig
  readonly #isSecure: boolean
  readonly #requests: Http1Client
  readonly #streams: Http1Client

  constructor(tls: TlsConfig, isSecure: boolean, maxSockets: number) {
    this.tls = tls
    this.#isSecure = isSecure
    const kept = { idleMs: IDLE_SOCKET_MS, ...(isSecure && { tls }) }
    this.#requests = new Http1Client({ ...kept, maxSockets, maxIdle: maxSockets })
    this.#streams = new Http1Client({ ...kept, maxSockets: Infinity, maxIdle: Infinity })
  }

  async exchange({ server, stream: isStream = false, ...request }: ExchangeRequest): Promise<Answer> {
    const client = isStream ? this.#streams : this.#requests
    const { status, statusText, headers, text, stream } = await client.request({
      ...request,
      // A URL keeps the brackets of an IPv6 address; a socket wants none.
      address: {
        host: server.hostname.replace(/^\[(.*)\]$/, '$1'),
        port: Number(server.port) || (this.#isSecure ? 443 : 80),
      },
      path: `${server.pathname.replace(/\/$/, '')}${request.path}`,
      isStream,
    })
    return { status, statusText, retryAfter: headers['retry-after'], text, ...(stream && { stream }) }
  }

  retire(): void {
    this.#requests.retire()
    this.#streams.retire()
  }

  close(): void {
    this.#requests.close()
    this.#streams.close()
  }
}
