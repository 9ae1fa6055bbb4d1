/** Failures of calls to a sidecar: `SidecarError`, whose `kind` decides what the caller does next. */

/**
 * - `unavailable`: no usable answer (refused, reset, timed out, 5xx, not seictl, `persist task:`): retry later;
 * - `busy`: the sidecar runs one task at a time, and one is running (409, v0.0.16 and v0.0.17): submit again later;
 * - `rejected`: the sidecar will never accept this request (400): tell the user;
 * - `unauthorized`: the sidecar or a proxy before it requires credentials (401, 403): tell the user, retry later.
 */
export type SidecarErrorKind = 'unavailable' | 'busy' | 'rejected' | 'unauthorized'

/**
 * Whether the sidecar may have processed the request: `no` if the connection was never established or the sidecar refused
 * the request; `unknown` if only the answer may be missing.
 */
export type SidecarDelivery = 'no' | 'unknown'

export interface SidecarErrorDetails {
  readonly kind: SidecarErrorKind
  readonly sent: SidecarDelivery
  /** HTTP status, if there was an answer. */
  readonly status?: number
  /** The sidecar's own message, verbatim, for a status or event message. */
  readonly detail: string
  /** The call timed out without any answer. */
  readonly isSilent?: boolean
  /** The earliest time of a retry. Milliseconds. */
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

export class SidecarError extends Error {
  override readonly name = 'SidecarError'
  readonly kind: SidecarErrorKind
  readonly sent: SidecarDelivery
  readonly status: number | undefined
  readonly detail: string
  readonly isSilent: boolean
  readonly retryAfterMs: number | undefined

  constructor(message: string, details: SidecarErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.kind = details.kind
    this.sent = details.sent
    this.status = details.status
    this.detail = details.detail
    this.isSilent = details.isSilent === true
    this.retryAfterMs = details.retryAfterMs
  }
}
