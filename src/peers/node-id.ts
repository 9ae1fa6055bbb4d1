/** Asks a running node for its id: `fetchNodeID`. */
import { get } from 'node:http'

/** Where seid answers, and where its peers connect to. */
export const RPC_PORT = 26657
export const P2P_PORT = 26656

const TIMEOUT_MS = 5_000
/** A status is some kilobytes. */
const MAX_BODY_BYTES = 1024 * 1024
const NODE_ID = /^[0-9a-f]{40}$/

/** @returns 40 hex digits; rejects with a reason of a few words */
export type NodeIDProbe = (host: string, signal: AbortSignal) => Promise<string>

export const fetchNodeID: NodeIDProbe = (host, signal) =>
  new Promise((resolve, reject) => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
    const fail = (error: Error): void =>
      reject(within.aborted ? new Error(`no answer within ${TIMEOUT_MS / 1000} s`, { cause: error }) : error)
    const request = get({ host, port: RPC_PORT, path: '/status', agent: false, signal: within }, response => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_BODY_BYTES) request.destroy(new Error(`an answer of more than ${MAX_BODY_BYTES} bytes`))
        else chunks.push(chunk)
      })
      response.on('error', fail)
      response.on('end', () => {
        const id = readNodeID(Buffer.concat(chunks).toString('utf8'))
        if (id === undefined) reject(new Error(`an answer without a node id (HTTP ${response.statusCode})`))
        else resolve(id)
      })
    })
    request.on('error', fail)
  })

/** The id in what GET /status answers: seid's flat JSON, or the envelope that other servers of this RPC put around it. */
export function readNodeID(body: string): string | undefined {
  const answer = parse(body)
  const { node_info: info } = (answer.result ?? answer) as { readonly node_info?: { readonly id?: unknown } | null }
  const id = info?.id
  return typeof id === 'string' && NODE_ID.test(id.toLowerCase()) ? id.toLowerCase() : undefined
}

function parse(body: string): { readonly result?: object | null } {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
