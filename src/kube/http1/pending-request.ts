/** One request from its sending to its answer: `PendingRequest` gathers the answer, keeps the time and heeds the signal. */
import { BodyStream } from './body-stream.ts'
import type { Broken, Connection, Exchange } from './connection.ts'
import {
  AnswerTooLargeError,
  ConnectTimeoutError,
  HttpError,
  type HttpErrorKind,
  MalformedAnswerError,
  messageOf,
} from './errors.ts'
import type { ResponseHead } from './response-parser.ts'

export interface PendingOptions {
  readonly method: string
  readonly text: string
  /** For the whole answer; for a stream, for its head. Milliseconds. */
  readonly timeoutMs: number
  readonly maxBodyBytes: number
  readonly isStream: boolean
  readonly signal: AbortSignal | undefined
  /** Takes it out of the queue for a connection. */
  readonly withdraw: (exchange: Exchange) => void
}

/** `stream` is set for a successful answer that was asked for as a stream, else `text` holds the whole body. */
export interface HttpAnswer extends ResponseHead {
  readonly text: string
  readonly stream?: BodyStream
}

export class PendingRequest implements Exchange {
  readonly method: string
  readonly text: string
  /** Rejects with an HttpError. */
  readonly answer: Promise<HttpAnswer>
  readonly #options: PendingOptions
  readonly #resolve: (answer: HttpAnswer) => void
  readonly #reject: (error: HttpError) => void
  readonly #timer: NodeJS.Timeout
  #connection: Connection | undefined
  #head: ResponseHead | undefined
  #chunks: Buffer[] = []
  #bytes = 0
  #stream: BodyStream | undefined

  constructor(options: PendingOptions) {
    this.method = options.method
    this.text = options.text
    this.#options = options
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>()
    this.answer = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = setTimeout(this.#onTimeout, options.timeoutMs)
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  onConnection(connection: Connection): void {
    this.#connection = connection
  }

  onHead(head: ResponseHead): void {
    this.#head = head
    if (!this.#options.isStream || head.status >= 300) return
    clearTimeout(this.#timer)
    this.#stream = new BodyStream({
      pause: () => this.#connection?.pause(this),
      resume: () => this.#connection?.resume(this),
      abandon: () => this.#letGo()?.destroy(),
    })
    this.#resolve({ ...head, text: '', stream: this.#stream })
  }

  onData(bytes: Buffer): void {
    if (this.#stream) return this.#stream.push(bytes)
    this.#bytes += bytes.length
    const { maxBodyBytes } = this.#options
    if (this.#bytes > maxBodyBytes) throw new AnswerTooLargeError(maxBodyBytes)
    this.#chunks.push(bytes)
  }

  onDone(): void {
    this.#letGo()
    if (this.#stream) return this.#stream.end()
    if (!this.#head) throw new Error('an answer without a head')
    const [only] = this.#chunks
    const body = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks, this.#bytes)
    this.#resolve({ ...this.#head, text: body.toString('utf8') })
  }

  onBroken({ error, isSent, isReused, isAnswered }: Broken): void {
    this.#letGo()
    const kind = kindOf(error, isSent)
    const fallback = isAnswered ? 'the connection was closed inside the answer' : 'socket hang up'
    const message = error ? messageOf(error) : fallback
    this.#fail(new HttpError(kind, message, { isSent, isStale: isReused && !isAnswered, cause: error }))
  }

  readonly #onTimeout = (): void => this.#giveUp('timeout', `no answer within ${this.#options.timeoutMs} ms`)

  readonly #onAbort = (): void => this.#giveUp('aborted', 'the caller gave up', this.#options.signal?.reason)

  #giveUp(kind: HttpErrorKind, message: string, cause?: unknown): void {
    const connection = this.#letGo()
    this.#fail(new HttpError(kind, message, { isSent: connection?.isSent === true, cause }))
    if (connection) connection.destroy()
    else this.#options.withdraw(this)
  }

  #fail(error: HttpError): void {
    // A stream has an owner who was told of it; the promise has been kept then.
    if (this.#stream && error.kind === 'aborted') this.#stream.destroy(error)
    else if (this.#stream) this.#stream.fail(error)
    else this.#reject(error)
  }

  /** Nothing of it is left in timers and listeners. The connection, where it still had one. */
  #letGo(): Connection | undefined {
    clearTimeout(this.#timer)
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    const connection = this.#connection
    this.#connection = undefined
    return connection
  }
}

function kindOf(error: Error | undefined, isSent: boolean): HttpErrorKind {
  if (error instanceof MalformedAnswerError) return 'malformed'
  if (error instanceof AnswerTooLargeError) return 'too-large'
  if (error instanceof ConnectTimeoutError) return 'timeout'
  return isSent || !error ? 'closed' : 'connect'
}
