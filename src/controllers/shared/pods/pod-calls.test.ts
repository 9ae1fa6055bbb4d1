/** Calls to sidecars and seids go through the limiter, and report what the controllers need to know of silence. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallLimiter } from '../../../runtime/call-limiter.ts'
import { ManualClock } from '../../../runtime/manual-clock.ts'
import type { SidecarAddress, SidecarClient } from '../../../sidecar/client.ts'
import { SidecarError } from '../../../sidecar/errors.ts'
import { type Confirm, podCalls } from './pod-calls.ts'

const SILENT = new SidecarError('sidecar 10.0.0.1:7777: submit x: expected 201, found: no answer within 10000 ms', {
  kind: 'unavailable',
  sent: 'unknown',
  detail: 'no answer within 10000 ms',
  isSilent: true,
})
const ADDRESS = { host: '10.0.0.1', port: 7777, containerID: 'containerd://1' }
const REQUEST = { id: '1', type: 'x' }

const confirmed: Confirm = () => Promise.resolve()

function setUp() {
  const clock = new ManualClock(Date.UTC(2026, 0, 1))
  const counts = { sidecar: 0, outside: 0 }
  let failure: Error | undefined = SILENT
  const ask = <T>(value: T) => {
    counts.sidecar++
    return failure ? Promise.reject(failure) : Promise.resolve(value)
  }
  const client: SidecarClient = {
    health: () => ask('ready' as const),
    task: () => ask(undefined),
    tasks: () => ask([]),
    submit: () => ask('1'),
    forget: () => ask('gone' as const),
  }
  const calls = podCalls(
    {
      dialSidecar: () => client,
      peers: { resolve: () => Promise.resolve({ kind: 'resolved', addresses: [] }) },
    },
    new CallLimiter({ clock, random: () => 0 }),
  )(wait => {
    counts.outside++
    return wait()
  })
  let confirm = confirmed
  return {
    calls,
    clock,
    counts,
    dial: (address: Partial<SidecarAddress> = {}) =>
      calls.dialSidecar({ ...ADDRESS, ...address }, signal => confirm(signal)),
    fail: (error: Error | undefined) => (failure = error),
    confirmBy: (by: Confirm) => (confirm = by),
  }
}

async function failureOf(promise: Promise<unknown>): Promise<SidecarError> {
  const error: unknown = await promise.then(() => assert.fail('it was answered')).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof SidecarError, String(error))
  return error
}

test('every call leaves the worker’s place to another key', async () => {
  const { calls, dial, counts, fail } = setUp()
  fail(undefined)
  const sidecar = dial()
  const { signal } = new AbortController()
  await Promise.all([sidecar.health(signal), sidecar.task('1'), sidecar.tasks(), sidecar.submit(REQUEST)])
  await calls.peers.resolve([], signal)
  assert.deepEqual(counts, { sidecar: 4, outside: 5 })
})

test('a silent sidecar is asked once, then not for a while: the message stays the same, and nothing was sent', async () => {
  const { dial, clock, counts } = setUp()
  const first = await failureOf(dial().submit(REQUEST))
  await clock.advance(600)
  const second = await failureOf(dial().task('1'))
  assert.equal(
    first.message,
    'sidecar 10.0.0.1:7777: no answer within 10000 ms; nothing has come back since 2026-01-01T00:00:00Z',
  )
  assert.equal(second.message, first.message)
  assert.deepEqual([first.sent, first.retryAfterMs], ['unknown', 1000])
  assert.deepEqual(
    [second.kind, second.sent, second.detail, second.retryAfterMs],
    ['unavailable', 'no', SILENT.detail, 400],
  )
  assert.equal(counts.sidecar, 1)
})

test('another container at the address of a silent one is asked at once', async () => {
  const { dial, counts, fail } = setUp()
  await failureOf(dial().tasks())
  fail(undefined)
  await dial({ containerID: 'containerd://2' }).tasks()
  assert.equal(counts.sidecar, 2)
})

test('a refused connection is asked again whenever the controller wishes', async () => {
  const { dial, counts, fail } = setUp()
  fail(new SidecarError('refused', { kind: 'unavailable', sent: 'no', detail: 'connect ECONNREFUSED' }))
  for (let i = 0; i < 3; i++) await failureOf(dial().tasks())
  assert.equal(counts.sidecar, 3)
})

test('what starts or deletes tasks, and the list by which tasks are recognised, waits until the pod is confirmed', async () => {
  const { dial, counts, fail, confirmBy } = setUp()
  fail(undefined)
  const unconfirmed = new SidecarError('pod a-0 has changed', { kind: 'unavailable', sent: 'no', detail: 'changed' })
  confirmBy(() => Promise.reject(unconfirmed))
  const sidecar = dial()
  for (const call of [() => sidecar.tasks(), () => sidecar.submit(REQUEST), () => sidecar.forget('1')]) {
    assert.equal(await failureOf(call()), unconfirmed)
  }
  assert.equal(counts.sidecar, 0)
  await Promise.all([sidecar.health(), sidecar.task('1')])
  assert.equal(counts.sidecar, 2)
})
