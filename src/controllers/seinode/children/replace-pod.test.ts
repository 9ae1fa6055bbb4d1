/** Tests of replace-pod.ts: which pods are useless, and from when on they may be deleted. */
import type { ContainerStatus, PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TaskPlan } from '../../../api/seinode-status.ts'
import { type UnfitPod, unfitPod } from './replace-pod.ts'
import { failedPlan, NOW, planOf, podOf } from '../testdata/objects.ts'

const at = (ms: number): string => new Date(NOW + ms).toISOString()

interface PodTimes {
  /** When it was scheduled; undefined: it is not. */
  readonly scheduledAt?: number | undefined
  readonly claimName?: string
  /** When the last run of its sidecar ended. */
  readonly stoppedAt?: number
  readonly clearedAt?: number
  readonly isStarted?: boolean
}

/** Made a minute ago. */
function pod({
  scheduledAt = -60_000,
  claimName = 'data-a',
  stoppedAt,
  clearedAt,
  isStarted = false,
}: PodTimes = {}): Pod {
  const lastState = stoppedAt === undefined ? {} : ended(stoppedAt)
  const made = podOf({ sidecar: { started: isStarted, lastState }, seid: null })
  const { initContainerStatuses = [] } = made.status ?? {}
  const status = { name: 'seid-init', image: 'seid', imageID: '', ready: true, restartCount: 0 }
  const init: ContainerStatus = { ...status, state: clearedAt === undefined ? {} : ended(clearedAt) }
  return {
    ...made,
    spec: { containers: [], volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] },
    status: {
      ...made.status,
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: at(scheduledAt) }],
      initContainerStatuses: [init, ...initContainerStatuses],
    },
  }
}

function ended(ms: number): NonNullable<ContainerStatus['state']> {
  return { terminated: { exitCode: 137, finishedAt: at(ms) } }
}

function claim(createdAt: number): PersistentVolumeClaim {
  return { metadata: { name: 'data-a', creationTimestamp: at(createdAt) } }
}

const TASKS = ['snapshot-restore', 'config-apply', 'mark-ready']
const OLD = claim(-90_000)
const NEW = claim(-30_000)
const unscheduled = { ...pod(), status: { ...pod().status, conditions: [] } }
const restoring = sent(planOf(TASKS))
const killed = pod({ clearedAt: -50_000, stoppedAt: -10_000 })
const interrupted: UnfitPod = { kind: 'interrupted', dueAt: NOW - 60_000 + 300_000 }

const rows: readonly (readonly [
  title: string,
  Pod,
  PersistentVolumeClaim | undefined,
  TaskPlan | undefined,
  UnfitPod?,
])[] = [
  ['a pod that is younger than its claim', pod(), OLD, planOf(TASKS)],
  ['a pod that is older than its claim', pod(), NEW, planOf(TASKS), { kind: 'outdated' }],
  ['one with a bootstrap that failed', pod(), NEW, failedPlan(TASKS, 'x'), { kind: 'outdated' }],
  ['one that the operator may not bootstrap', pod(), NEW, undefined],
  ['one that was bootstrapped', pod(), NEW, planOf(TASKS, TASKS.length)],
  ['one that was scheduled after its claim was made', pod({ scheduledAt: -20_000 }), NEW, planOf(TASKS)],
  ['one that is not scheduled', unscheduled, NEW, planOf(TASKS)],
  ['one that mounts another claim', pod({ claimName: 'data-b' }), NEW, planOf(TASKS)],
  ['a pod without a claim', pod(), undefined, planOf(TASKS)],
  ['a sidecar that stopped in snapshot-restore', killed, OLD, restoring, interrupted],
  ['one that stopped before the task was sent', killed, OLD, planOf(TASKS)],
  [
    'one that stopped before the task was sent to its next run',
    pod({ clearedAt: -50_000, stoppedAt: -45_000 }),
    OLD,
    restoring,
  ],
  ['one that stopped in another task', killed, OLD, sent(planOf(TASKS, 1))],
  ['one that never stopped', pod({ clearedAt: -50_000 }), OLD, restoring],
  ['one that stopped before seid-init ran again', pod({ stoppedAt: -20_000, clearedAt: -10_000 }), OLD, restoring],
  ['one whose seid-init is not told of', pod({ stoppedAt: -10_000 }), OLD, restoring, interrupted],
  ['one beside which seid may run', pod({ clearedAt: -50_000, stoppedAt: -10_000, isStarted: true }), OLD, restoring],
  ['one that stopped in snapshot-restore, in a pod older than its claim', killed, NEW, restoring, { kind: 'outdated' }],
]

for (const [title, made, found, plan, expected] of rows) {
  test(`${title} ${expected ? `is ${expected.kind}` : 'is fit'}`, () => {
    assert.deepEqual(unfitPod(made, found, plan), expected)
  })
}

/** Its first task that is not complete was sent. */
function sent(plan: TaskPlan): TaskPlan {
  const next = plan.tasks.findIndex(({ status }) => status !== 'Complete')
  const task = plan.tasks[next]
  assert.ok(task)
  return { ...plan, tasks: plan.tasks.with(next, { ...task, status: 'Submitted', submittedAt: at(-40_000) }) }
}
