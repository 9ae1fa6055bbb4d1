/** A restarted sidecar is told that it is ready, under an id that it has not seen. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../runtime/manual-clock.ts'
import { VerifiedChildren } from '../../shared/children/verified-children.ts'
import type { RunningSidecar } from '../../shared/pods/pod-state.ts'
import type { NodeLocalState } from '../local-state.ts'
import { ERAS, failure, MemorySidecar } from '../testdata/memory-sidecar.ts'
import { NOW, PLAN_ID, planOf } from '../testdata/objects.ts'
import { PlanCursor, type PlanWait } from './plan-runner.ts'
import { keepReady, type Readiness, restoreReadiness, waitForSidecar } from './readiness.ts'

const { signal } = new AbortController()

for (const era of ERAS) {
  test(`failure mode 1: ${era.title}: every start of the sidecar gets one mark-ready of its own`, async () => {
    const sidecar = new MemorySidecar(era)
    const restore = (start: string): Promise<string> => restoreReadiness(sidecar, PLAN_ID, start, signal)
    assert.deepEqual([await restore('start-1'), await restore('start-1')], ['submitted', 'was-ready'])
    sidecar.restart()
    assert.deepEqual([await restore('start-2'), await restore('start-2')], ['submitted', 'was-ready'])
    assert.deepEqual([sidecar.ready, sidecar.executed], [true, ['mark-ready', 'mark-ready']])
  })

  test(`${era.title}: a mark-ready that ran, and left the sidecar not ready all the same, is followed by another`, async () => {
    const sidecar = new MemorySidecar(era)
    await restoreReadiness(sidecar, PLAN_ID, 'start-1', signal)
    sidecar.ready = false
    assert.equal(await restoreReadiness(sidecar, PLAN_ID, 'start-1', signal), 'submitted')
    assert.equal(sidecar.ready, true)
  })
}

test('a mark-ready that still runs is waited for', async () => {
  const sidecar = new MemorySidecar({ title: '', honoursIDs: true, oneAtATime: false, remembers: true })
  sidecar.instant = false
  await restoreReadiness(sidecar, PLAN_ID, 'start-1', signal)
  assert.equal(await restoreReadiness(sidecar, PLAN_ID, 'start-1', signal), 'running')
  assert.deepEqual(sidecar.executed, ['mark-ready'])
})

test('failure mode 1: a sidecar that does not answer is sent nothing', async () => {
  const sidecar = new MemorySidecar({ title: '', honoursIDs: true, oneAtATime: false, remembers: true })
  sidecar.faults.push('refused')
  await assert.rejects(
    restoreReadiness(sidecar, PLAN_ID, 'start-1', signal),
    failure({ kind: 'unavailable', sent: 'no', detail: 'refused' }),
  )
  assert.deepEqual(sidecar.executed, [])
})

const [oneAtATime, , , database] = ERAS

interface Scene {
  readonly sidecar: MemorySidecar
  readonly local: NodeLocalState
  readonly clock: ManualClock
  readonly keep: (changes?: Partial<RunningSidecar>) => Promise<Readiness>
}

function scene(era = database): Scene {
  assert.ok(era)
  const sidecar = new MemorySidecar(era)
  const local: NodeLocalState = { cursor: new PlanCursor(), verified: new VerifiedChildren() }
  const clock = new ManualClock(NOW)
  const running: RunningSidecar = {
    kind: 'running',
    podIP: '10.0.0.1',
    containerID: 'start-1',
    started: true,
    startedAt: NOW - 60_000,
  }
  return {
    sidecar,
    local,
    clock,
    keep: changes =>
      keepReady(planOf(['mark-ready'], 1), { ...running, ...changes }, sidecar, local, { clock }, signal),
  }
}

test('a sidecar that is ready is asked once, and again after five minutes', async () => {
  const { sidecar, clock, keep } = scene()
  sidecar.ready = true
  assert.deepEqual(await keep(), { sidecar: { kind: 'ready' }, requeue: { requeueAfterMs: 300_000 } })
  clock.jump(299_000)
  // Whoever asked now would meet this.
  sidecar.faults.push('refused')
  assert.deepEqual(await keep(), { sidecar: { kind: 'ready' }, requeue: { requeueAfterMs: 1_000 } })
  clock.jump(1_000)
  assert.equal((await keep()).sidecar.kind, 'unreachable')
})

test('failure mode 1: one that started over is marked ready, and watched until the kubelet has seen it', async () => {
  const { sidecar, clock, keep } = scene()
  sidecar.ready = true
  await keep()
  sidecar.restart()
  const restarted = { containerID: 'start-2', started: false }
  assert.deepEqual(await keep(restarted), { sidecar: { kind: 'released' }, requeue: { requeueAfterMs: 5_000 } })
  assert.deepEqual([sidecar.ready, sidecar.executed], [true, ['mark-ready']])
  clock.jump(4_000)
  assert.deepEqual(await keep(restarted), { sidecar: { kind: 'released' }, requeue: { requeueAfterMs: 1_000 } })
  assert.deepEqual((await keep({ containerID: 'start-2' })).sidecar, { kind: 'ready' })
  assert.deepEqual(sidecar.executed, ['mark-ready'])
})

test('failure mode 1: one that was made not ready without a restart is found by the slow probe', async () => {
  const { sidecar, clock, keep } = scene()
  sidecar.ready = true
  await keep()
  sidecar.ready = false
  clock.jump(300_000)
  await keep()
  assert.equal(sidecar.ready, true)
})

test('one that does not answer is asked again soon, and nothing is remembered of it', async () => {
  const { sidecar, local, keep } = scene()
  sidecar.faults.push('refused')
  const { sidecar: found, requeue } = await keep()
  assert.equal(found.kind, 'unreachable')
  assert.ok('backoffMaxMs' in requeue && requeue.backoffMaxMs <= 5_000)
  assert.equal(local.ready, undefined)
})

test('one that was started seconds ago is not called unreachable', async () => {
  const { sidecar, keep } = scene()
  sidecar.faults.push('refused')
  assert.deepEqual((await keep({ started: false, startedAt: NOW - 1_000 })).sidecar, { kind: 'starting' })
})

test('one that is busy is waited for', async () => {
  const { sidecar, keep } = scene(oneAtATime)
  sidecar.instant = false
  await sidecar.submit({ id: 'other', type: 'snapshot-upload' })
  assert.equal((await keep({ started: false })).sidecar.kind, 'busy')
})

const state: RunningSidecar = {
  kind: 'running',
  podIP: '10.0.0.1',
  containerID: 'containerd://1',
  started: true,
  startedAt: NOW - 60_000,
}
const message = 'why'

const rows: readonly (readonly [wait: PlanWait, expected: ReturnType<typeof waitForSidecar>])[] = [
  [
    { kind: 'running', requeueAfterMs: 250 },
    { sidecar: { kind: 'bootstrapping' }, requeue: { requeueAfterMs: 250 } },
  ],
  [
    { kind: 'blocked', message },
    { sidecar: { kind: 'bootstrapping', block: message }, requeue: { backoffMaxMs: 30_000 } },
  ],
  [
    { kind: 'forgotten', message },
    { sidecar: { kind: 'bootstrapping' }, requeue: { backoffMaxMs: 5_000 } },
  ],
  [
    { kind: 'busy', message },
    { sidecar: { kind: 'busy', message }, requeue: { backoffMaxMs: 5_000 } },
  ],
  [
    { kind: 'unreachable', message },
    { sidecar: { kind: 'unreachable', message }, requeue: { backoffMaxMs: 5_000 } },
  ],
  [
    { kind: 'unresolved', message },
    { sidecar: { kind: 'bootstrapping' }, requeue: { backoffMaxMs: 30_000 }, peersUnresolved: message },
  ],
]

for (const [wait, expected] of rows) {
  test(`a plan that waits because of ${wait.kind} says so and is reconciled again`, () => {
    assert.deepEqual(waitForSidecar(wait, state, NOW), expected)
  })
}

test('a sidecar that does not answer within five seconds of its start is not called unreachable', () => {
  const kinds = [4_999, 5_000].map(
    ms => waitForSidecar({ kind: 'unreachable', message }, { ...state, startedAt: NOW - ms }, NOW).sidecar.kind,
  )
  assert.deepEqual(kinds, ['starting', 'unreachable'])
})

test('delays begin anew after a reconcile that completed a task', () => {
  for (const kind of ['busy', 'unreachable', 'forgotten'] as const) {
    assert.deepEqual(waitForSidecar({ kind, message }, state, NOW, true).requeue, { requeueAfterMs: 250 })
  }
})
