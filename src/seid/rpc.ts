/** Queries the status of a running seid by its RPC: `fetchStatus`. */
import { SEID_PORTS } from '../api/names.ts'
import { exchange } from '../kube/exchange.ts'
import { HttpError } from '../kube/http-error.ts'

const TIMEOUT_MS = 5_000
/** The same as for a sidecar, because a lost packet is retransmitted after a second. */
const CONNECT_TIMEOUT_MS = 2_000
/** Size limit of an answer. A status has some kilobytes. */
const MAX_BODY_BYTES = 1024 * 1024

/** The answer to GET /status, without the envelope of other servers of this RPC. Any part may be missing. */
export interface SeidStatus {
  readonly node_info?: { readonly id?: unknown } | null
  readonly sync_info?: { readonly latest_block_height?: unknown; readonly catching_up?: unknown } | null
}

/** Rejects with a short reason. */
export type StatusProbe = (host: string, signal: AbortSignal) => Promise<SeidStatus>

/** Keeps no connection, because a node is rarely queried. */
export const fetchStatus: StatusProbe = async (host, signal) => {
  const target = { isSecure: false, host, port: SEID_PORTS.rpc }
  const request = {
    method: 'GET',
    path: '/status',
    headers: {},
    timeoutMs: TIMEOUT_MS,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    maxBodyBytes: MAX_BODY_BYTES,
    signal,
  }
  const { status, text } = await exchange(false, target, request).catch((cause: unknown) => {
    if (!isTimeout(cause)) throw cause
    const [what, ms] = cause.isSent ? ['answer', TIMEOUT_MS] : ['connection', CONNECT_TIMEOUT_MS]
    throw new Error(`no ${what} within ${ms / 1000} s`, { cause })
  })
  const found = readStatus(text)
  if (found === undefined) throw new Error(`an answer that is no status (HTTP ${status})`)
  return found
}

/** Whether the call timed out without any answer. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && isTimeout(error.cause)
}

function isTimeout(error: unknown): error is HttpError {
  return error instanceof HttpError && error.kind === 'timeout'
}

/** Undefined if the body is not a JSON object or not the status of a node. */
export function readStatus(body: string): SeidStatus | undefined {
  const answer = parse(body)
  const status: SeidStatus = answer.result ?? answer
  return (status.node_info ?? status.sync_info) ? status : undefined
}

/** The height of the node's last block; 0 before the first; undefined if the status has none. */
export function heightOf({ sync_info }: SeidStatus): number | undefined {
  const height = Number(sync_info?.latest_block_height ?? Number.NaN)
  return Number.isSafeInteger(height) && height >= 0 ? height : undefined
}

/** Whether the node is catching up with the chain. seid reports false before the first block too. */
export function isCatchingUp({ sync_info }: SeidStatus): boolean {
  return sync_info?.catching_up === true
}

function parse(body: string): SeidStatus & { readonly result?: SeidStatus | null } {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
