/** The events that a change of status is worth: `transitionEvents`. Pure: none where nothing changed, so none repeats. */
import type { NodeConditionType, NodeReason } from '../../api/conditions.ts'
import type { SeiNodeStatus, TaskPlan } from '../../api/seinode-status.ts'
import { findCondition } from '../../lib/conditions.ts'
import type { InitPlanChange } from '../../plan/init-plan.ts'
import { haltMessage } from '../../plan/halt.ts'
import type { StatusEvent } from '../shared/write-object.ts'
import { currentTask } from '../../plan/task-plan.ts'
import { updateFailure } from './conditions/progress.ts'
import { upgradeEvents } from './upgrades/upgrade-events.ts'

/** Conditions whose trouble is told by events; the others repeat it or are told by the plan's. */
const TOLD: readonly NodeConditionType[] = [
  'SpecValid',
  'VolumeHealthy',
  'VolumeSpace',
  'VolumeGrowth',
  'SidecarReady',
  'Reconciling',
]

/** Reasons that pass by themselves, or that another event tells. */
const UNTOLD: ReadonlySet<string> = new Set([
  'Stable',
  'Halted',
  'SpecInvalid',
  'BootstrapFailed',
  'UpdateFailed',
  'Paused',
  'WaitingForPod',
  'Starting',
  'AwaitingMarkReady',
  'Busy',
  'NoVolume',
  'NotMounted',
  'VolumePending',
  // SpecValid tells.
  'GrowthFailed',
  'GrowthRefused',
  // VolumeHealthy tells.
  'RestartHeld',
  // UpgradesHealthy tells.
  'UpgradeNeeded',
  'UpgradeTooEarly',
])

export function transitionEvents(
  before: SeiNodeStatus | undefined,
  after: SeiNodeStatus,
  change: InitPlanChange,
): readonly StatusEvent[] {
  return [
    ...ofPlan(after.initPlan, planEvents(before, after, change)),
    ...ofPlan(after.updatePlan, updateEvents(before?.updatePlan, after.updatePlan, after.observedGeneration)),
    ...releaseEvents(before, after),
    ...recurringEvents(before, after),
    ...conditionEvents(before, after),
    ...chainEvents(before, after),
    ...restartEvents(before, after),
    ...growthEvents(before, after),
    ...haltEvents(before, after),
    ...upgradeEvents(before, after),
  ]
}

function ofPlan(plan: TaskPlan | undefined, events: readonly StatusEvent[]): readonly StatusEvent[] {
  const { id } = plan ?? {}
  return id === undefined ? events : events.map(event => ({ ...event, occurrence: id }))
}

function planEvents(
  before: SeiNodeStatus | undefined,
  after: SeiNodeStatus,
  change: InitPlanChange,
): readonly StatusEvent[] {
  const events = after.initPlan ? started(change, after.initPlan) : []
  const isNew =
    change === 'created' || change === 'adopted' || change === 'volume-replaced' || change === 'volume-accepted'
  const was = isNew ? undefined : before?.initPlan?.phase
  const phase = after.initPlan?.phase
  if (phase === was) return events
  if (phase === 'Complete' && change !== 'taken-over') {
    events.push({
      type: 'Normal',
      reason: 'PlanComplete',
      note: `bootstrap complete: ${typesOf(after.initPlan)}`,
      action: 'Bootstrap',
    })
  }
  if (phase === 'Failed') {
    const note = findCondition(after.conditions, 'Initialized')?.message ?? ''
    events.push({ type: 'Warning', reason: 'TaskFailed', note, action: 'Bootstrap' })
  }
  return events
}

