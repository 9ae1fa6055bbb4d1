/** Reconciles of a pool as tests find them: `poolObservation`. */
import { seiNodePool } from '../../../build/testdata/pools.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { poolNames } from '../../../build/pool/names.ts'
import { buildPoolNode } from '../../../build/pool/node.ts'
import type { PoolMember } from '../nodes/members.ts'
import { NO_CHAIN, type PoolObservation } from '../observation.ts'

/** 2026-05-01T12:00:00Z, milliseconds since the epoch. */
export const NOW = Date.UTC(2026, 4, 1, 12)

const POOL = { ...seiNodePool('net'), status: { firstBlockAt: '2026-05-01T11:00:00Z' } }
const NODE_IDS = [0, 1, 2, 3].map(index => String(index).repeat(40))

/** One of the pool's nodes: Ready and of the current spec unless told otherwise. */
export function member(index: number, more: Partial<PoolMember> = {}, status: SeiNode['status'] = {}): PoolMember {
  const names = poolNames(POOL).nodes[index]
  if (!names) throw new Error(`there is no node ${index}`)
  const desired = buildPoolNode(POOL, names, undefined)
  const live = { ...desired, status: { phase: 'Running' as const, ...status } }
  return {
    names,
    desired,
    live,
    pod: undefined,
    health: undefined,
    spec: 'current',
    isEarly: false,
    lacksPeers: false,
    state: 'ready',
    ...more,
  }
}

/** A pool of four whose nodes are Ready, unless told otherwise. */
export function poolObservation(more: Partial<PoolObservation> = {}): PoolObservation {
  return {
    pool: POOL,
    spec: { reason: 'Valid', message: 'the spec is valid' },
    problem: undefined,
    ceremony: {
      kind: 'complete',
      result: { genesisHash: 'ab'.repeat(32), nodeIDs: NODE_IDS },
      at: '2026-05-01T10:00:00Z',
      isNew: false,
    },
    preparations: [0, 1, 2, 3].map(index => ({ kind: 'prepared', volumeUID: `uid-${index}`, isNew: false })),
    members: [0, 1, 2, 3].map(index => member(index)),
    pendingClaims: [],
    rollout: undefined,
    chain: NO_CHAIN,
    retryHandled: undefined,
    now: NOW,
    ...more,
  }
}
