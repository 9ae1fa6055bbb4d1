/** Status of a SeiNode: `seiNodeStatus`. It accepts statuses that other versions of the operator wrote. */
import { z } from 'zod'
import { MAX_OVERRIDE_KEYS, MAX_PLAN_TASKS, MAX_RETRY_TOKEN, MAX_STUCK_RESTARTS, MAX_TASK_ERROR } from './limits.ts'
import { int32, int64, timestamp, uid } from './scalars.ts'
import { MAX_UPGRADE_NAME } from './upgrades.ts'
import { conditions, observedGeneration, phase } from './status.ts'

const configHash = z.string().max(128)

const overrideKeys = z.array(z.string().max(128).describe('One key.')).max(MAX_OVERRIDE_KEYS)

const plannedTask = z.object({
  type: z.string().max(128).describe('Task of the sidecar, such as config-apply.'),
  taskID: uid.describe('Id under which the sidecar knows the task.').exactOptional(),
  status: z.enum(['Pending', 'Submitted', 'Complete', 'Failed']).describe('How far the task is.'),
  attempt: int32(0).describe('Counts the submissions that were meant as new ones, from 1.').exactOptional(),
  submittedAt: timestamp.describe('When the sidecar accepted the task.').exactOptional(),
  completedAt: timestamp.describe('When the task was seen to be over.').exactOptional(),
  overrideKeys: overrideKeys.describe('Keys that the task sets, while it runs.').exactOptional(),
  specHash: z
    .string()
    .max(128)
    .describe('Hash of what the spec said of the snapshot when the task was sent.')
    .exactOptional(),
  error: z.string().max(MAX_TASK_ERROR).describe("The sidecar's error, verbatim.").exactOptional(),
  note: z.string().max(MAX_TASK_ERROR).describe('What was done in another way than planned, and why.').exactOptional(),
})

const taskPlan = z.object({
  id: uid.describe('Id of the plan; the ids of its tasks are derived from it.').exactOptional(),
  phase: z.enum(['Active', 'Complete', 'Failed']).describe('A failed plan waits for the annotation sei.io/retry-plan.'),
  volumeUID: uid.describe('UID of the PersistentVolumeClaim that the plan worked on.').exactOptional(),
  configHash: configHash.describe('Hash of the configuration that the plan applies.').exactOptional(),
  overrideKeys: overrideKeys.describe('Keys that may be set on the volume because of the plan.').exactOptional(),
  supersedes: uid.describe('Id of an unfinished plan that had written to the volume before.').exactOptional(),
  unreadableFor: z
    .string()
    .max(256)
    .describe(
      'Start of the sidecar (container id) that cannot read the configuration on the volume, which a newer version wrote: the plan writes it anew as a whole.',
    )
    .exactOptional(),
  caughtUpAt: timestamp.describe('When the node first kept up with the chain after the plan.').exactOptional(),
  snapshotHash: z
    .string()
    .max(128)
    .describe('Hash of the snapshot that the spec named when the plan completed.')
    .exactOptional(),
  adoptedFrom: uid
    .describe(
      'Id of the plan that bootstrapped the volume before, for a node of the same name; the UID of the claim where its volume was filled from a snapshot and nothing names a plan.',
    )
    .exactOptional(),
  retryHandled: z
    .string()
    .max(MAX_RETRY_TOKEN)
    .describe('Value of the annotation sei.io/retry-plan that was acted on last.')
    .exactOptional(),
  tasks: z
    .array(plannedTask.describe('One task.'))
    .max(MAX_PLAN_TASKS)
    .describe('The tasks, in the order in which they run.'),
})

