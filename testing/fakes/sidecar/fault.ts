/** What can go wrong between the operator and a sidecar, for tests to order per request. */

/**
 * - `drop-before`: the connection is cut and nothing was carried out;
 * - `drop-after`: carried out, then the connection is cut without an answer;
 * - `swallow`: nothing is carried out, and nothing ever comes back;
 * - `delay`: carried out at once, answered `ms` later;
 * - `respond`: another answer in place of the real one; carried out only with `handled`.
 */
export type Fault =
  | { readonly kind: 'drop-before' }
  | { readonly kind: 'drop-after' }
  | { readonly kind: 'swallow' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'respond'; readonly status: number; readonly body?: string | object; readonly handled?: boolean }

/** A request as it reached the sidecar. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  /** Parsed where it is JSON. */
  readonly body?: unknown
  /** Epoch milliseconds. */
  readonly receivedAt: number
}
