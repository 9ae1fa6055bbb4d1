/** Queries a running node for its id: `fetchNodeID`. */
import { fetchStatus, readStatus, type SeidStatus } from '../seid/rpc.ts'

const NODE_ID = /^[0-9a-f]{40}$/

/** @returns 40 hex digits; rejects with a short reason */
export type NodeIDProbe = (host: string, signal: AbortSignal) => Promise<string>

export const fetchNodeID: NodeIDProbe = async (host, signal) => {
  const id = nodeIDOf(await fetchStatus(host, signal))
  if (id === undefined) throw new Error('an answer without a node id')
  return id
}

/** Reads the id from the body of GET /status. */
export function readNodeID(body: string): string | undefined {
  return nodeIDOf(readStatus(body) ?? {})
}

function nodeIDOf({ node_info: info }: SeidStatus): string | undefined {
  const id = info?.id
  return typeof id === 'string' && NODE_ID.test(id.toLowerCase()) ? id.toLowerCase() : undefined
}
