/** What a genesis Job reports in its termination message: `readCeremonyResult`. Pure. */

export interface CeremonyResult {
  /** SHA-256 of genesis.json, 64 hex digits. */
  readonly genesisHash: string
  /** Ids under which peers know the validators, 40 hex digits each, by node from 0 on. */
  readonly nodeIDs: readonly string[]
}

/**
 * Lines `genesis SHA256` and, for each node from 0 on, `INDEX NODEID`.
 * @returns undefined where that is not what the text says of exactly `count` nodes
 */
export function readCeremonyResult(text: string, count: number): CeremonyResult | undefined {
  const [first = '', ...rest] = text.trim().split('\n')
  const genesisHash = /^genesis ([0-9a-f]{64})$/.exec(first)?.[1]
  const nodeIDs = rest.map((line, index) => {
    const [, at, id] = /^([0-9]+) ([0-9a-f]{40})$/.exec(line) ?? []
    return at === String(index) ? id : undefined
  })
  const known = nodeIDs.filter(id => id !== undefined)
  const isComplete = known.length === count && rest.length === count && new Set(known).size === count
  return genesisHash !== undefined && isComplete ? { genesisHash, nodeIDs: known } : undefined
}
