/** Tests of how events are posted: their shape, repetitions, retries, limits and the end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event } from 'kubernetes-types/events/v1.d.ts'
import { ApiError, TransportError } from '../kube/errors.ts'
import type { EventInput } from './event-filter.ts'
import type { EventClient, EventRecorderOptions } from './events.ts'
import { EventRecorder } from './events.ts'
import { createLogger } from './log.ts'
import { ManualClock } from './manual-clock.ts'

const asked = { operation: 'create', object: 'events ns' }
const serverError = (status: number, reason: string) => new ApiError(asked, status, { reason, message: 'no' })
const noAnswer = new TransportError(asked, 'reset', 'connection reset')

/** A recorder whose requests are answered by `answers` in turn, and with success after that. */
function setUp(answers: (Error | Promise<void>)[] = [], options: Partial<EventRecorderOptions> = {}) {
  const clock = new ManualClock(Date.UTC(2026, 0, 1, 12, 0, 0, 7))
  const requests: Event[] = []
  const outcomes: string[] = []
  let ids = 0
  const client: EventClient = {
    create: async (_, event) => {
      requests.push(event)
      const result = answers.shift()
      if (result instanceof Error) throw result
      await result
      return event
    },
  }
  const recorder = new EventRecorder({
    client,
    controller: 'example.io/things',
    instance: 'host_1',
    log: createLogger({ level: 'error', format: 'json' }),
    clock,
    onOutcome: outcome => outcomes.push(outcome),
    newID: () => `id${ids++}`,
    ...options,
  })
  return { clock, requests, outcomes, recorder }
}

function input(more: Partial<EventInput> & { name?: string } = {}): EventInput {
  const { name = 'a', ...rest } = more
  return {
    regarding: { apiVersion: 'example.io/v1', kind: 'Thing', metadata: { namespace: 'ns', name, uid: `uid-${name}` } },
    type: 'Normal',
    reason: 'Started',
    note: 'it started',
    action: 'Start',
    ...rest,
  }
}

test('an event is posted once, in the form that events.k8s.io/v1 wants', async () => {
  const { clock, requests, recorder } = setUp()
  recorder.event(input())
  await clock.settle()
  assert.deepEqual(requests, [
    {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'a.id0', namespace: 'ns' },
      eventTime: '2026-01-01T12:00:00.007000Z',
      reportingController: 'example.io/things',
      reportingInstance: 'host_1',
      action: 'Start',
      reason: 'Started',
      regarding: { apiVersion: 'example.io/v1', kind: 'Thing', namespace: 'ns', name: 'a', uid: 'uid-a' },
      note: 'it started',
      type: 'Normal',
    },
  ])
})