function started(change: InitPlanChange, plan: TaskPlan): StatusEvent[] {
  const tasks = typesOf(plan)
  const action = 'Bootstrap'
  switch (change) {
    case 'created':
      return [{ type: 'Normal', reason: 'PlanStarted', note: `bootstrap begins: ${tasks}`, action }]
    case 'adopted': {
      const note = `adopted the volume of an earlier node of this name; its state is kept and its configuration rewritten: ${tasks}`
      return [{ type: 'Normal', reason: 'VolumeAdopted', note, action }]
    }
    case 'volume-replaced': {
      const note = `the bootstrapped volume was replaced; the new one is bootstrapped: ${tasks}`
      return [{ type: 'Warning', reason: 'VolumeReplaced', note, action }]
    }
    case 'volume-accepted': {
      const state =
        plan.adoptedFrom === undefined ? 'it is bootstrapped' : 'its state is kept and its configuration rewritten'
      const note = `claim ${plan.volumeUID} is used, as sei.io/accept-volume says; ${state}: ${tasks}`
      return [{ type: 'Normal', reason: 'VolumeAccepted', note, action }]
    }
    case 'taken-over':
      return [{ type: 'Normal', reason: 'PlanTakenOver', note: 'took over the plan of an earlier operator', action }]
    case 'retried':
      return [{ type: 'Normal', reason: 'PlanRetried', note: `the bootstrap continues at ${whereOf(plan)}`, action }]
    case 'reshaped':
      return [
        {
          type: 'Normal',
          reason: 'PlanChanged',
          note: `the tasks of the bootstrap changed with the spec: ${tasks}`,
          action,
        },
      ]
    case 'none':
      return []
  }
}

function typesOf(plan: TaskPlan | undefined): string {
  return plan?.tasks.map(task => task.type).join(', ') ?? ''
}

/** Names the attempt: an event about a plan that repeats another word for word is not posted. */
function whereOf(plan: TaskPlan): string {
  const current = currentTask(plan)
  return current ? `${current.task.type}, attempt ${current.attempt}` : 'its failed task'
}

function updateEvents(
  before: TaskPlan | undefined,
  after: TaskPlan | undefined,
  generation: number | undefined,
): readonly StatusEvent[] {
  if (!after) return []
  const isNew = before?.id !== after.id
  const action = 'UpdateConfig'
  const events: StatusEvent[] = []
  if (isNew) {
    const note = `the configuration of generation ${generation} will be applied: ${typesOf(after)}, then a restart`
    events.push({ type: 'Normal', reason: 'UpdateStarted', note, action })
  }
  if (after.phase === (isNew ? 'Active' : before?.phase)) return events
  if (after.phase === 'Complete') {
    const note = `the configuration of generation ${generation} is on the volume; the pod restarts with it`
    events.push({ type: 'Normal', reason: 'ConfigUpdated', note, action })
  } else if (after.phase === 'Failed') {
    events.push({ type: 'Warning', reason: 'UpdateFailed', note: updateFailure(after), action })
  } else {
    events.push({ type: 'Normal', reason: 'UpdateRetried', note: `the update continues at ${whereOf(after)}`, action })
  }
  return events
}

/** Whoever edits the spec gets more than the edit. */
function releaseEvents(before: SeiNodeStatus | undefined, after: SeiNodeStatus): readonly StatusEvent[] {
  const [was, is] = [before?.rollout, after.rollout]
  const isReleased = was?.phase === 'Waiting' && was.cause === 'Operator' && is?.phase === 'Underway'
  if (!isReleased || is.cause !== 'Spec' || before?.observedGeneration === after.observedGeneration) return []
  const note = `the restart for the changed spec also brings the change of the operator's version or settings that waited for the rollout`
  return [{ type: 'Normal', reason: 'ChangeReleased', note, action: 'Restart' }]
}

