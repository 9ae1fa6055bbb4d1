/** What the condition Progressing says, the most useful thing first. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeProgress } from './judge-progress.ts'
import type { Round } from './round.ts'
import { failedPlan, NOW, planOf, podOf, statefulSetOf } from './testdata/objects.ts'
import { roundOf, TASKS } from './testdata/round.ts'

const { children } = roundOf()
const starting: Partial<Round> = { plan: planOf(TASKS, 1), sidecar: { kind: 'bootstrapping' } }
const stuck = podOf({ ready: false, seid: { state: { waiting: { reason: 'ImagePullBackOff' } } } })
const invalid: Round['spec'] = {
  reason: 'StorageClassNotFound',
  message: 'StorageClass fast is missing',
  blocks: false,
}
const foreign = { reason: 'ForeignObject', message: 'Service a belongs to Helm' } as const
const young = { ...children, statefulSet: statefulSetOf(undefined, 9_999) }

const rows: readonly (readonly [title: string, changes: Partial<Round>, reason: string, message?: RegExp])[] = [
  ['all is done', {}, 'Stable'],
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
    'a pod template that waits for the turn that the pool gives',
    { turnAwaitedFrom: 'net' },
    'AwaitingTurn',
    /SeiNodePool net has its nodes restarted one after the other/,
  ],
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
  test(`Progressing ${reason}: ${title}`, () => {
    const judged = judgeProgress(roundOf({ now: NOW, ...changes }))
    assert.equal(judged.reason, reason)
    assert.match(judged.message, message)
  })
}
