/** Sends requests to one API server, with connection reuse, credentials, retries, JSON and typed errors: `Transport`. */
import { type KubeClock, realClock, sleep, withDeadline } from './clock.ts'
import type { ClusterConfig } from './cluster-config.ts'
import type { Headers } from './credentials.ts'
import { Connections } from './connections.ts'
import { ApiError, type Asked, type Status, TransportError } from './errors.ts'
import type { Answer, ByteStream } from './exchange.ts'
import { httpErrorOf, messageOf } from './http-error.ts'
import { describeObject, resourceName } from './resource-path.ts'
import { retryDelayMs } from './retry.ts'
import type { Resource } from './types.ts'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'apply' | 'delete'

const METHODS: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  apply: 'PATCH',
  delete: 'DELETE',
}

export interface Call {
  readonly verb: Verb
  readonly resource: Resource
  /** The target in error messages. */
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string
  readonly signal?: AbortSignal | undefined
}

/** A finished HTTP request, for metrics. A watch is reported when it opens. */
export interface RequestReport {
  readonly verb: Verb
  /** For example `statefulsets.apps`. */
  readonly resource: string
  /** The HTTP status; 0 without an answer. */
  readonly status: number
  readonly seconds: number
}

export interface TransportOptions {
  readonly userAgent: string
  /** Timeout for a whole answer, and for the head of a watch. */
  readonly requestTimeoutMs: number
  /** Size limit of a whole answer. Each event of a watch has its own limit. */
  readonly maxAnswerBytes: number
  /** Limit of connections, without watches, which have one each. */
  readonly maxSockets: number
  readonly clock: KubeClock
  /** 0 to 1. */
  readonly random: () => number
  readonly onRequest?: ((report: RequestReport) => void) | undefined
}

export class Transport {
  readonly #config: ClusterConfig
  readonly #options: TransportOptions
  readonly #connections: Connections

  constructor(config: ClusterConfig, options: TransportOptions) {
    this.#config = config
    this.#options = options
    this.#connections = new Connections(config, options.maxSockets, () => options.clock.monotonic())
  }

  get clock(): KubeClock {
    return this.#options.clock
  }

  /** The body of a successful answer, as it is. Rejects as `json` does. */
  async text(call: Call): Promise<string> {
    return (await this.#withRetries(call, false)).text
  }

  /** The decoded body of a successful answer. Rejects with an ApiError, a TransportError, or the signal's reason. */
  async json<T>(call: Call): Promise<T> {
    const answer = await this.#withRetries(call, false)
    try {
      const body: T = JSON.parse(answer.text)
      return body
    } catch (cause) {
      const start = JSON.stringify(answer.text.slice(0, 80))
      throw new TransportError(askedOf(call), 'malformed', `expected a JSON body, found ${start}`, { cause })
    }
  }

  /** The body of a successful answer as it arrives; the caller destroys it. Rejects as `json` does. */
  async stream(call: Call): Promise<ByteStream> {
    const { stream } = await this.#withRetries(call, true)
    if (!stream) throw new TransportError(askedOf(call), 'malformed', 'expected a stream, found none')
    return stream
  }

  /** Closes all connections; requests in progress fail. */
  close(): void {
    this.#connections.close()
  }

  async #withRetries(call: Call, stream: boolean): Promise<Answer> {
    const { clock, random } = this.#options
    const idempotent = METHODS[call.verb] === 'GET'
    let isRefreshed = false
    for (let number = 1; ; number++) {
      const proof = await this.#proof(call)
      try {
        return await this.#once(call, stream, proof)
      } catch (error) {
        const isRefused = error instanceof ApiError && error.status === 401
        if (isRefused && !isRefreshed && this.#config.credentials.refresh(proof)) {
          isRefreshed = true
          continue
        }
        const delay = retryDelayMs(error, { number, idempotent, random: random() })
        if (delay === undefined) throw error
        await sleep(delay, call.signal, clock)
      }
    }
  }

  async #once(call: Call, stream: boolean, proof: Headers): Promise<Answer> {
    const { clock, requestTimeoutMs, maxAnswerBytes, onRequest, userAgent } = this.#options
    const headers = {
      accept: 'application/json',
      'user-agent': userAgent,
      ...(call.body !== undefined && { 'content-type': call.contentType ?? 'application/json' }),
      ...proof,
    }
    const started = clock.monotonic()
    let status = 0
    try {
      const answer = await this.#connections.exchange({
        method: METHODS[call.verb],
        path: call.path,
        headers,
        timeoutMs: requestTimeoutMs,
        maxBodyBytes: maxAnswerBytes,
        signal: call.signal,
        isStream: stream,
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      })
      status = answer.status
      if (status >= 300) throw failureOf(call, answer)
      return answer
    } catch (error) {
      if (error instanceof ApiError) throw error
      if (call.signal?.aborted) throw call.signal.reason
      throw transportErrorOf(call, error)
    } finally {
      const seconds = (clock.monotonic() - started) / 1000
      onRequest?.({ verb: call.verb, resource: resourceName(call.resource), status, seconds })
    }
  }

  /** The credentials, with a timeout: their source is a program or a server that may hang. */
  async #proof(call: Call): Promise<Headers> {
    try {
      const deadline = { ms: this.#options.requestTimeoutMs, clock: realClock, signal: call.signal }
      return await withDeadline(deadline, () => this.#config.credentials.headers())
    } catch (cause) {
      if (call.signal?.aborted) throw call.signal.reason
      throw new TransportError(askedOf(call), 'credentials', `no credentials: ${messageOf(cause)}`, { cause })
    }
  }
}

/** The request as error messages name it. */
export function askedOf(call: Call): Asked {
  return { operation: call.verb, object: describeObject(call.resource, call) }
}

function failureOf(call: Call, answer: Answer): ApiError {
  const seconds = Number(answer.headers['retry-after'])
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined
  const options = retryAfterMs === undefined ? {} : { retryAfterMs }
  return new ApiError(askedOf(call), answer.status, statusOf(answer), options)
}

/** The body if it is a Status; otherwise its beginning, such as the error page of a proxy. */
function statusOf(answer: Answer): Status {
  try {
    const body: (Status & { kind?: string }) | null = JSON.parse(answer.text)
    if (body?.kind === 'Status') return body
  } catch {
    // Not JSON: quoted below.
  }
  const message = answer.text.trim().slice(0, 200)
  return { reason: answer.statusText || 'Unknown', message: message || 'empty body' }
}

/** Converts an error of the exchange or of the body's stream to a typed error. */
export function transportErrorOf(call: Call, error: unknown): TransportError {
  const { kind, message } = httpErrorOf(error, true)
  const known = kind === 'connect' || kind === 'timeout' || kind === 'too-large'
  return new TransportError(askedOf(call), known ? kind : 'reset', message, { cause: error })
}
