/** What is known of each node and its chain, as metrics: `registerNodeMetrics`. Read when they are scraped. */
import type { Registry } from 'prom-client'
import type { SeiNode } from '../../../api/seinode.ts'
import { findCondition } from '../../../lib/conditions.ts'
import type { Store } from '../../../runtime/store.ts'
import { type NodeMeasure, registerNodeGauges } from '../node-metric.ts'
import type { ChainObserver, KnownNode } from './observer.ts'

const MEASURES: readonly NodeMeasure<KnownNode>[] = [
  {
    name: 'sei_node_ready',
    help: '1 where the condition Ready of the SeiNode is True, else 0.',
    value: ({ status }) => (findCondition(status?.conditions, 'Ready')?.status === 'True' ? 1 : 0),
  },
  {
    name: 'sei_node_phase',
    help: '1, with the phase of the SeiNode as the label "state".',
    value: () => 1,
    state: ({ status }) => status?.phase ?? 'Pending',
  },
  {
    name: 'sei_node_chain_state',
    help: '1, with how seid follows its chain as the label "state"; no series while nobody knows.',
    value: (_, { health }) => (health ? 1 : undefined),
    state: (_, { health }) => health?.kind ?? 'Unknown',
  },
  {
    name: 'sei_node_height',
    help: 'Height of the last block that the node has.',
    value: (_, { track }) => track?.last?.height,
  },
  {
    name: 'sei_node_blocks_behind',
    help: 'Blocks between the node and the highest of its chain that is known.',
    value: (_, { track, headHeight }) => track?.last && Math.max(0, headHeight - track.last.height),
  },
  {
    name: 'sei_node_last_block_timestamp_seconds',
    help: 'Time of the last block that the node has, seconds since the epoch; no series before the first.',
    value: (_, { track }) => (track?.last?.blockTime === undefined ? undefined : track.last.blockTime / 1000),
  },
  {
    name: 'sei_node_catching_up',
    help: '1 while seid says that it has yet to reach the head of the chain, else 0.',
    value: (_, { track }) => track?.last && Number(track.last.isCatchingUp),
  },
  { name: 'sei_node_peers', help: 'Connected peers.', value: (_, { track }) => track?.last?.peers },
  {
    name: 'sei_node_voting_power',
    help: 'Voting power of the key of the node; 0 where the validator set does not hold it.',
    value: (_, { track }) => track?.last?.votingPower,
  },
  {
    name: 'sei_node_missed_blocks_ratio',
    help: 'Share of the last sampled blocks that the validator did not sign; no series for a node without voting power.',
    value: (_, { track }) => {
      if (!track?.last?.votingPower || track.signed.length === 0) return undefined
      return track.signed.filter(hasSigned => !hasSigned).length / track.signed.length
    },
  },
  {
    name: 'sei_node_last_stuck_restart_timestamp_seconds',
    help: 'When the operator last restarted the node because it was Stuck, seconds since the epoch; no series before the first time.',
    value: ({ status }) => {
      const { time } = status?.stuckRestarts?.at(-1) ?? {}
      return time === undefined ? undefined : Date.parse(time) / 1000
    },
  },
  {
    name: 'sei_node_stuck_restarts_exhausted',
    help: '1 while the operator restarts the stuck node no more (the reason RestartsExhausted of Ready), else 0; no series without spec.healthPolicy.restartStuckAfter.',
    value: ({ spec, status }) =>
      spec.healthPolicy?.restartStuckAfter === undefined
        ? undefined
        : Number(findCondition(status?.conditions, 'Ready')?.reason === 'RestartsExhausted'),
  },
  {
    name: 'sei_node_answered_timestamp_seconds',
    help: 'When seid last answered the operator, seconds since the epoch.',
    value: (_, { track }) => track?.last && track.last.wall / 1000,
  },
]

export function registerNodeMetrics(
  registry: Registry,
  nodes: Pick<Store<SeiNode>, 'values'>,
  chain: Pick<ChainObserver, 'known'>,
): void {
  registerNodeGauges(registry, MEASURES, nodes, node => chain.known(node))
}
