/** Why no whole answer came to a request: `HttpError`, whose `kind` is one of a closed set. */

/**
 * - `connect`: no connection came about (refused, no such host, TLS refused); nothing was sent.
 * - `closed`: the connection ended or broke before the answer was whole.
 * - `malformed`: what came is no HTTP/1.1 answer, or its head exceeds a limit.
 * - `too-large`: its body exceeds the limit of the request.
 * - `timeout`: no connection, or no whole answer, in time.
 * - `aborted`: the caller gave up; `cause` is the reason of its signal.
 */
export type HttpErrorKind = 'connect' | 'closed' | 'malformed' | 'too-large' | 'timeout' | 'aborted'

export interface HttpErrorDetails {
  /** The server may have got the request, or a part of it. */
  readonly isSent: boolean
  /** It went out on a kept connection which ended before a byte of an answer came: most likely it was dead already. */
  readonly isStale?: boolean
  readonly cause?: unknown
}

export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly kind: HttpErrorKind
  readonly isSent: boolean
  readonly isStale: boolean
  /** Of the socket's error, such as `ECONNREFUSED`; empty without one. */
  readonly code: string

  constructor(kind: HttpErrorKind, message: string, { isSent, isStale = false, cause }: HttpErrorDetails) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
    this.isSent = isSent
    this.isStale = isStale
    this.code = codeOf(cause)
  }
}

/** What came is no HTTP/1.1 answer to the request, or exceeds a limit: thrown by the parser. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError'
}

/** The body of the answer exceeds the limit of its request. */
export class AnswerTooLargeError extends Error {
  override readonly name = 'AnswerTooLargeError'

  constructor(maxBytes: number) {
    super(`an answer of more than ${maxBytes} bytes`)
  }
}

/** No connection came about in the time that it had. */
export class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError'
}

/** The `code` of Node's errors; empty where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** The message; of a refused connection to a name with several addresses, which has none, those of all attempts. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
