/** Tests of observe-halt.ts: what a pod says of the height at which its node halts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStateTerminated, Pod } from 'kubernetes-types/core/v1.d.ts'
import { HEIGHT_CONTAINER } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { podOf } from '../testdata/objects.ts'
import { haltBlock, isAtHalt, observeHalt } from './observe-halt.ts'

const NODE = seiNode('a', { haltHeight: 100 })
const RUNNING = {}

function ended(message?: string): ContainerStateTerminated {
  return { exitCode: 0, ...(message !== undefined && { message }) }
}

/** A pod with the guard, whose volume was at that height when it started. */
function guarded(height: number | 'unreadable' | 'unknown', seid: object = RUNNING): Pod {
  const pod = podOf({ seid })
  const report = { name: HEIGHT_CONTAINER, image: '', imageID: '', ready: true, restartCount: 0 }
  return {
    ...pod,
    spec: { containers: [], initContainers: [{ name: HEIGHT_CONTAINER }] },
    status: {
      ...pod.status,
      initContainerStatuses: [
        { ...report, state: { terminated: ended(`height ${height}\n`) } },
        ...(pod.status?.initContainerStatuses ?? []),
      ],
    },
  }
}

const ENDED = { state: { terminated: ended() } }
const REFUSED = { state: { terminated: ended('halted 100\n') } }
const BACKING_OFF = {
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: ended('halted 100\n') },
}
/** The guard of an earlier height refused it, before its container ran again. */
const RUNS_AGAIN = { lastState: { terminated: ended('halted 100\n') } }

for (const [what, pod, height, isDue] of [
  ['seid runs below the height', guarded(5), 99, false],
  ['seid runs at the height, about to end', guarded(5), 100, false],
  ['seid runs beyond the height', guarded(5), 101, true],
  ['seid runs and has not answered', guarded(5), undefined, false],
  ['seid has ended, and its container is about to run again', guarded(5, ENDED), 100, false],
  ['the guard has refused seid', guarded(5, REFUSED), undefined, true],
  ['the kubelet holds the container back after that', guarded(5, BACKING_OFF), undefined, true],
  ['seid runs after a refusal', guarded(5, RUNS_AGAIN), 7, false],
  ['the pod waits at its gate', guarded(100, { state: { waiting: {} } }), undefined, false],
  ['the pod is older than the height', podOf(), 101, false],
] as const) {
  test(`a pod ${isDue ? 'goes' : 'stays'} where ${what}`, () => assert.equal(isAtHalt(NODE, pod, height), isDue))
}

test('seid may start below the height, and in a pod that is to be replaced by one that reports', () => {
  assert.equal(haltBlock(NODE, guarded(99)), undefined)
  assert.equal(haltBlock(NODE, podOf()), undefined)
  assert.match(haltBlock(NODE, guarded(100)) ?? '', /^seid is halted at height 100\. /)
  assert.match(haltBlock(NODE, guarded(5, REFUSED)) ?? '', /^seid is halted at height 100\. /)
})

const halt = { height: 101, targetHeight: 100 }

function haltedBefore(phase: 'Active' | 'Complete'): SeiNode {
  return { ...NODE, status: { halt, initPlan: { phase, tasks: [] } } }
}

test('a node without a pod is where it was, until it is bootstrapped anew', () => {
  assert.deepEqual(observeHalt(haltedBefore('Complete'), undefined), { kind: 'halted', ...halt })
  assert.deepEqual(observeHalt(haltedBefore('Active'), undefined), { kind: 'pending' })
  assert.deepEqual(observeHalt(NODE, undefined), { kind: 'pending' })
})

test('a seid that tells no height starts on a volume that is bootstrapped anew', () => {
  assert.match(haltBlock(haltedBefore('Complete'), guarded('unknown')) ?? '', /^seid is halted at height 101/)
  assert.equal(haltBlock(haltedBefore('Active'), guarded('unknown')), undefined)
})

test('the guard decides on a volume whose height cannot be read, also of a node that was halted', () => {
  assert.equal(haltBlock(haltedBefore('Complete'), guarded('unreadable')), undefined)
})
