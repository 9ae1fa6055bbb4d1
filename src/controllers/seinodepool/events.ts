/** The events that a change of a pool's status is worth: `poolEvents`. Pure: none where nothing changed, so none repeats. */
import type { PoolConditionType } from '../../api/conditions.ts'
import type { SeiNodePoolStatus } from '../../api/seinodepool-status.ts'
import type { Condition } from '../../api/status.ts'
import { findCondition } from '../../lib/conditions.ts'
import { changeGiven } from './conditions/progress.ts'
import type { StatusEvent } from '../shared/write-object.ts'
import type { RolloutView } from './observation.ts'

/** Conditions that tell of a step that is over, and how its event is called. */
const STEPS = [
  { type: 'GenesisComplete', reason: 'GenesisComplete', action: 'HoldCeremony' },
  { type: 'NodesPrepared', reason: 'NodesPrepared', action: 'PrepareVolumes' },
  { type: 'Ready', reason: 'NetworkReady', action: 'Reconcile' },
] as const satisfies readonly { readonly type: PoolConditionType; readonly reason: string; readonly action: string }[]

/** Conditions whose trouble is told, with the reasons that are trouble. */
const TROUBLE: Partial<Record<PoolConditionType, ReadonlySet<string>>> = {
  SpecValid: new Set([
    'StorageClassNotFound',
    'DataVolumeTooSmall',
    'ExpansionNotAllowed',
    'ExpansionFailed',
    'ResizeRefused',
    'SettingRefused',
  ]),
  GenesisComplete: new Set(['JobStuck', 'JobFailed', 'OtherNetwork']),
  NodesPrepared: new Set([
    'JobStuck',
    'JobFailed',
    'OtherGenesis',
    'VolumeLeaving',
    'VolumeLost',
    'VolumeForeign',
    'VolumeReplaced',
  ]),
  // SpecValid tells of the others.
  VolumeGrowth: new Set(['MaxSizeReached', 'GrowthNotAllowed']),
  Reconciling: new Set([
    'RolloutHalted',
    'PeersUnknown',
    'ForeignObject',
    'ApplyRefused',
    'DeleteRefused',
    'OperatorError',
    'Rewritten',
    'DeletionStalled',
  ]),
}

/** What a reconcile did that status does not tell. */
export interface PoolNews {
  readonly rollout?: RolloutView | undefined
  /** UIDs and names of claims that an earlier pool of this name left behind. */
  readonly kept?: ReadonlyMap<string, string> | undefined
}

/** @param news of the reconcile that `after` tells of */
export function poolEvents(
  before: SeiNodePoolStatus | undefined,
  after: SeiNodePoolStatus,
  { rollout: rolling, kept = new Map<string, string>() }: PoolNews,
): readonly StatusEvent[] {
  return [
    ...rollout(before, after, rolling),
    ...adopted(before, after, kept),
    ...steps(before, after),
    ...retried(before, after),
    ...trouble(before, after),
  ]
}

/** Of the claims that were found, those that have just come on record. */
function adopted(
  before: SeiNodePoolStatus | undefined,
  after: SeiNodePoolStatus,
  kept: ReadonlyMap<string, string>,
): readonly StatusEvent[] {
  const known = new Set(volumesOf(before))
  const names = volumesOf(after).flatMap(uid => (known.has(uid) ? [] : (kept.get(uid) ?? [])))
  if (names.length === 0) return []
  const note = `adopted the volumes retained from an earlier pool of this name, with their keys and state: ${names.join(', ')}`
  return [{ type: 'Normal', reason: 'VolumeAdopted', note, action: 'PrepareVolumes' }]
}

function volumesOf(status: SeiNodePoolStatus | undefined): readonly string[] {
  const uids = [status?.genesis?.volumeUID, ...(status?.nodes ?? []).map(({ dataVolumeUID }) => dataVolumeUID)]
  return uids.filter(uid => uid !== undefined)
}

function steps(before: SeiNodePoolStatus | undefined, after: SeiNodePoolStatus): readonly StatusEvent[] {
  return STEPS.flatMap(({ type, reason, action }): readonly StatusEvent[] => {
    const now = findCondition(after.conditions, type)
    if (now?.status !== 'True' || findCondition(before?.conditions, type)?.status === 'True') return []
    return [{ type: 'Normal', reason, note: now.message, action }]
  })
}

/** Each node that a rollout comes to, and its end. */
function rollout(
  before: SeiNodePoolStatus | undefined,
  after: SeiNodePoolStatus,
  rolling: RolloutView | undefined,
): readonly StatusEvent[] {
  const was = findCondition(before?.conditions, 'Reconciling')
  const now = findCondition(after.conditions, 'Reconciling')
  const action = 'RollOut'
  if (rolling && rolling.changed.length > 0) {
    const note = changeGiven(rolling.cause, rolling.changed)
    return [{ type: 'Normal', reason: 'RollingOut', note, action }]
  }
  if (was && isRolling(was) && (now?.reason === 'Stable' || now?.reason === 'Rewritten')) {
    return [{ type: 'Normal', reason: 'RolledOut', note: 'every node is up to date', action }]
  }
  return []
}

function isRolling({ reason }: Condition): boolean {
  return reason === 'RollingOut' || reason === 'RolloutHalted'
}

function retried(before: SeiNodePoolStatus | undefined, after: SeiNodePoolStatus): readonly StatusEvent[] {
  const { retryHandled } = after
  if (retryHandled === undefined || retryHandled === before?.retryHandled) return []
  const note = `retrying what failed, as requested by sei.io/retry-plan: ${retryHandled}`
  return [{ type: 'Normal', reason: 'Retried', note, action: 'Retry' }]
}

function trouble(before: SeiNodePoolStatus | undefined, after: SeiNodePoolStatus): readonly StatusEvent[] {
  return (after.conditions ?? []).flatMap((condition): readonly StatusEvent[] => {
    const { type, reason, message } = condition
    if (!isPoolCondition(type) || TROUBLE[type]?.has(reason) !== true) return []
    if (findCondition(before?.conditions, type)?.reason === reason) return []
    return [{ type: 'Warning', reason, note: message, action: 'Reconcile' }]
  })
}

function isPoolCondition(type: string): type is PoolConditionType {
  return Object.hasOwn(TROUBLE, type)
}