const recurringTask = z.object({
  type: z.string().max(128).describe('Task of the sidecar: snapshot-upload or result-export.'),
  schedule: z.string().max(128).describe('Cron expression that the times below follow.').exactOptional(),
  lastScheduleTime: timestamp.describe('The slot that ran last, or runs.').exactOptional(),
  nextScheduleTime: timestamp.describe('The slot that runs next.').exactOptional(),
  taskID: uid.describe('Id under which the sidecar knows the last run.').exactOptional(),
  attempt: int32(0).describe('Counts the submissions of that run, from 1.').exactOptional(),
  note: z
    .string()
    .max(MAX_TASK_ERROR)
    .describe('What the sidecar does in another way than the spec says.')
    .exactOptional(),
  resultUnknown: z
    .boolean()
    .describe("The run may never end, and the sidecar's release does not say whether it succeeds.")
    .exactOptional(),
  lastResult: z
    .object({
      status: z.enum(['Running', 'Complete', 'Failed']).describe('How the last run ended, or that it runs.'),
      completedAt: timestamp.describe('When a run was last seen to be over.').exactOptional(),
      error: z
        .string()
        .max(MAX_TASK_ERROR)
        .describe("The sidecar's error, verbatim; it stays until a run succeeds.")
        .exactOptional(),
      message: z
        .string()
        .max(MAX_TASK_ERROR)
        .describe('What the last run that succeeded did, where the sidecar tells.')
        .exactOptional(),
    })
    .describe('Outcome of the last run.')
    .exactOptional(),
})

const rollout = z.object({
  phase: z
    .enum(['Waiting', 'Underway'])
    .describe(
      'Waiting: a change that restarts the pod waits for other nodes. Underway: the node has it, or gets it now.',
    ),
  cause: z.enum(['Spec', 'Operator']).describe("What changed: the spec, or the operator's version or settings."),
  revision: z.string().max(64).describe('Hash of the pod template and the configuration that the node gets.'),
  since: timestamp.describe('When the phase began.'),
  node: z.string().max(318).describe('SeiNode, as NAMESPACE/NAME, that the node waits for.').exactOptional(),
})

/** How a node follows its chain. */
export const CHAIN_STATES = [
  'Following',
  'CatchingUp',
  'Stuck',
  'NoPeers',
  'ChainHalted',
  'WrongChain',
  'NotSigning',
  'Unknown',
] as const

const chain = z.object({
  state: z.enum(CHAIN_STATES).describe('How seid follows its chain; the condition Ready says more.'),
  since: timestamp.describe('When the operator observed the transition to this state.'),
  containerID: z.string().max(256).describe('The start of seid that was observed: the id of its container.'),
  height: int64(0).describe('Height of the last block at that time. The present one is a metric.').exactOptional(),
  nodeId: z.string().max(40).describe('Id of the node in the p2p network, as seid reports it.').exactOptional(),
  validatorAddress: z
    .string()
    .max(128)
    .describe('Consensus address of its key, if the validator set held it when seid last answered.')
    .exactOptional(),
  firstFollowedAt: timestamp.describe('When the node was first observed to follow the chain.').exactOptional(),
})

const upgradeAhead = {
  height: int64(0).describe('Height of the upgrade.'),
  name: z.string().max(MAX_UPGRADE_NAME).describe('Name of the upgrade.').exactOptional(),
}

const upgrade = z.object({
  image: z.string().max(512).describe('Image of seid in effect, which may be another than spec.image.'),
  height: int64(0)
    .describe('Height of the last upgrade that the node reached. Absent before the first.')
    .exactOptional(),
  name: z.string().max(MAX_UPGRADE_NAME).describe('Name of that upgrade.').exactOptional(),
  next: z
    .object({
      ...upgradeAhead,
      expectedAt: timestamp
        .describe('When the chain gets there at its pace, in steps of an hour, or of a day where it is far away.')
        .exactOptional(),
    })
    .describe('The next upgrade of the spec.')
    .exactOptional(),
  voted: z
    .object({
      ...upgradeAhead,
      expectedAt: timestamp
        .describe('When the chain gets there at its pace, in steps of an hour, or of a day where it is far away.')
        .exactOptional(),
    })
    .describe('The upgrade that the chain has voted for and has not reached.')
    .exactOptional(),
})

const stuckRestart = z.object({
  time: timestamp.describe('When the operator decided it. The deletion of the pod follows.'),
  containerID: z.string().max(256).describe('The start of seid that was stuck: the id of its container.'),
  followedAt: timestamp.describe('When the node was observed to follow the chain after it.').exactOptional(),
})

