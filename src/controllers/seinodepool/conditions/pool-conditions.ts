/** The conditions of a SeiNodePool, each evaluated from one observation: `poolConditions`. Pure; checks are in order of weight. */
import type { PoolConditionType } from '../../../api/conditions.ts'
import { type Condition, findCondition } from '../../../lib/conditions.ts'
import { type PoolFinding, poolCondition, poolProgress } from '../../shared/conditions.ts'
import type { Ceremony } from '../jobs/ceremony.ts'
import { evaluateProgress, PREPARATION_REASONS } from './progress.ts'
import { haltedNetwork } from './halted-network.ts'
import { seidState } from '../../shared/pods/pod-state.ts'
import type { PoolMember } from '../nodes/members.ts'
import type { Preparation } from '../jobs/preparation.ts'
import type { PoolObservation } from '../observation.ts'
import { volumeGrowth } from './volume-growth.ts'

/** All conditions, in the order in which they are shown. */
export function poolConditions(observation: PoolObservation): readonly Condition<PoolConditionType>[] {
  const nodes = evaluateNodes(observation.members, mayNodesExist(observation))
  const growth = volumeGrowth(observation.pool, observation.growth)
  return [
    poolCondition('Ready', evaluateReady(observation)),
    poolCondition('SpecValid', observation.spec),
    poolCondition('GenesisComplete', evaluateGenesis(observation.ceremony)),
    poolCondition('NodesPrepared', evaluatePreparation(observation)),
    poolCondition('NodesReady', nodes),
    ...(growth ? [poolCondition('VolumeGrowth', growth)] : []),
    ...poolProgress(evaluateProgress(observation)),
    poolCondition('Paused', { reason: 'NotPaused', message: 'the operator reconciles the pool' }),
  ]
}

function evaluateReady(observation: PoolObservation): PoolFinding<'Ready'> {
  const { spec, ceremony, preparations, members, rollout, problem, pool } = observation
  const genesis = evaluateGenesis(ceremony)
  if (genesis.reason !== 'Complete') {
    if (spec.reason !== 'Valid' && ceremony.kind === 'stuck') return { reason: 'SpecInvalid', message: spec.message }
    const isUnderWay = ceremony.kind === 'running' || ceremony.kind === 'waiting'
    return { reason: isUnderWay ? 'GenesisRunning' : 'GenesisFailed', message: genesis.message }
  }
  const prepared = evaluatePreparation(observation)
  if (prepared.reason !== 'Prepared') {
    const isUnderWay =
      preparations?.every(({ kind }) => kind === 'prepared' || kind === 'running' || kind === 'waiting') ?? true
    return { reason: isUnderWay ? 'Preparing' : 'PreparationFailed', message: prepared.message }
  }
  const upgrade = upgradeNeeded(members)
  if (upgrade !== undefined) return { reason: 'UpgradeNeeded', message: upgrade }
  if (rollout) return { reason: 'NewGeneration', message: evaluateProgress(observation).message }
  if (problem) return { reason: 'NewGeneration', message: `the spec has not reached the cluster: ${problem.message}` }
  if (members.some(({ live }) => live === undefined)) {
    return { reason: 'CreatingNodes', message: evaluateNodes(members, true).message }
  }
  const stopped = haltedNetwork(members)
  if (stopped !== undefined) return { reason: 'Halted', message: stopped }
  const { firstBlockAt } = pool.status ?? {}
  const isUp = members.every(({ state, pod }) => state === 'ready' || seidState(pod).ready)
  if (isUp && firstBlockAt === undefined && !observation.chain.hasBlocks)
    return { reason: 'NoBlocks', message: noBlocks(observation) }
  const halted = haltedChain(members)
  if (halted !== undefined) return { reason: 'ChainHalted', message: halted }
  if (members.some(({ state }) => state !== 'ready')) {
    return { reason: 'NodesNotReady', message: evaluateNodes(members, true).message }
  }
  const since = firstBlockAt ?? new Date(observation.now).toISOString()
  return {
    reason: 'Ready',
    message: `all ${members.length} nodes are Ready; the first new block was observed at ${since}`,
  }
}

/** A validator stands at an upgrade that the spec has no image for. */
function upgradeNeeded(members: readonly PoolMember[]): string | undefined {
  for (const { names, live } of members) {
    const ready = findCondition(live?.status?.conditions, 'Ready')
    const isCurrent = ready?.observedGeneration === live?.metadata.generation
    if (ready?.reason === 'UpgradeNeeded' && isCurrent) return `${names.node}: ${ready.message}`
  }
  return undefined
}

/** No validator has a new block, as far as they answer. */
function haltedChain(members: readonly PoolMember[]): string | undefined {
  const isAll = members.every(({ health, state }) =>
    state === 'down' ? true : health?.kind === 'ChainHalted' || health?.kind === 'Unknown',
  )
  const halted = members.find(({ health }) => health?.kind === 'ChainHalted')
  const ready = findCondition(halted?.live?.status?.conditions, 'Ready')
  // The SeiNode says it within a moment.
  if (!isAll || !halted || ready?.reason !== 'ChainHalted') return undefined
  return `${halted.names.node}: ${ready.message}`
}

