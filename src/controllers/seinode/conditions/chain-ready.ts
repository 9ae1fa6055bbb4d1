/** What Ready says of a node whose seid runs, from how it follows its chain: `evaluateFollowing`. Pure. */
import { MAX_STUCK_RESTARTS } from '../../../api/limits.ts'
import { SEID_PORTS } from '../../../api/names.ts'
import type { SeiNodeStatus } from '../../../api/seinode-status.ts'
import type { ChainHealth, SigningRecord } from '../../../chain/health.ts'
import { findCondition } from '../../../lib/conditions.ts'
import type { NodeFinding } from '../../shared/conditions.ts'
import { seidStart, seidState } from '../../shared/pods/pod-state.ts'
import type { Observation } from '../observation.ts'

const IN_SYNC: NodeFinding<'Ready'> = { reason: 'Ready', message: 'seid is running and follows the chain' }
const NOT_IN_SYNC: NodeFinding<'Ready'> = {
  reason: 'CatchingUp',
  message: 'seid is running but does not yet report that it is in sync with the chain',
}

/** The readiness probe of the kubelet is a part of it: what it refuses gets no traffic. */
export function evaluateFollowing(observation: Observation): NodeFinding<'Ready'> {
  const { chain, chainAnswer, pod } = observation
  const isProbed = seidState(pod).ready
  if (!chain) return recorded(observation, isProbed)
  if (chain.kind === 'Following') return isProbed ? IN_SYNC : NOT_IN_SYNC
  // The RPC is closed while seid starts, and during state sync.
  const hasAnswered = chainAnswer !== undefined || recordOf(observation)?.height !== undefined
  if (chain.kind === 'Unknown' && !hasAnswered && !isProbed) return NOT_IN_SYNC
  const message = chainMessage(chain, observation)
  return chain.kind === 'Stuck' ? stuck(message, observation) : { reason: reasonOf(chain), message }
}

/** What status says of this start of seid. */
function recordOf({ node, pod }: Observation): NonNullable<SeiNodeStatus['chain']> | undefined {
  const { chain } = node.status ?? {}
  return chain?.containerID === seidStart(pod) ? chain : undefined
}

/** A new process queries each node within seconds. Until then, what status says of this start of seid holds. */
function recorded(observation: Observation, isProbed: boolean): NodeFinding<'Ready'> {
  const { status } = observation.node
  const record = recordOf(observation)
  // A status of an earlier version of the operator has no record.
  const hasFollowed = status?.chain ? record?.state === 'Following' : status?.initPlan?.caughtUpAt !== undefined
  if (hasFollowed) return isProbed ? IN_SYNC : NOT_IN_SYNC
  const stored = findCondition(status?.conditions, 'Ready')
  const reason = record && record.state !== 'Following' ? reasonOf({ kind: record.state }) : undefined
  if (reason === 'Stuck' && stored?.reason === 'RestartsExhausted')
    return { reason: stored.reason, message: stored.message }
  return reason !== undefined && stored?.reason === reason ? { reason, message: stored.message } : NOT_IN_SYNC
}

function stuck(message: string, { stuckRestart }: Observation): NodeFinding<'Ready'> {
  switch (stuckRestart?.kind) {
    case 'waiting':
      return { reason: 'Stuck', message: `${message}. The operator restarts it at ${timeOf(stuckRestart.dueAt)}` }
    case 'exempt':
    case 'refused':
      return { reason: 'Stuck', message: `${message}. The operator does not restart it: ${stuckRestart.why}` }
    case 'exhausted': {
      const { until, lastAt } = stuckRestart
      const last = timeOf(lastAt)
      const why =
        until === undefined
          ? `The operator restarted it at ${last}, and does not do so again until it has followed the chain`
          : `The operator restarted it ${MAX_STUCK_RESTARTS} times in 24 h, the last time at ${last}, and does not do so again before ${timeOf(until)}`
      return { reason: 'RestartsExhausted', message: `${message}. ${why}` }
    }
    case 'recording':
    case 'restarting':
      return { reason: 'Stuck', message: `${message}. The operator restarts it now` }
    case 'none':
    case undefined:
      return { reason: 'Stuck', message }
  }
}

function reasonOf({
  kind,
}: {
  readonly kind: Exclude<ChainHealth['kind'], 'Following'>
}): NodeFinding<'Ready'>['reason'] {
  return kind === 'Unknown' ? 'NoAnswer' : kind
}

/** What is wrong and what to do, in one message for condition and event. */
function chainMessage(chain: ChainHealth, { node, pod }: Pick<Observation, 'node' | 'pod'>): string {
  const { chainId } = node.spec
  const podName = pod?.metadata?.name ?? ''
  switch (chain.kind) {
    case 'Following':
      return IN_SYNC.message
    case 'CatchingUp':
      return catchingUp(chain)
    case 'Stuck': {
      const log = `Read its log: kubectl logs -n ${node.metadata.namespace} ${podName} -c seid`
      return chain.headHeight === undefined
        ? `${standing(chain)}. The operator knows no other node of chain ${chainId}, so either the node or the chain stands still. Compare the height with that of another node of the chain. ${log}`
        : `${standing(chain)}, while other nodes of chain ${chainId} are at ${chain.headHeight}. ${log}`
    }
    case 'NoPeers':
      return `${standing(chain)}: it is connected to no peer. Check spec.peers, and that NetworkPolicies and firewalls let it reach port ${SEID_PORTS.p2p} of its peers`
    case 'ChainHalted': {
      const block = chain.height === 0 ? 'no block was made yet' : `the last block is of ${timeOf(chain.since)}`
      const seen =
        chain.answering === 1 ? 'no other node answers' : `all ${chain.answering} nodes that answer stand still`
      return `chain ${chainId} makes no blocks: ${block}, height ${chain.height}; ${seen}. Check that validators with more than two thirds of the voting power run`
    }
    case 'WrongChain':
      return `seid is a node of chain ${chain.network}, and spec.chainId is ${chainId}: the genesis or the snapshot on the volume is of another chain`
    case 'NotSigning':
      return `the node follows the chain, but its validator ${misses(chain.record)}. Check in its log that it votes, and that its key is the one of the validator`
    case 'Unknown':
      return `seid has not answered the operator since ${timeOf(chain.since)}: ${chain.silence}. Check that seid responds, and that NetworkPolicies let the operator reach port ${SEID_PORTS.rpc} of pod ${podName}`
  }
}

function standing({ height, since, isValidator }: Extract<ChainHealth, { isValidator: boolean }>): string {
  const signing = isValidator ? ' and signs nothing' : ''
  return `the node has had no new block since ${timeOf(since)}, stands at height ${height}${signing}`
}

function misses({ missed, sampled }: SigningRecord): string {
  return `did not sign ${missed} of the last ${sampled} sampled blocks`
}

function catchingUp({ height, blocksLeft, closing }: Extract<ChainHealth, { kind: 'CatchingUp' }>): string {
  if (blocksLeft === undefined) return NOT_IN_SYNC.message
  const pace =
    closing === undefined
      ? ''
      : `; the distance shrinks by ${closing.toPrecision(2)} blocks a second: about ${duration(blocksLeft / closing)}`
  return `seid is at height ${height}, ${blocksLeft} blocks behind the chain${pace}`
}

/** @param seconds of a wait */
function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