export const seiNodeStatus = z.object({
  observedGeneration: observedGeneration.exactOptional(),
  phase: phase
    .describe('Where the node is in its life. Running: bootstrapped, and seid runs; see Ready for more.')
    .exactOptional(),
  mode: z.string().max(32).describe('The mode in effect: spec.mode, its default, or replayer.').exactOptional(),
  conditions: conditions
    .describe(
      'Ready, SpecValid, VolumeHealthy, VolumeSpace, Initialized, SidecarReady, Reconciling, Stalled, UpgradesHealthy, RuntimeTasksHealthy and Paused; VolumeGrowth with spec.storage.autoGrow.',
    )
    .exactOptional(),
  dataVolume: z
    .object({
      claimName: z.string().max(253).describe('Name of the PersistentVolumeClaim.'),
      uid: uid.describe('UID of the PersistentVolumeClaim.').exactOptional(),
      use: z
        .string()
        .max(8)
        .describe(
          'Share of the volume, or of its inodes, that is in use, in steps of 5 %. The present one is a metric.',
        )
        .exactOptional(),
      fullOn: z
        .string()
        .max(10)
        .describe("Day, in UTC, on which it is full at today's pace, if that is soon.")
        .exactOptional(),
      fileSystemBytes: int64(0)
        .describe('Capacity of its file system when use was written last; of a volume that grows by itself.')
        .exactOptional(),
      grownAt: timestamp
        .describe('When the operator last asked for a growth of it (storage.autoGrow).')
        .exactOptional(),
      growths: int32(0).describe('How many growths it has asked for.').exactOptional(),
    })
    .describe('The data volume that the node uses.')
    .exactOptional(),
  validator: z
    .object({
      consensusAddress: z
        .string()
        .max(128)
        .describe('Consensus address of the key on the volume, as the last start of the pod found it.'),
      reservation: z
        .string()
        .max(253)
        .describe("Name of the Lease in the operator's namespace by which this node alone may run the key.")
        .exactOptional(),
    })
    .describe('The key that a node of mode validator signs with.')
    .exactOptional(),
  appliedConfig: z
    .object({
      hash: configHash.describe('Hash of what the spec says of the configuration.'),
      overrideKeys: overrideKeys.describe('Keys that are set.'),
      restart: z
        .string()
        .max(128)
        .describe('Set where seid may have read another configuration meanwhile, and is restarted for this one.')
        .exactOptional(),
    })
    .describe("The configuration that is on the node's volume.")
    .exactOptional(),
  initPlan: taskPlan.describe('The bootstrap: what the sidecar does before seid starts.').exactOptional(),
  updatePlan: taskPlan.describe('The last change of configuration after the bootstrap.').exactOptional(),
  chain: chain
    .describe('What seid reported of its chain at the last transition. Written on transitions alone.')
    .exactOptional(),
  halt: z
    .object({
      height: int64(0).describe('Height of the last block on the volume.'),
      targetHeight: int64(0).describe('spec.haltHeight that it has reached.'),
    })
    .describe('Where the node is halted. Absent while it is not.')
    .exactOptional(),
  stuckRestarts: z
    .array(stuckRestart.describe('One restart.'))
    .max(MAX_STUCK_RESTARTS)
    .describe('The last restarts of the node because it was Stuck (spec.healthPolicy), oldest first.')
    .exactOptional(),
  upgrade: upgrade
    .describe('Where the node is among the upgrades of its chain. Absent where none is in the spec or known.')
    .exactOptional(),
  rollout: rollout.describe('A change on its way to the pod. Absent while there is none.').exactOptional(),
  recurringTasks: z
    .array(recurringTask.describe('One recurring task.'))
    .max(8)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
    .describe('What the sidecar does again and again while the node runs.')
    .exactOptional(),
})

export type SeiNodeStatus = z.infer<typeof seiNodeStatus>
export type TaskPlan = z.infer<typeof taskPlan>
export type PlannedTask = z.infer<typeof plannedTask>
export type NodeRollout = z.infer<typeof rollout>
export type UpgradeStatus = z.infer<typeof upgrade>
export type StuckRestart = z.infer<typeof stuckRestart>
export type RecurringTask = z.infer<typeof recurringTask>
