/** What Reconciling and Stalled say, the most useful thing first. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateProgress } from './progress.ts'
import type { Observation } from '../observation.ts'
import { failedPlan, NOW, planOf, podOf, statefulSetOf } from '../testdata/objects.ts'
import { observationOf, TASKS } from '../testdata/observation.ts'

const { children } = observationOf()
const starting: Partial<Observation> = { plan: planOf(TASKS, 1), sidecar: { kind: 'bootstrapping' } }
const stuck = podOf({ ready: false, seid: { state: { waiting: { reason: 'ImagePullBackOff' } } } })
const invalid: Observation['spec'] = {
  reason: 'StorageClassNotFound',
  message: 'StorageClass fast is missing',
  blocks: false,
}
const foreign = { reason: 'ForeignObject', message: 'Service a belongs to Helm' } as const
const young = { ...children, statefulSet: statefulSetOf(undefined, 9_999) }

const FAILED_MOUNT = { reason: 'FailedMount', message: 'volume is busy', at: NOW }

/** A pod of which its kubelet says nothing since then. */
function unstarted(forMs: number): ReturnType<typeof podOf> {
  const pod = podOf({ sidecar: null, seid: null, ip: undefined })
  const lastTransitionTime = new Date(NOW - forMs).toISOString()
  return {
    ...pod,
    spec: { containers: [], nodeName: 'm-1' },
    status: { conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime }] },
  }
}

function unschedulable(forMs: number): ReturnType<typeof podOf> {
  const lastTransitionTime = new Date(NOW - forMs).toISOString()
  const reason = { reason: 'Unschedulable', message: '0/3 nodes are available' }
  return {
    ...podOf(),
    status: { conditions: [{ type: 'PodScheduled', status: 'False', ...reason, lastTransitionTime }] },
  }
}

const lost = unstarted(600_000)
const onLostMachine: typeof lost = {
  ...lost,
  metadata: { ...lost.metadata, deletionTimestamp: new Date(NOW - 400_000).toISOString() },
  status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }] },
}

/** Whose first task was sent so long ago. */
function planSince(type: string, forMs: number): ReturnType<typeof planOf> {
  const submittedAt = new Date(NOW - forMs).toISOString()
  return { ...planOf(TASKS), tasks: [{ type, status: 'Submitted', submittedAt }] }
}