test('an event about a cluster-scoped object goes to the namespace default', async () => {
  const { clock, requests, recorder } = setUp()
  recorder.event(input({ regarding: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', uid: 'u' } } }))
  await clock.settle()
  assert.equal(requests[0]?.metadata?.namespace, 'default')
  assert.deepEqual(requests[0]?.regarding, { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' })
})

test('the same event within ten minutes is counted, not posted; the next one after that says how often', async () => {
  const { clock, requests, outcomes, recorder } = setUp()
  for (let i = 0; i < 4; i++) recorder.event(input())
  recorder.event(input({ note: 'another note' }))
  recorder.event(input({ name: 'b' }))
  await clock.advance(10 * 60_000)
  assert.equal(requests.length, 3)
  recorder.event(input())
  await clock.settle()
  assert.deepEqual(requests[3]?.series, { count: 4, lastObservedTime: '2026-01-01T12:10:00.007000Z' })
  assert.deepEqual(
    outcomes.toSorted((a, b) => a.localeCompare(b)),
    ['aggregated', 'aggregated', 'aggregated', 'posted', 'posted', 'posted', 'posted'],
  )
})

test('an event with the text of an earlier one is posted if its occurrence differs', async () => {
  const { clock, requests, recorder } = setUp()
  for (const occurrence of ['one', 'one', 'two']) recorder.event(input({ occurrence }))
  await clock.settle()
  assert.equal(requests.length, 2)
  assert.ok(!requests.some(request => 'occurrence' in request))
})

test('one object cannot cause more than its burst of events, and does not delay the events of others', async () => {
  const { clock, requests, outcomes, recorder } = setUp()
  for (let i = 0; i < 40; i++) recorder.event(input({ note: `note ${i}` }))
  recorder.event(input({ name: 'quiet' }))
  await clock.settle()
  assert.equal(requests.length, 26)
  assert.equal(outcomes.filter(outcome => outcome === 'dropped').length, 15)
  await clock.advance(60_000)
  recorder.event(input({ note: 'a minute later' }))
  await clock.settle()
  assert.equal(requests.length, 27)
})

test('a note is cut at 1024 bytes between characters, and a long name leaves room for the id', async () => {
  const { clock, requests, recorder } = setUp()
  const name = `${'n'.repeat(246)}.-${'n'.repeat(5)}`
  recorder.event(input({ name, note: '€'.repeat(400) }))
  await clock.settle()
  const { note = '', metadata } = requests[0] ?? {}
  assert.match(note, /^€+…$/)
  assert.ok(Buffer.byteLength(note) > 1020 && Buffer.byteLength(note) <= 1024, `${Buffer.byteLength(note)} bytes`)
  assert.ok((metadata?.name?.length ?? 0) <= 253)
  assert.match(metadata?.name ?? '', /n\.id0$/)
})

test('an event is retried after temporary failures, at the time that the server asks for', async () => {
  const busy = new ApiError(asked, 429, { reason: 'TooManyRequests' }, { retryAfterMs: 5000 })
  const { clock, requests, outcomes, recorder } = setUp([noAnswer, busy, serverError(503, 'Unavailable')])
  recorder.event(input())
  await clock.advance(499)
  assert.equal(requests.length, 1)
  await clock.advance(1)
  assert.equal(requests.length, 2)
  await clock.advance(4999)
  assert.equal(requests.length, 2)
  await clock.advance(1)
  assert.equal(requests.length, 3)
  await clock.advance(2000)
  assert.equal(requests.length, 4)
  assert.equal(new Set(requests.map(request => request.metadata?.name)).size, 1)
  assert.deepEqual(outcomes, ['posted'])
})

test('where only the answer was lost, finding the event there is success', async () => {
  const { clock, requests, outcomes, recorder } = setUp([noAnswer, serverError(409, 'AlreadyExists')])
  recorder.event(input())
  await clock.advance(60_000)
  assert.deepEqual([requests.length, outcomes], [2, ['posted']])
})

test('an event that the server refuses is dropped at once, one that it never takes after seven tries', async () => {
  const refused = setUp([serverError(403, 'Forbidden')])
  refused.recorder.event(input())
  await refused.clock.advance(600_000)
  assert.deepEqual([refused.requests.length, refused.outcomes], [1, ['dropped']])
  const down = setUp(Array.from({ length: 20 }, () => noAnswer))
  down.recorder.event(input())
  await down.clock.advance(600_000)
  assert.deepEqual([down.requests.length, down.outcomes], [7, ['dropped']])
})

test('an event without kind is dropped, not thrown at the caller', () => {
  const { outcomes, recorder } = setUp()
  recorder.event(input({ regarding: { metadata: { name: 'a' } } }))
  assert.deepEqual(outcomes, ['dropped'])
})

test('no more than the capacity waits, and no more than four requests are in progress', async () => {
  const { promise: answered, resolve } = Promise.withResolvers<void>()
  const { clock, requests, outcomes, recorder } = setUp(Array(4).fill(answered), { capacity: 3 })
  for (let i = 0; i < 10; i++) recorder.event(input({ name: `n${i}` }))
  await clock.settle()
  assert.equal(requests.length, 4)
  assert.deepEqual(outcomes, ['dropped', 'dropped', 'dropped'])
  resolve()
  await clock.settle()
  assert.equal(requests.length, 7)
})

test('flush waits for requests in progress, up to its timeout', async () => {
  const { promise: answered, resolve } = Promise.withResolvers<void>()
  const { clock, recorder } = setUp([answered])
  recorder.event(input())
  let flushed = 0
  const count = () => void flushed++
  void recorder.flush(1000).then(count)
  await clock.advance(999)
  assert.equal(flushed, 0)
  await clock.advance(1)
  assert.equal(flushed, 1)
  void recorder.flush(1000).then(count)
  resolve()
  await clock.settle()
  assert.equal(flushed, 2)
  assert.equal(clock.timers, 0)
  await recorder.flush(1000)
})

test('after stop nothing is posted any more, and a retry that waits ends', async () => {
  const { clock, requests, outcomes, recorder } = setUp([noAnswer])
  recorder.event(input())
  await clock.settle()
  recorder.stop()
  recorder.event(input({ name: 'b' }))
  await clock.advance(60_000)
  assert.equal(clock.timers, 0)
  assert.equal(requests.length, 1)
  assert.deepEqual(outcomes, ['dropped', 'dropped'])
})
