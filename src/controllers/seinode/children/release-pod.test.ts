/** Whose word says that seid has ended in a pod: the kubelet's alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod, PodCondition } from 'kubernetes-types/core/v1.d.ts'
import { VALIDATOR_POD_FINALIZER } from '../../../api/names.ts'
import { LOST_AFTER_MS, lostPodMessage, podEnd } from './release-pod.ts'

const NOW = Date.UTC(2026, 4, 1, 12)
const at = (ms: number): string => new Date(NOW + ms).toISOString()

interface Facts {
  readonly deletedAt?: number
  readonly machine?: string
  readonly phase?: string
  readonly seid?: Partial<ContainerStatus>
  readonly condition?: Partial<PodCondition>
}

function podOf({ deletedAt, machine = 'm-1', phase = 'Running', seid = RUNNING, condition }: Facts): Pod {
  return {
    metadata: {
      namespace: 'sei',
      name: 'val-0',
      ...(deletedAt === undefined ? {} : { deletionTimestamp: at(deletedAt) }),
    },
    spec: { containers: [], ...(machine === '' ? {} : { nodeName: machine }) },
    status: {
      phase,
      conditions: condition ? [{ type: 'DisruptionTarget', status: 'True', ...condition }] : [],
      containerStatuses: [{ name: 'seid', image: '', imageID: '', ready: false, restartCount: 0, ...seid }],
    },
  }
}

const RUNNING: Partial<ContainerStatus> = { state: { running: {} }, containerID: 'c-1' }
const WAITING: Partial<ContainerStatus> = { state: { waiting: { reason: 'PodInitializing' } } }
const LOOPING: Partial<ContainerStatus> = {
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { exitCode: 1 } },
  containerID: 'c-1',
}
const endedAt = (ms: number): Partial<ContainerStatus> => ({
  state: { terminated: { exitCode: 0, finishedAt: at(ms) } },
  containerID: 'c-1',
})
const COLLECTED = { reason: 'DeletionByPodGC', lastTransitionTime: at(-5_000) }
const EVICTED = { reason: 'EvictionByEvictionAPI', lastTransitionTime: at(-5_000) }
const LONG = -LOST_AFTER_MS

const TABLE: readonly (readonly [what: string, facts: Facts, expected: 'going on' | 'ended' | 'lost'])[] = [
  ['it runs', {}, 'going on'],
  ['it is finished, and nobody deleted it yet', { phase: 'Failed', seid: endedAt(-1) }, 'going on'],
  ['deleted, within its time', { deletedAt: 60_000 }, 'going on'],
  ['deleted, its time is just over', { deletedAt: LONG + 1 }, 'going on'],
  ['deleted, and no word for long', { deletedAt: LONG }, 'lost'],
  ['the kubelet reported the end', { deletedAt: 0, phase: 'Succeeded', seid: endedAt(-1) }, 'ended'],
  ['the kubelet killed it', { deletedAt: 0, phase: 'Failed', seid: endedAt(-1) }, 'ended'],
  [
    'a drain, and the kubelet reported the end',
    { deletedAt: 0, phase: 'Failed', seid: endedAt(-1), condition: EVICTED },
    'ended',
  ],
  ['seid has ended, and the pod goes on: it starts again', { deletedAt: 60_000, seid: endedAt(-1) }, 'going on'],
  ['seid never started', { deletedAt: 0, phase: 'Failed', seid: WAITING }, 'ended'],
  ['seid never started, and the pod is not over', { deletedAt: LONG, phase: 'Pending', seid: WAITING }, 'lost'],
  ['it was bound to no machine', { deletedAt: 0, machine: '', phase: 'Pending', seid: WAITING }, 'ended'],
  ['a terminal phase beside a seid that runs', { deletedAt: 0, phase: 'Failed' }, 'going on'],
  [
    'the garbage collector of pods gave it up while it ran',
    { deletedAt: 0, phase: 'Failed', condition: COLLECTED },
    'lost',
  ],
  [
    'given up: what was reported before is no proof',
    { deletedAt: 0, phase: 'Failed', seid: endedAt(-60_000), condition: COLLECTED },
    'lost',
  ],
  ['given up in a crash loop', { deletedAt: 0, phase: 'Failed', seid: LOOPING, condition: COLLECTED }, 'lost'],
  ['given up before a word of seid', { deletedAt: 0, phase: 'Failed', seid: WAITING, condition: COLLECTED }, 'lost'],
  [
    'given up, and the machine came back and reported',
    { deletedAt: 0, phase: 'Failed', seid: endedAt(-1), condition: COLLECTED },
    'ended',
  ],
]

for (const [what, facts, expected] of TABLE) {
  test(`${what}: ${expected}`, () => {
    assert.equal(podEnd(podOf(facts), NOW).kind, expected)
  })
}

test('the moment at which a pod counts as lost is known in advance', () => {
  assert.deepEqual(podEnd(podOf({ deletedAt: 60_000 }), NOW), {
    kind: 'going on',
    lostAt: NOW + 60_000 + LOST_AFTER_MS,
  })
})

const FORCE = 'kubectl delete pod -n sei val-0 --force --grace-period=0 --wait=false'

test('the advice begins with the machine, and ends with the commands: by force, then without the finalizer', () => {
  const pod = podOf({ deletedAt: LONG })
  const message = lostPodMessage({ ...pod, metadata: { ...pod.metadata, finalizers: [VALIDATOR_POD_FINALIZER] } })
  assert.match(message, /First power machine m-1 off/)
  assert.ok(message.indexOf('power machine') < message.indexOf('kubectl'))
  const patch = `kubectl patch pod -n sei val-0 --type=merge -p '{"metadata":{"finalizers":null}}'`
  assert.ok(message.endsWith(`to confirm this, run: ${FORCE} && ${patch}`), message)
})

test('a pod whose finalizer is gone already is only deleted by force', () => {
  assert.ok(lostPodMessage(podOf({ deletedAt: LONG })).endsWith(`to confirm this, run: ${FORCE}`))
})