const rows: readonly (readonly [title: string, changes: Partial<Observation>, reason: string, message?: RegExp])[] = [
  ['all is done', {}, 'Stable'],
  ['objects that admission rewrote', { rewritten: 'Service a differs' }, 'Rewritten', /^Service a differs$/],
  [
    'objects that admission rewrote, beside a pod that cannot come up',
    { ...starting, pod: stuck, rewritten: 'Service a differs' },
    'ImagePullFailed',
    /\. In addition, Service a differs$/,
  ],
  [
    'a foreign object, before a spec that is wrong',
    { children: { ...children, problem: foreign }, spec: invalid },
    'ForeignObject',
    /Helm/,
  ],
  [
    'a spec that is wrong, before the pod that it holds up',
    { spec: invalid, pod: stuck, sidecar: { kind: 'absent' } },
    'SpecInvalid',
    /fast is missing/,
  ],
  [
    'no pod for ten seconds',
    { pod: undefined, podMissingSince: NOW - 10_000, sidecar: { kind: 'absent' } },
    'PodRefused',
    /ServiceAccount seid-node .* namespace sei/,
  ],
  [
    'the same with a warning about the StatefulSet',
    {
      pod: undefined,
      podMissingSince: NOW - 10_000,
      sidecar: { kind: 'absent' },
      podWarning: { reason: 'FailedCreate', message: 'no PriorityClass with name high was found', at: NOW },
    },
    'PodRefused',
    /^the StatefulSet cannot create its pod \(FailedCreate: no PriorityClass with name high was found\)\. Create the PriorityClass, or correct SEI_PRIORITY_CLASS/,
  ],
  [
    'another warning about the StatefulSet',
    {
      pod: undefined,
      podMissingSince: NOW - 10_000,
      sidecar: { kind: 'absent' },
      podWarning: { reason: 'FailedCreate', message: 'exceeded quota: pods', at: NOW },
    },
    'PodRefused',
    /\(FailedCreate: exceeded quota: pods\)\. Correct the cause/,
  ],
  [
    'a pod that is not started for three minutes, with its last warning',
    { ...starting, pod: unstarted(180_000), sidecar: { kind: 'absent' }, podWarning: FAILED_MOUNT },
    'PodStuck',
    /^pod a-0 has made no progress since 2026-05-01T11:57:00\.000Z\. Its last warning is FailedMount: volume is busy\. .*kubectl describe pod -n sei a-0$/,
  ],
  [
    'the same without a warning',
    { ...starting, pod: unstarted(180_000), sidecar: { kind: 'absent' } },
    'PodStuck',
    /Check the kubelet of cluster node m-1\./,
  ],
  ['the same a moment earlier', { ...starting, pod: unstarted(179_999), sidecar: { kind: 'absent' } }, 'Creating'],
  [
    'an old pod that does not end',
    { pod: podOf({ terminating: true }), rollout: { kind: 'rolling' }, now: NOW + 180_000 },
    'PodStuck',
    /should have terminated by 2026-05-01T12:00:00\.000Z but still exists/,
  ],
  ['no pod yet', { pod: undefined, plan: planOf(TASKS), sidecar: { kind: 'absent' }, children: young }, 'Creating'],
  ['a pod that cannot come up', { ...starting, pod: stuck }, 'ImagePullFailed'],
  [
    'a pod that cannot come up, before a bootstrap that failed',
    { plan: failedPlan(TASKS, 'x'), pod: stuck },
    'ImagePullFailed',
  ],
  ['a bootstrap that failed', { plan: failedPlan(TASKS, 'x'), sidecar: { kind: 'bootstrapping' } }, 'BootstrapFailed'],
  ['a pod that is deleted for being stuck', { ...starting, rollout: { kind: 'wedged' } }, 'PodReplaced'],
  [
    'a pod that has an earlier claim mounted',
    { plan: planOf(TASKS), rollout: { kind: 'outdated' } },
    'PodReplaced',
    /^pod a-0 is older than PersistentVolumeClaim data-a \(uid volume-1\) and mounts an earlier claim .* sends it no task/,
  ],
  [
    'a sidecar that stopped in the middle of snapshot-restore',
    { plan: planOf(TASKS), rollout: { kind: 'interrupted', dueAt: NOW } },
    'PodReplaced',
    /^the sidecar of pod a-0 stopped during snapshot-restore: the pod is deleted and recreated, which removes/,
  ],
  [
    'the same, in a pod that was made a moment ago',
    { plan: planOf(TASKS), rollout: { kind: 'interrupted', dueAt: NOW + 1_000 } },
    'PodReplaced',
    /recreated, at 2026-05-01T12:00:01\.000Z at the earliest, which removes/,
  ],
  [
    'an image that cannot be pulled, before that',
    { plan: planOf(TASKS), pod: stuck, rollout: { kind: 'interrupted', dueAt: NOW } },
    'ImagePullFailed',
  ],
  [
    'a changed pod template that waits for its turn',
    { change: { kind: 'waiting', cause: 'Operator' } },
    'AwaitingTurn',
    /The nodes of chain pacific-1 restart in turn; this node waits for the rollout and keeps running with its current template$/,
  ],
  [
    'a turn that does not come, since another node does not work with the change',
    {
      change: { kind: 'waiting', cause: 'Operator' },
      rolloutStatus: { phase: 'Waiting', cause: 'Operator', revision: 'r', since: 'now', node: 'sei/other' },
    },
    'AwaitingTurn',
    /The rollout is halted at SeiNode sei\/other, which does not follow the chain with the change: fix or pause that node$/,
  ],
  [
    'what is held back, beside an image that cannot be pulled',
    { ...starting, pod: stuck, change: { kind: 'waiting', cause: 'Operator' } },
    'ImagePullFailed',
    /In addition, a change of the operator's version or settings .* waits for the rollout/,
  ],
  [
    'a configuration that is held back, beside an image that cannot be pulled',
    { plan: planOf(TASKS, TASKS.length), pod: stuck, updateWait: 'taking away a.b waits' },
    'ImagePullFailed',
    /In addition, taking away a\.b waits/,
  ],
  [
    'a pod that fits nowhere, while a new machine may come',
    { ...starting, pod: unschedulable(299_000), sidecar: { kind: 'absent' } },
    'AwaitingCapacity',
    /does not fit on any cluster node: 0\/3 nodes are available/,
  ],
  [
    'a pod that fits nowhere for five minutes',
    { ...starting, pod: unschedulable(300_000), sidecar: { kind: 'absent' } },
    'Unschedulable',
    /does not fit on any cluster node/,
  ],
  [
    'a pod whose machine does not respond',
    { pod: onLostMachine, sidecar: { kind: 'absent' } },
    'PodStuck',
    /cluster node m-1 does not respond: .* kubectl taint nodes m-1 node\.kubernetes\.io\/out-of-service=nodeshutdown:NoExecute/,
  ],
  ['a task for less than half an hour', { ...starting, plan: planSince('config-apply', 1_799_000) }, 'Bootstrapping'],
  [
    'a task for half an hour',
    { ...starting, plan: planSince('config-apply', 1_800_000) },
    'TaskStuck',
    /task config-apply .* since 2026-05-01T11:30:00\.000Z/,
  ],
  ['a restore for hours', { ...starting, plan: planSince('snapshot-restore', 86_399_000) }, 'Bootstrapping'],
  ['a restore for a day', { ...starting, plan: planSince('snapshot-restore', 86_400_000) }, 'TaskStuck'],
  ['a pod of an older spec', { rollout: { kind: 'rolling' } }, 'RollingOut'],
  ['the first pod, which replaces none', { ...starting, rollout: { kind: 'rolling' } }, 'Bootstrapping'],
  ['a bootstrap under way', starting, 'Bootstrapping'],
  [
    'peers that EC2 does not tell for now, before the bootstrap that waits for them',
    { ...starting, peersUnresolved: 'AWS limits the rate of requests' },
    'PeersUnresolved',
    /limits the rate/,
  ],
  [
    'peers that a change of configuration waits for',
    { updatePlan: planOf(['config-apply', 'discover-peers'], 1), peersUnresolved: 'AWS does not answer' },
    'PeersUnresolved',
    /does not answer/,
  ],
  ['a pod whose sidecar does not run yet', { plan: planOf(TASKS), sidecar: { kind: 'absent' } }, 'Creating'],
  ['a node that comes back', { sidecar: { kind: 'absent' } }, 'PodStarting'],
  ['a sidecar that has just let seid start', { sidecar: { kind: 'released' } }, 'PodStarting'],
  ['a seid that does not run yet', { pod: podOf({ ready: false, seid: { state: { waiting: {} } } }) }, 'PodStarting'],
]

for (const [title, changes, reason, message = /./] of rows) {
  test(`Reconciling ${reason}: ${title}`, () => {
    const evaluated = evaluateProgress(observationOf({ now: NOW, ...changes }))
    assert.equal(evaluated.reason, reason)
    assert.match(evaluated.message, message)
  })
}
