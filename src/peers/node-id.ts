/** Asks a running node for its id: `fetchNodeID`. */
import { fetchStatus, nodeIDOf, readStatus } from '../seid/rpc.ts'

/** @returns 40 hex digits; rejects with a reason of a few words */
export type NodeIDProbe = (host: string, signal: AbortSignal) => Promise<string>

export const fetchNodeID: NodeIDProbe = async (host, signal) => {
  const id = nodeIDOf(await fetchStatus(host, signal))
  if (id === undefined) throw new Error('an answer without a node id')
  return id
}

/** The id in the body of what GET /status answers. */
export function readNodeID(body: string): string | undefined {
  return nodeIDOf(readStatus(body) ?? {})
}