function noBlocks({ members: { length }, chain: { silence } }: PoolObservation): string {
  if (silence !== undefined) {
    return `seid of every node runs, but a height could not be read (${silence}): allow the operator's namespace to reach port 26657`
  }
  const waits = 'seid of every node runs, but no block has been observed yet'
  return length === 2
    ? `${waits}: two validators alone stay in block sync. Connect a third node to both, such as a SeiNode of mode full with this chain's genesis, these two as static peers, and the pool's label sei.io/nodepool`
    : waits
}

function evaluateGenesis(ceremony: Ceremony): PoolFinding<'GenesisComplete'> {
  switch (ceremony.kind) {
    case 'complete':
      return { reason: 'Complete', message: `genesis.json has the SHA-256 ${ceremony.result.genesisHash}` }
    case 'taken-over':
      return {
        reason: 'Complete',
        message: "the pool's nodes already exist: an earlier operator ran the ceremony",
      }
    case 'waiting':
    case 'blocked':
      return { reason: 'VolumesPending', message: ceremony.message }
    case 'running':
      return { reason: 'JobRunning', message: ceremony.message }
    case 'stuck':
      return { reason: 'JobStuck', message: ceremony.message }
    case 'other-network':
      return { reason: 'OtherNetwork', message: ceremony.message }
    case 'failed':
      return {
        reason: 'JobFailed',
        message: `${ceremony.message}. Correct the cause, then set the annotation sei.io/retry-plan to a new value`,
      }
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  'other-genesis':
    ". The operator does not use it. Bind the claim of that name to the volume of this network, or create the pool under another name: deleting this pool does not delete claims that it has not adopted. Deleting the claim permanently deletes that validator's keys, signing state and chain data",
  failed: '. Correct the cause, then set the annotation sei.io/retry-plan to a new value',
}

/** One annotation speaks of all volumes that wait. */
function adviceForReplaced(preparations: readonly Preparation[]): string {
  const values = preparations.flatMap(each =>
    each.kind === 'replaced' && each.accept !== undefined ? each.accept : [],
  )
  const way =
    'To recover, create a claim of that name with the labels sei.io/nodepool and sei.io/nodepool-ordinal, bound to the old PersistentVolume, and accept the uid of that claim'
  const go =
    values.length === 0
      ? '. No replacement can be created, because an earlier operator ran the ceremony'
      : `. To continue with the existing volumes, set the annotation sei.io/accept-volume of the pool to ${values.join(',')}: a volume that holds the validator's files is used as it is, an empty one gets those of the ceremony`
  return `. The signing state of a validator is lost with its volume. First make sure that no pod anywhere runs with its key. ${way}${go}`
}

function evaluatePreparation({ preparations }: PoolObservation): PoolFinding<'NodesPrepared'> {
  if (!preparations) return { reason: 'WaitingForGenesis', message: 'the volumes are prepared after the ceremony' }
  const count = preparations.filter(({ kind }) => kind === 'prepared').length
  for (const [kind, reason] of Object.entries(PREPARATION_REASONS)) {
    const found = preparations.flatMap(each => (each.kind === kind && each.kind !== 'prepared' ? [each.message] : []))
    if (found.length === 0) continue
    const message = `${count} of ${preparations.length} volumes are prepared; ${found.join('; ')}${kind === 'replaced' ? adviceForReplaced(preparations) : (ADVICE[kind] ?? '')}`
    return { reason, message }
  }
  return { reason: 'Prepared', message: `all ${count} volumes hold their validator's files` }
}

/** @param mayExist false before the volumes of the first nodes are prepared */
export function evaluateNodes(members: readonly PoolMember[], mayExist: boolean): PoolFinding<'NodesReady'> {
  if (!mayExist) {
    return { reason: 'WaitingForPreparation', message: 'the nodes are created after the volumes are prepared' }
  }
  const missing = members.filter(({ live }) => live === undefined).map(({ names }) => names.node)
  if (missing.length > 0) return { reason: 'Creating', message: `${missing.join(', ')}: being made` }
  const waiting = members.filter(({ state }) => state !== 'ready').map(withReason)
  const ready = members.length - waiting.length
  if (waiting.length > 0) {
    return {
      reason: 'NotReady',
      message: `${ready} of ${members.length} nodes are Ready; not Ready: ${waiting.join(', ')}`,
    }
  }
  return { reason: 'AllReady', message: `all ${members.length} nodes are Ready` }
}

function withReason({ names, live }: PoolMember): string {
  const ready = findCondition(live?.status?.conditions, 'Ready')
  return ready && ready.status !== 'True' ? `${names.node} (${ready.reason})` : names.node
}

function mayNodesExist({ preparations, members }: PoolObservation): boolean {
  return (
    preparations?.every(({ kind }) => kind === 'prepared') === true || members.some(({ live }) => live !== undefined)
  )
}
