/**
 * HTTP/1.1 over kept connections, and no more of it than a client of JSON services needs: `Http1Client`. It follows no
 * redirects, keeps no cookies, decodes no content encodings and repeats nothing by itself.
 */
import { connect, isIP } from 'node:net'
import { connect as connectSecurely, createSecureContext, type SecureContext } from 'node:tls'
import type { ConnectionOptions } from './connection.ts'
import { HttpError } from './errors.ts'
import { type HttpAnswer, PendingRequest } from './pending-request.ts'
import { Pool } from './pool.ts'
import { requestText } from './request-text.ts'

/** Passed to node:tls; certificates and keys are PEM. */
export interface HttpTls {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  /** The name that the server's certificate must have, where it is not the host's. */
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

export interface Http1Options {
  /** Connections to one server at once; requests beyond wait. */
  readonly maxSockets: number
  /** Idle connections that are kept to one server. */
  readonly maxIdle: number
  /** An idle connection is closed after that, and earlier where the server says that it closes earlier. Milliseconds. */
  readonly idleMs: number
  /** For a connection to come about, milliseconds; by default it has as long as its request. */
  readonly connectTimeoutMs?: number
  /** Absent: plain HTTP. */
  readonly tls?: HttpTls | undefined
}

/** Without the brackets that a URL has around an IPv6 address. */
export interface HttpAddress {
  readonly host: string
  readonly port: number
}

export interface HttpRequest {
  readonly address: HttpAddress
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** For the whole answer, waiting for a connection included; for a stream, for its head. Milliseconds. */
  readonly timeoutMs: number
  /** Of a body that is gathered. No text can be longer than about 512 MiB. */
  readonly maxBodyBytes: number
  readonly signal?: AbortSignal | undefined
  /** Hand over a successful answer as soon as its head is there. */
  readonly isStream?: boolean
}

/** The kernel asks a silent peer from time to time, so that a path that has vanished is noticed. */
const PROBE_MS = 30_000

export class Http1Client {
  readonly #options: Http1Options
  readonly #pools = new Map<string, Pool>()
  /** Certificates are read once, not for each connection. */
  #context: SecureContext | undefined
  #isClosed = false

  constructor(options: Http1Options) {
    this.#options = options
  }

  /** Rejects with an HttpError; throws a TypeError for what is no request. */
  request(request: HttpRequest): Promise<HttpAnswer> {
    const { address, method, path, headers, body, signal } = request
    const text = requestText({ method, path, headers, body, host: this.#hostHeader(address) })
    if (signal?.aborted) {
      return Promise.reject(new HttpError('aborted', 'the caller gave up', { isSent: false, cause: signal.reason }))
    }
    if (this.#isClosed) return Promise.reject(new HttpError('closed', 'the client is closed', { isSent: false }))
    const pool = this.#poolOf(address)
    const pending = new PendingRequest({
      method,
      text,
      timeoutMs: request.timeoutMs,
      maxBodyBytes: request.maxBodyBytes,
      isStream: request.isStream === true,
      signal,
      withdraw: exchange => pool.withdraw(exchange),
    })
    pool.submit(pending)
    return pending.answer
  }

  /** Another client follows: requests under way go on, and their connections end with them. */
  retire(): void {
    for (const pool of this.#pools.values()) pool.retire()
  }

  /** Closes all connections for good; requests under way fail. */
  close(): void {
    this.#isClosed = true
    for (const pool of this.#pools.values()) pool.close()
  }

  #poolOf(address: HttpAddress): Pool {
    const key = `${address.host}:${address.port}`
    const known = this.#pools.get(key)
    if (known) return known
    const { maxSockets, maxIdle } = this.#options
    const pool = new Pool({
      connect: () => this.#connect(address),
      maxSockets,
      maxIdle,
      onEmpty: () => this.#pools.delete(key),
    })
    this.#pools.set(key, pool)
    return pool
  }

  #connect({ host, port }: HttpAddress): ConnectionOptions {
    const { tls, idleMs, connectTimeoutMs } = this.#options
    const to = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: PROBE_MS }
    const limits = { idleMs, ...(connectTimeoutMs !== undefined && { connectTimeoutMs }) }
    if (!tls) return { socket: connect(to), readyEvent: 'connect', ...limits }
    const { servername = isIP(host) ? '' : host, rejectUnauthorized = true, ...certificates } = tls
    this.#context ??= createSecureContext(certificates)
    const secure = { servername, rejectUnauthorized, secureContext: this.#context, ALPNProtocols: ['http/1.1'] }
    return { socket: connectSecurely({ ...to, ...secure }), readyEvent: 'secureConnect', ...limits }
  }

  #hostHeader({ host, port }: HttpAddress): string {
    const name = host.includes(':') ? `[${host}]` : host
    return port === (this.#options.tls ? 443 : 80) ? name : `${name}:${port}`
  }
}
