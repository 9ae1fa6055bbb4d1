/** A sidecar is asked when the kubelet says that it started over, and now and then besides. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../runtime/manual-clock.ts'
import { keepReady, type Readiness } from './keep-ready.ts'
import type { NodeMemory } from './memory.ts'
import { VerifiedChildren } from '../shared/verified-children.ts'
import { PlanCursor } from './plan-cursor.ts'
import type { RunningSidecar } from '../shared/pod-state.ts'
import { ERAS, MemorySidecar } from './testdata/memory-sidecar.ts'
import { NOW, planOf } from './testdata/objects.ts'

const { signal } = new AbortController()
const [oneAtATime, , , database] = ERAS

interface Scene {
  readonly sidecar: MemorySidecar
  readonly memory: NodeMemory
  readonly clock: ManualClock
  readonly look: (changes?: Partial<RunningSidecar>) => Promise<Readiness>
}

function scene(era = database): Scene {
  assert.ok(era)
  const sidecar = new MemorySidecar(era)
  const memory: NodeMemory = { cursor: new PlanCursor(), verified: new VerifiedChildren() }
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
    memory,
    clock,
    look: changes =>
      keepReady(planOf(['mark-ready'], 1), { ...running, ...changes }, sidecar, memory, { clock }, signal),
  }
}

test('a sidecar that is ready is asked once, and again after five minutes', async () => {
  const { sidecar, clock, look } = scene()
  sidecar.ready = true
  assert.deepEqual(await look(), { sidecar: { kind: 'ready' }, again: { requeueAfterMs: 300_000 } })
  clock.jump(299_000)
  // Whoever asked now would meet this.
  sidecar.faults.push('refused')
  assert.deepEqual(await look(), { sidecar: { kind: 'ready' }, again: { requeueAfterMs: 1_000 } })
  clock.jump(1_000)
  assert.equal((await look()).sidecar.kind, 'unreachable')
})

test('failure mode 1: one that started over is marked ready, and watched until the kubelet has seen it', async () => {
  const { sidecar, clock, look } = scene()
  sidecar.ready = true
  await look()
  sidecar.restart()
  const restarted = { containerID: 'start-2', started: false }
  assert.deepEqual(await look(restarted), { sidecar: { kind: 'released' }, again: { requeueAfterMs: 5_000 } })
  assert.deepEqual([sidecar.ready, sidecar.executed], [true, ['mark-ready']])
  clock.jump(4_000)
  assert.deepEqual(await look(restarted), { sidecar: { kind: 'released' }, again: { requeueAfterMs: 1_000 } })
  assert.deepEqual((await look({ containerID: 'start-2' })).sidecar, { kind: 'ready' })
  assert.deepEqual(sidecar.executed, ['mark-ready'])
})

test('failure mode 1: one that was made not ready without a restart is found by the slow look', async () => {
  const { sidecar, clock, look } = scene()
  sidecar.ready = true
  await look()
  sidecar.ready = false
  clock.jump(300_000)
  await look()
  assert.equal(sidecar.ready, true)
})

test('one that does not answer is asked again soon, and nothing is remembered of it', async () => {
  const { sidecar, memory, look } = scene()
  sidecar.faults.push('refused')
  const { sidecar: found, again } = await look()
  assert.equal(found.kind, 'unreachable')
  assert.ok('backoffMaxMs' in again && again.backoffMaxMs <= 5_000)
  assert.equal(memory.ready, undefined)
})

test('one that was started seconds ago is not called unreachable', async () => {
  const { sidecar, look } = scene()
  sidecar.faults.push('refused')
  assert.deepEqual((await look({ started: false, startedAt: NOW - 1_000 })).sidecar, { kind: 'starting' })
})

test('one that is busy is waited for', async () => {
  const { sidecar, look } = scene(oneAtATime)
  sidecar.instant = false
  await sidecar.submit({ id: 'other', type: 'snapshot-upload' })
  assert.equal((await look({ started: false })).sidecar.kind, 'busy')
})
