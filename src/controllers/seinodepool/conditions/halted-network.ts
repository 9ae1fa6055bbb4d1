/** Whether a pool's network is halted at `nodeConfiguration.haltHeight`: `haltedNetwork`. Pure. */
import type { PoolMember } from '../nodes/members.ts'

/**
 * A validator may stand one block below the others for good: they had the votes for the last block, ended, and did not pass
 * them on. It has the block when the network continues.
 * @returns what to say of it; undefined while a node follows the chain, or is about to start
 */
export function haltedNetwork(members: readonly PoolMember[]): string | undefined {
  const halted = members.flatMap(({ state, live, names }) =>
    state === 'halted' && live?.status?.halt ? [{ name: names.node, ...live.status.halt }] : [],
  )
  const [first] = halted
  const others = members.filter(({ state }) => state !== 'halted')
  if (!first || others.some(member => !isStanding(member))) return undefined
  const heights = halted.map(({ name, height }) => `${name} at ${height}`).join(', ')
  const standing = others.map(({ names }) => names.node)
  const rest =
    standing.length === 0
      ? ''
      : `. ${standing.join(', ')} did not receive the last block before the others ended, and receives it when the network continues`
  return `${halted.length} of ${members.length} nodes are halted at nodeConfiguration.haltHeight ${first.targetHeight}: ${heights}${rest}. To continue, raise or remove nodeConfiguration.haltHeight`
}

const STANDING: ReadonlySet<string> = new Set(['Stuck', 'NoPeers', 'ChainHalted'])

function isStanding({ state, health }: PoolMember): boolean {
  return (state === 'running' || state === 'ready') && health !== undefined && STANDING.has(health.kind)
}
