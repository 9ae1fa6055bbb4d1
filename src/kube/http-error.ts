/** Why a request got no complete answer: `HttpError`, with a closed set of kinds. */

/**
 * - `connect`: no connection was established (refused, no such host, TLS refused); nothing was sent.
 * - `closed`: the connection ended or broke before the answer was complete.
 * - `malformed`: the answer is not HTTP/1.1, or its head exceeds a limit.
 * - `too-large`: the body exceeds the limit of the request.
 * - `timeout`: no connection, or no complete answer, in time.
 * - `aborted`: the caller aborted the request; `cause` is the reason of its signal.
 */
export type HttpErrorKind = 'connect' | 'closed' | 'malformed' | 'too-large' | 'timeout' | 'aborted'

export interface HttpErrorDetails {
  /** The server may have received the request, or a part of it. */
  readonly isSent: boolean
  /** The request used a kept connection that ended before an answer began: most likely the server had closed it already. */
  readonly isStale?: boolean
  readonly cause?: unknown
}

export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly kind: HttpErrorKind
  readonly isSent: boolean
  readonly isStale: boolean

  constructor(kind: HttpErrorKind, message: string, { isSent, isStale = false, cause }: HttpErrorDetails) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
    this.isSent = isSent
    this.isStale = isStale
  }
}

/** Converts an error of a socket, the HTTP parser or the body's stream. */
export function httpErrorOf(cause: unknown, isSent: boolean, isStale = false): HttpError {
  if (cause instanceof HttpError) return cause
  const kind = codeOf(cause).startsWith('HPE_') ? 'malformed' : isSent ? 'closed' : 'connect'
  return new HttpError(kind, messageOf(cause), { isSent, isStale: isStale && kind === 'closed', cause })
}

export function isTimeout(error: unknown): error is HttpError {
  return error instanceof HttpError && error.kind === 'timeout'
}

/** Whether a call ended because no answer came in time: for errors that name it as their cause. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && isTimeout(error.cause)
}

/** The `code` of Node's errors; empty where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** The message. A failed connection to several addresses has none; then the messages of all attempts. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  if (!(error instanceof Error)) return String(error)
  // Node's message for a connection that ended in the middle of an answer.
  return error.message === 'aborted' ? 'the connection was closed inside the answer' : error.message
}
