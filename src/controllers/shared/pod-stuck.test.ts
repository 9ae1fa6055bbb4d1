/** Since when a pod gets no further. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod, PodCondition } from 'kubernetes-types/core/v1.d.ts'
import { NOW, podOf } from '../seinode/testdata/objects.ts'
import { waitingSince } from './pod-stuck.ts'

const CREATED = NOW - 60_000
const LATER = NOW - 20_000
const waiting = (reason: string) => ({ started: false, state: { waiting: { reason } } })
const ended = { started: false, state: { terminated: { exitCode: 1, finishedAt: new Date(LATER).toISOString() } } }

function withCondition(pod: Pod, type: string, status = 'True', reason?: string): Pod {
  const lastTransitionTime = new Date(NOW - 30_000).toISOString()
  const condition: PodCondition = { type, status, lastTransitionTime, ...(reason === undefined ? {} : { reason }) }
  return { ...pod, status: { ...pod.status, conditions: [condition] } }
}

const bare = podOf({ sidecar: null, seid: null, ip: undefined })

const rows: readonly (readonly [title: string, pod: Pod, since: number | undefined])[] = [
  ['a pod that runs', podOf(), undefined],
  ['a pod that is deleted, from the end of its grace on', podOf({ terminating: true }), NOW],
  ['a pod that the scheduler has not looked at', bare, CREATED],
  ['a pod that is scheduled and of which its kubelet says nothing', withCondition(bare, 'PodScheduled'), NOW - 30_000],
  [
    'a pod whose containers are being made',
    withCondition(podOf({ sidecar: waiting('PodInitializing'), seid: waiting('PodInitializing') }), 'PodScheduled'),
    NOW - 30_000,
  ],
  ['a pod that fits nowhere says so', withCondition(bare, 'PodScheduled', 'False', 'Unschedulable'), undefined],
  ['an image that cannot be pulled says so', podOf({ sidecar: waiting('ImagePullBackOff') }), undefined],
  ['a seid that crash-loops says so', podOf({ seid: waiting('CrashLoopBackOff') }), undefined],
  ['a sidecar that ended and is not started again', podOf({ sidecar: ended, seid: waiting('PodInitializing') }), LATER],
  [
    'a sidecar that holds seid back is asked',
    podOf({ sidecar: { started: false }, seid: waiting('PodInitializing') }),
    undefined,
  ],
  [
    'a seid that is let start and does not',
    withCondition(podOf({ seid: waiting('PodInitializing') }), 'Initialized'),
    NOW - 30_000,
  ],
  ['a seid that ended is replaced with its pod', podOf({ seid: ended }), undefined],
]

for (const [title, pod, since] of rows) {
  test(title, () => assert.equal(waitingSince(pod), since))
}
