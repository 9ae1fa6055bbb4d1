/** What each input means in each state of a list and watch. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, TransportError, WatchError } from './errors.ts'
import { EMPTY, type ReflectorState, step } from './reflector-state.ts'

const asked = { operation: 'watch', object: 'pods' }
const HOUR = 3_600_000
const listed = (failures = 0): ReflectorState => ({ name: 'InitListed', resourceVersion: '5', failures })
const watching = (failures = 0): ReflectorState => ({ name: 'Watching', resourceVersion: '6', failures })
const failed = (error: unknown, watchedMs = 0) => ({ kind: 'failed', error, watchedMs }) as const
const api = (status: number, status_ = {}) => new ApiError(asked, status, status_)
const pod = { metadata: { name: 'a', resourceVersion: '7' } }

test('a list is what a watch starts from', () => {
  const { state, output } = step(EMPTY, { kind: 'listed', list: { items: [pod], resourceVersion: '5' } })
  assert.deepEqual(state, listed())
  assert.deepEqual(output, { kind: 'replaced', items: [pod], resourceVersion: '5' })
})

test('every event moves the version from which a watch resumes, and bookmarks do nothing else', () => {
  const at7 = { name: 'Watching', resourceVersion: '7', failures: 0 }
  for (const [type, output] of [
    ['ADDED', { kind: 'applied', object: pod }],
    ['MODIFIED', { kind: 'applied', object: pod }],
    ['DELETED', { kind: 'deleted', object: pod }],
    ['BOOKMARK', undefined],
  ] as const) {
    const next = step(listed(), { kind: 'event', event: { type, object: pod } })
    assert.deepEqual([next.state, next.output], [at7, output], type)
  }
})

test('a watch that ends is resumed, and one that ends at once counts as a failure', () => {
  assert.deepEqual(step(watching(3), { kind: 'ended', watchedMs: HOUR }).state, { ...listed(), resourceVersion: '6' })
  assert.deepEqual(step(listed(1), { kind: 'ended', watchedMs: 10 }).state, listed(2))
})

test('a watch that breaks, stalls or is refused for now is resumed from where it was', () => {
  const errors = [
    new TransportError(asked, 'reset', 'reset'),
    new WatchError(asked, 'stalled', 'silent'),
    api(401),
    api(403),
    api(429),
    api(500),
    api(503),
  ]
  for (const error of errors) {
    const { state } = step(watching(), failed(error, HOUR))
    assert.deepEqual(state, { name: 'InitListed', resourceVersion: '6', failures: 1 }, String(error))
  }
})

test('a watch that stalls without any event causes a relist: the server may be behind the resumed version', () => {
  const silent = new WatchError(asked, 'stalled', 'silent')
  assert.deepEqual(step(listed(), failed(silent, HOUR)).state, { name: 'Empty', failures: 1 })
})

test('an error that may have lost events or cannot be resumed causes a relist', () => {
  const tooLarge = { details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } }
  const errors = [
    new WatchError(asked, 'error', 'expired', { status: 410 }),
    new WatchError(asked, 'error', 'internal', { status: 500 }),
    new WatchError(asked, 'malformed', 'not JSON'),
    api(400),
    api(404),
    api(410),
    api(504, tooLarge),
    new Error('the sink failed'),
  ]
  for (const error of errors) {
    assert.deepEqual(step(watching(), failed(error, HOUR)).state, { name: 'Empty', failures: 1 }, String(error))
  }
})

test('a server that keeps refusing to resume is asked for a list; one that is away is not', () => {
  assert.deepEqual(step(listed(3), failed(api(500))).state, listed(4))
  assert.deepEqual(step(listed(4), failed(api(500))).state, { name: 'Empty', failures: 5 })
  assert.deepEqual(step(listed(4), failed(api(403))).state, { name: 'Empty', failures: 5 })
  assert.deepEqual(step(listed(99), failed(new TransportError(asked, 'connect', 'refused'))).state, listed(100))
})

test('failures add up until a watch has been healthy, whatever lists succeed between', () => {
  let state: ReflectorState = EMPTY
  for (let failures = 1; failures <= 4; failures++) {
    state = step(state, { kind: 'listed', list: { items: [], resourceVersion: '5' } }).state
    state = step(state, failed(api(410), 10)).state
    assert.deepEqual(state, { name: 'Empty', failures })
  }
  assert.deepEqual(step(watching(4), failed(api(500), HOUR)).state, {
    name: 'InitListed',
    resourceVersion: '6',
    failures: 1,
  })
})