function recurringEvents(before: SeiNodeStatus | undefined, after: SeiNodeStatus): readonly StatusEvent[] {
  return (after.recurringTasks ?? []).flatMap(({ type, lastResult }): readonly StatusEvent[] => {
    const earlier = before?.recurringTasks?.find(task => task.type === type)?.lastResult
    const action = type === 'snapshot-upload' ? 'UploadSnapshot' : 'ExportResults'
    if (lastResult?.error !== undefined && lastResult.error !== earlier?.error) {
      return [{ type: 'Warning', reason: 'RecurringTaskFailed', note: `${type} failed: ${lastResult.error}`, action }]
    }
    // Told once after a failure, and for the first time: not for every run.
    const isNews = earlier?.error !== undefined || earlier?.completedAt === undefined
    if (lastResult?.status !== 'Complete' || earlier?.status === 'Complete' || !isNews) return []
    const what = lastResult.message === undefined ? '' : `: ${lastResult.message}`
    return [{ type: 'Normal', reason: 'RecurringTaskSucceeded', note: `${type} succeeded${what}`, action }]
  })
}

/** Reasons of Ready for which a node that followed its chain does so no more. */
const CHAIN_TROUBLE: ReadonlySet<string> = new Set<NodeReason<'Ready'>>([
  'Stuck',
  'RestartsExhausted',
  'NoPeers',
  'ChainHalted',
  'WrongChain',
  'NotSigning',
  'NoAnswer',
])

function chainEvents(before: SeiNodeStatus | undefined, after: SeiNodeStatus): readonly StatusEvent[] {
  const [was, is] = [before, after].map(status => findCondition(status?.conditions, 'Ready'))
  if (!is || is.reason === was?.reason || after.chain?.firstFollowedAt === undefined) return []
  const event = { reason: is.reason, note: is.message, action: 'ObserveChain' }
  if (CHAIN_TROUBLE.has(is.reason)) return [{ ...event, type: 'Warning' }]
  // Trouble often ends with catching up.
  const { state, firstFollowedAt } = before?.chain ?? {}
  const wasOff = CHAIN_TROUBLE.has(was?.reason ?? '') || (state === 'CatchingUp' && firstFollowedAt !== undefined)
  return is.status === 'True' && wasOff ? [{ ...event, type: 'Normal', reason: 'Following' }] : []
}

function restartEvents(before: SeiNodeStatus | undefined, after: SeiNodeStatus): readonly StatusEvent[] {
  const [was, is] = [before, after].map(status => status?.stuckRestarts?.at(-1))
  if (!is || is.time === was?.time) return []
  const note = `the node has been Stuck since ${after.chain?.since}, so the operator deletes its pod, which is recreated`
  return [{ type: 'Warning', reason: 'StuckNodeRestarted', note, action: 'Restart', occurrence: is.time }]
}

/** Of the same claim: what an earlier node asked for is no news. */
function growthEvents(before: SeiNodeStatus | undefined, after: SeiNodeStatus): readonly StatusEvent[] {
  const [was, is] = [before?.dataVolume, after.dataVolume]
  if (!is?.grownAt || is.grownAt === was?.grownAt || is.uid !== was?.uid) return []
  const condition = findCondition(after.conditions, 'VolumeGrowth')
  const note =
    condition?.reason === 'Growing'
      ? condition.message
      : `PersistentVolumeClaim ${is.claimName} was asked to grow at ${is.grownAt}`
  return [{ type: 'Normal', reason: 'VolumeGrowing', note, action: 'GrowVolume', occurrence: is.grownAt }]
}

function haltEvents(before: SeiNodeStatus | undefined, after: SeiNodeStatus): readonly StatusEvent[] {
  const { halt } = after
  if (!halt || before?.halt?.height === halt.height) return []
  return [{ type: 'Normal', reason: 'Halted', note: haltMessage(halt), action: 'Halt' }]
}

function conditionEvents(before: SeiNodeStatus | undefined, after: SeiNodeStatus): readonly StatusEvent[] {
  return TOLD.flatMap(type => {
    const condition = findCondition(after.conditions, type)
    if (!condition || UNTOLD.has(condition.reason)) return []
    if (condition.status !== 'False') return []
    if (findCondition(before?.conditions, type)?.reason === condition.reason) return []
    return [{ type: 'Warning' as const, reason: condition.reason, note: condition.message, action: 'Reconcile' }]
  })
}
