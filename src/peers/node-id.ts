/** Queries a running node for its id: `fetchNodeID`. */
import { fetchStatus, nodeIDOf, readStatus } from '../seid/rpc.ts'

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
