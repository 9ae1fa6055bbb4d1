/** Tests of pod-sync.ts: the order in which containers start and start again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createdRecord, exitedRecord, probedRecord, startedRecord, waitingRecord } from './container-record.ts'
import type { ContainerRecord } from './container-record.ts'
import { gatedPod, jobPod } from './pod-fixture.ts'
import { podPlan } from './pod-plan.ts'
import { containersToStart, finishedPhase } from './pod-sync.ts'

const CRASH = { initialMs: 10_000, maxMs: 300_000 }
const created = createdRecord('PodInitializing')
const running = startedRecord(created, 0, CRASH)
const started = probedRecord(running, true, true)
const done = exitedRecord(running, { exitCode: 0 }, 0, CRASH)
const failed = exitedRecord(running, { exitCode: 1 }, 0, CRASH)
const heldBack = exitedRecord({ ...running, backoffMs: 10_000 }, { exitCode: 1 }, 0, CRASH)

const gated = podPlan(gatedPod())
const names = ['seid-init', 'sei-sidecar', 'seid']

function startOf(...records: ContainerRecord[]): readonly string[] {
  return decide(...records).start.map(({ name }) => name)
}

function decide(...records: ContainerRecord[]) {
  const byName = new Map(records.map((record, index) => [names[index] ?? '', record]))
  return containersToStart(gated, byName, 0)
}

const TABLE: [string, ContainerRecord, ContainerRecord, ContainerRecord, readonly string[]][] = [
  ['a new pod starts with its init container', created, created, created, ['seid-init']],
  ['nothing starts while the init container runs', running, created, created, []],
  ['the sidecar starts when the init container succeeded', done, created, created, ['sei-sidecar']],
  ['a failed init container starts again, and nothing else', failed, created, created, ['seid-init']],
  ['seid waits for a sidecar that is not started', done, running, created, []],
  ['seid starts when the sidecar is started', done, started, created, ['seid']],
  ['a sidecar that died before it was started starts again, alone', done, failed, created, ['sei-sidecar']],
  ['a sidecar that died beside seid starts again', done, failed, started, ['sei-sidecar']],
  ['seid that died beside a started sidecar starts again', done, started, failed, ['seid']],
  ['seid that ended well starts again too', done, started, done, ['seid']],
  ['seid that died while the sidecar is not started stays down', done, running, failed, []],
  ['both dead: the sidecar comes first', done, failed, failed, ['sei-sidecar']],
  ['an init container never runs again once seid ran', failed, started, started, []],
  ['what waits for its image does not start', done, waitingRecord(created, 'ImagePullBackOff'), created, []],
]

for (const [title, init, sidecar, seid, expected] of TABLE) {
  test(title, () => assert.deepEqual(startOf(init, sidecar, seid), expected))
}

test('a container in its crash backoff is due when that is over', () => {
  const decision = decide(done, heldBack, created)
  assert.deepEqual([decision.start, decision.wakeAt], [[], 10_000])
})

test('a pod is finished when its main containers ended for good', () => {
  const never = podPlan(jobPod('Never'))
  const onFailure = podPlan(jobPod('OnFailure'))
  const phase = (plan: typeof never, record: ContainerRecord) => finishedPhase(plan, new Map([['task', record]]))
  assert.deepEqual(
    [phase(never, running), phase(never, done), phase(never, failed), phase(onFailure, done), phase(onFailure, failed)],
    [undefined, 'Succeeded', 'Failed', 'Succeeded', undefined],
  )
  const finished = new Map([['task', done]])
  assert.deepEqual(containersToStart(never, finished, 0).start, [])
})

test('a pod that never restarts fails with its init container', () => {
  const plan = podPlan(gatedPod({ restartPolicy: 'Never' }))
  const records = new Map([
    ['seid-init', failed],
    ['sei-sidecar', created],
    ['seid', created],
  ])
  assert.equal(finishedPhase(plan, records), 'Failed')
  assert.deepEqual(containersToStart(plan, records, 0).start, [])
})
