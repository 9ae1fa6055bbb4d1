/** Tests of pod-status.ts: what a pod's status says at each stage, as it was seen of a real kubelet. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createdRecord, exitedRecord, probedRecord, startedRecord, waitingRecord } from './container-record.ts'
import type { ContainerRecord } from './container-record.ts'
import { gatedPod, jobPod } from './pod-fixture.ts'
import { podPlan } from './pod-plan.ts'
import { podStatus } from './pod-status.ts'
import type { ReportedStatus } from './pod-status.ts'

const CRASH = { initialMs: 10_000, maxMs: 300_000 }
const START = Date.UTC(2026, 0, 1, 12)
const created = createdRecord('PodInitializing')
const running = startedRecord(created, START, CRASH)
const ready = probedRecord(running, true, true)
const done = exitedRecord(running, { exitCode: 0 }, START, CRASH)
const failed = exitedRecord(running, { exitCode: 1 }, START, CRASH)

function statusOf(records: Readonly<Record<string, ContainerRecord>>, pod = gatedPod(), now = START): ReportedStatus {
  const facts = { podIP: '127.1.0.1', hostIP: '127.0.0.1', acceptedAt: START, now }
  return podStatus(pod, podPlan(pod), new Map(Object.entries(records)), facts)
}

function gated(init: ContainerRecord, sidecar: ContainerRecord, seid: ContainerRecord): ReportedStatus {
  return statusOf({ 'seid-init': init, 'sei-sidecar': sidecar, seid })
}

function verdicts(status: ReportedStatus): Record<string, string> {
  return Object.fromEntries((status.conditions ?? []).map(condition => [condition.type, condition.status]))
}

test('a gated pod is Pending with an address, its sidecar running and not started', () => {
  const status = gated(done, running, created)
  assert.deepEqual([status.phase, status.podIP, status.podIPs], ['Pending', '127.1.0.1', [{ ip: '127.1.0.1' }]])
  assert.deepEqual(verdicts(status), {
    PodReadyToStartContainers: 'True',
    Initialized: 'False',
    Ready: 'False',
    ContainersReady: 'False',
  })
  const [init, sidecar] = status.initContainerStatuses ?? []
  assert.deepEqual([init?.ready, init?.state?.terminated?.reason], [true, 'Completed'])
  assert.deepEqual([sidecar?.started, sidecar?.ready], [false, false])
  assert.equal(sidecar?.state?.running?.startedAt, '2026-01-01T12:00:00Z')
  assert.deepEqual(status.containerStatuses?.[0]?.state, { waiting: { reason: 'PodInitializing' } })
  const condition = status.conditions?.find(({ type }) => type === 'Initialized')
  assert.deepEqual(
    [condition?.reason, condition?.message],
    ['ContainersNotInitialized', 'containers with incomplete status: [sei-sidecar]'],
  )
})

test('a pod whose containers all passed their probes is Running and Ready', () => {
  const status = gated(done, ready, ready)
  assert.equal(status.phase, 'Running')
  assert.deepEqual([verdicts(status)['Initialized'], verdicts(status)['Ready']], ['True', 'True'])
})

test('a restarted sidecar takes Ready away, and neither Initialized nor Running', () => {
  const restarted = startedRecord(exitedRecord(ready, { exitCode: 0 }, START, CRASH), START, CRASH)
  const status = gated(done, restarted, ready)
  assert.deepEqual(
    [status.phase, verdicts(status)['Initialized'], verdicts(status)['Ready']],
    ['Running', 'True', 'False'],
  )
  const sidecar = status.initContainerStatuses?.[1]
  assert.deepEqual([sidecar?.restartCount, sidecar?.started], [1, false])
  assert.equal(sidecar?.lastState?.terminated?.containerID, 'fake://u-1/sei-sidecar/0')
  assert.equal(sidecar?.containerID, 'fake://u-1/sei-sidecar/1')
})

test('a container that died reads terminated while it may start, and CrashLoopBackOff while it is held back', () => {
  const dead = gated(done, running, failed).containerStatuses?.[0]
  assert.equal(dead?.state?.terminated?.exitCode, 1)
  const held = exitedRecord({ ...running, restartCount: 1, backoffMs: 10_000 }, { exitCode: 7 }, START, CRASH)
  const status = gated(done, ready, held)
  const seid = status.containerStatuses?.[0]
  assert.deepEqual(seid?.state, {
    waiting: {
      reason: 'CrashLoopBackOff',
      message: 'back-off 10s restarting failed container=seid pod=node-0_sei(u-1)',
    },
  })
  assert.equal(seid?.lastState?.terminated?.exitCode, 7)
  assert.deepEqual([status.phase, seid?.started, seid?.ready], ['Running', false, false])
})

test('an image that cannot be pulled is named', () => {
  const sidecar = gated(done, waitingRecord(created, 'ImagePullBackOff'), created).initContainerStatuses?.[1]
  assert.equal(sidecar?.state?.waiting?.reason, 'ImagePullBackOff')
  assert.match(sidecar?.state?.waiting?.message ?? '', /^Back-off pulling image "seictl:v0\.0\.40": ErrImagePull: /)
  assert.equal(sidecar?.imageID, '')
})

test('a pod of a Job ends Succeeded or Failed', () => {
  const success = statusOf({ task: done }, jobPod('Never'))
  assert.deepEqual([success.phase, verdicts(success)['Ready']], ['Succeeded', 'False'])
  assert.equal(statusOf({ task: failed }, jobPod('Never')).phase, 'Failed')
})

test('conditions that did not change keep their time, and those of others are left out', () => {
  const pod = gatedPod()
  const first = statusOf({ 'seid-init': done, 'sei-sidecar': running, seid: created }, pod)
  const later = { ...pod, status: first }
  const second = statusOf({ 'seid-init': done, 'sei-sidecar': ready, seid: ready }, later, START + 60_000)
  const timeOf = (type: string) => second.conditions?.find(condition => condition.type === type)?.lastTransitionTime
  assert.equal(timeOf('PodReadyToStartContainers'), '2026-01-01T12:00:00Z')
  assert.equal(timeOf('Ready'), '2026-01-01T12:01:00Z')
  assert.equal(timeOf('PodScheduled'), undefined)
})

test('the same records give the same status, however much later', () => {
  const pod = gatedPod()
  const records = { 'seid-init': done, 'sei-sidecar': ready, seid: ready }
  const first = statusOf(records, pod)
  assert.deepEqual(statusOf(records, { ...pod, status: first }, START + 3_600_000), first)
})
