/** Asks a running seid how it is, over its RPC: `fetchStatus`. */
import { get } from 'node:http'
import { SEID_PORTS } from '../api/names.ts'

const TIMEOUT_MS = 5_000
/** A status is some kilobytes. */
const MAX_BODY_BYTES = 1024 * 1024

/** What GET /status answers, without the envelope that other servers of this RPC put around it. Each part may be missing. */
export interface SeidStatus {
  readonly node_info?: { readonly id?: unknown } | null
  readonly sync_info?: { readonly latest_block_height?: unknown; readonly catching_up?: unknown } | null
}

/** Rejects with a reason of a few words. */
export type StatusProbe = (host: string, signal: AbortSignal) => Promise<SeidStatus>

export const fetchStatus: StatusProbe = (host, signal) =>
  new Promise((resolve, reject) => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
    const fail = (error: Error): void =>
      reject(within.aborted ? new Error(`no answer within ${TIMEOUT_MS / 1000} s`, { cause: error }) : error)
    const request = get({ host, port: SEID_PORTS.rpc, path: '/status', agent: false, signal: within }, response => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_BODY_BYTES) request.destroy(new Error(`an answer of more than ${MAX_BODY_BYTES} bytes`))
        else chunks.push(chunk)
      })
      response.on('error', fail)
      response.on('end', () => {
        const status = readStatus(Buffer.concat(chunks).toString('utf8'))
        if (status === undefined) reject(new Error(`an answer that is no status (HTTP ${response.statusCode})`))
        else resolve(status)
      })
    })
    request.on('error', fail)
  })

/** Undefined where the body is no JSON object, or says nothing of a node. */
export function readStatus(body: string): SeidStatus | undefined {
  const answer = parse(body)
  const status: SeidStatus = answer.result ?? answer
  return (status.node_info ?? status.sync_info) ? status : undefined
}

/** The height of the last block that the node has; 0 before the first; undefined where the status does not say. */
export function heightOf({ sync_info }: SeidStatus): number | undefined {
  const height = Number(sync_info?.latest_block_height ?? Number.NaN)
  return Number.isSafeInteger(height) && height >= 0 ? height : undefined
}

/** Whether the node has yet to reach the head of the chain. seid says no before the first block too. */
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
