/** Every way in which a call to the API server fails: `ApiError`, `TransportError`, `WatchError`. */

/** The request, for messages: `apply`, `statefulsets.apps sei/node-0`. */
export interface Asked {
  readonly operation: string
  readonly object: string
}

export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

/** The parts of a `v1.Status` body that callers read. */
export interface Status {
  readonly code?: number
  readonly reason?: string
  readonly message?: string
  readonly details?: {
    readonly name?: string
    readonly kind?: string
    readonly group?: string
    readonly retryAfterSeconds?: number
    readonly causes?: readonly StatusCause[]
  }
}

/** Limit of Retry-After: a server or proxy that names an hour must not stop a retry for an hour. */
const LONGEST_RETRY_AFTER_MS = 30_000

/** The server answered with a failure. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** The HTTP status code. */
  readonly status: number
  /** `status.reason`, such as `Conflict` or `AlreadyExists`; the HTTP status text where the body was no Status. */
  readonly reason: string
  /** `status.message`, without the request. */
  readonly detail: string
  readonly details: Status['details']
  /** Retry-After of the server, milliseconds, at most a minute. */
  readonly retryAfterMs: number | undefined
  readonly asked: Asked

  constructor(
    asked: Asked,
    httpStatus: number,
    status: Status,
    options: { retryAfterMs?: number; cause?: unknown } = {},
  ) {
    const reason = status.reason ?? 'Unknown'
    const detail = status.message ?? 'no message'
    super(`${asked.operation} ${asked.object}: ${httpStatus} ${reason}: ${detail}`, { cause: options.cause })
    this.status = httpStatus
    this.reason = reason
    this.detail = detail
    this.details = status.details
    const fromBody = status.details?.retryAfterSeconds
    const asksFor = options.retryAfterMs ?? (fromBody ? fromBody * 1000 : undefined)
    this.retryAfterMs = asksFor === undefined ? undefined : Math.min(asksFor, LONGEST_RETRY_AFTER_MS)
    this.asked = asked
  }
}

/**
 * - `connect`: no connection (refused, no such host, TLS refused).
 * - `reset`: the connection broke; a write may or may not have happened.
 * - `timeout`: no whole answer in time; a write may or may not have happened.
 * - `malformed`: a successful answer whose body is not valid JSON.
 * - `too-large`: the answer exceeds this client's limit; a write may have happened.
 * - `credentials`: the token file, exec plugin or OIDC provider gave no credentials; nothing was sent.
 */
export type TransportErrorKind = 'connect' | 'reset' | 'timeout' | 'malformed' | 'too-large' | 'credentials'

/** No usable answer came. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly kind: TransportErrorKind
  readonly asked: Asked

  constructor(asked: Asked, kind: TransportErrorKind, detail: string, options: { cause?: unknown } = {}) {
    super(`${asked.operation} ${asked.object}: ${detail}`, options)
    this.kind = kind
    this.asked = asked
  }
}

/**
 * - `error`: the server sent an ERROR event; `status` is its code (410: the resourceVersion is too old).
 * - `stalled`: silent for longer than the idle timeout.
 * - `malformed`: a line that is no watch event, or is longer than the cap.
 */
export type WatchErrorKind = 'error' | 'stalled' | 'malformed'

/** An open watch failed. */
export class WatchError extends Error {
  override readonly name = 'WatchError'
  readonly kind: WatchErrorKind
  /** The code of the in-stream Status, if there was one. */
  readonly status: number | undefined
  readonly asked: Asked

  constructor(asked: Asked, kind: WatchErrorKind, detail: string, options: { status?: number; cause?: unknown } = {}) {
    super(`${asked.operation} ${asked.object}: ${detail}`, { cause: options.cause })
    this.kind = kind
    this.status = options.status
    this.asked = asked
  }
}

/** Flags, environment and files configure no cluster; the message lists what was tried. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * The object named in the request does not exist. A 404 that does not name the object means that the kind is missing (its CRD
 * is not installed or not served yet), and says nothing about the object.
 */
export function isNotFound(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 404 && error.details?.name !== undefined
}

/** The object was changed by another client, or a precondition failed: read it again. */
export function isConflict(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 409 && error.reason !== 'AlreadyExists'
}

/** A temporary failure (a conflict, an overloaded or restarting server, no answer): the same request may succeed later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof TransportError || isConflict(error)) return true
  return error instanceof ApiError && [429, 503, 504].includes(error.status)
}

/** Whether the request that failed may have changed the object all the same: its answer was lost, or the server gave up on it. */
export function mayHaveWritten(error: unknown): boolean {
  if (error instanceof TransportError) return error.kind !== 'connect' && error.kind !== 'credentials'
  return error instanceof ApiError && error.status >= 500
}

export function isAlreadyExists(error: unknown): error is ApiError {
  return error instanceof ApiError && error.reason === 'AlreadyExists'
}

/** The resourceVersion or continue token is too old (410), in an answer or inside a watch. */
export function isGone(error: unknown): error is ApiError | WatchError {
  return (error instanceof ApiError || error instanceof WatchError) && error.status === 410
}

/** The API server refused the object's content (a schema, CEL or admission rule); `details.causes` names the fields. */
export function isInvalid(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 422
}
