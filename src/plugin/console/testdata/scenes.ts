/** Scenes of a fleet for tests and the benchmark: `knownNode`, `sceneOf`. */
import { NODE_LABEL, POOL_LABEL } from '../../../api/names.ts'
import type { SeiNodeStatus } from '../../../api/seinode-status.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import type { Condition } from '../../../api/status.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import type { FleetNode } from '../../cluster/fleet.ts'
import type { Live } from '../../cluster/live.ts'
import type { Sample } from '../history.ts'
import type { Scene } from '../scene.ts'

export const NOW = Date.parse('2026-11-27T12:00:00Z')

/** @param secondsAgo before `NOW`, as status has it */
export function ago(secondsAgo: number): string {
  return new Date(NOW - 1000 * secondsAgo).toISOString()
}

export function liveAt(height: number, more: { readonly maxPeerHeight?: number; readonly peers?: number } = {}): Live {
  return {
    kind: 'known',
    answer: {
      nodeID: undefined,
      network: undefined,
      height,
      blockTime: undefined,
      isCatchingUp: false,
      maxPeerHeight: 0,
      validatorAddress: undefined,
      votingPower: undefined,
      peers: 3,
      ...more,
    },
  }
}

export function condition(type: string, status: Condition['status'], reason: string, message = ''): Condition {
  return { type, status, reason, message, lastTransitionTime: ago(120) }
}

export interface NodeMore {
  readonly pool?: string
  readonly status?: SeiNodeStatus
  readonly live?: Live
  readonly chainId?: string
}

/** Running and Ready, unless `status` says otherwise. */
export function knownNode(name: string, more: NodeMore = {}): FleetNode {
  const { pool, chainId = 'net-1', live = liveAt(100) } = more
  const status: SeiNodeStatus = more.status ?? { phase: 'Running', conditions: [condition('Ready', 'True', 'Ready')] }
  const labels = { [NODE_LABEL]: name, ...(pool === undefined ? {} : { [POOL_LABEL]: pool }) }
  return { node: { ...seiNode(name, { chainId }, { labels }), status }, pod: undefined, live }
}

export function sceneOf(
  nodes: readonly FleetNode[],
  pools: readonly SeiNodePool[] = [],
  samples: readonly Sample[] = [],
): Scene {
  return {
    fleet: { nodes, pools },
    samplesOf: () => samples,
    place: 'namespace sei',
    isAllNamespaces: false,
    warning: undefined,
    now: NOW,
  }
}

/** One every 5 s, two blocks a second. */
export function steadySamples(count: number, lag: number | undefined = 0): readonly Sample[] {
  return Array.from({ length: count }, (_, at) => ({ at: NOW - 5000 * (count - 1 - at), height: 100 + 10 * at, lag }))
}
