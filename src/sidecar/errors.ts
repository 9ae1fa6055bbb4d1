/** Every way in which a call to a sidecar can fail, as one error whose `kind` says what the caller should do next. */

/**
 * - `unavailable`: no usable answer (refused, reset, timed out, 5xx, not seictl, `persist task:`): ask again later;
 * - `busy`: one task at a time, and one is running (409, v0.0.16 and v0.0.17): submit again later;
 * - `rejected`: the sidecar will never accept this request (400): tell the user;
 * - `unauthorized`: the sidecar or a proxy before it wants an identity (401, 403): tell the user, ask again later.
 */
export type SidecarErrorKind = 'unavailable' | 'busy' | 'rejected' | 'unauthorized'

/**
 * Whether the sidecar may have acted on the request: `no` when the connection was never established or the sidecar
 * refused the request; `unknown` when the request may have been carried out and only the answer is missing.
 */
export type SidecarDelivery = 'no' | 'unknown'

export interface SidecarErrorDetails {
  readonly kind: SidecarErrorKind
  readonly sent: SidecarDelivery
  /** HTTP status, where there was one. */
  readonly status?: number
  /** What the sidecar itself said, verbatim; for a status or event message. */
  readonly detail: string
  /** Nothing at all came back in the time that it had. */
  readonly isSilent?: boolean
  /** It is asked again no sooner. Milliseconds. */
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
