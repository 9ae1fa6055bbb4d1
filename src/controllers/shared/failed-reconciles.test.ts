/** A reconcile that fails as a whole is reported: at once, or when it has lasted where it may pass by itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, TransportError } from '../../kube/errors.ts'
import { ManualClock } from '../../runtime/manual-clock.ts'
import { FailedReconciles } from './failed-reconciles.ts'
import type { Failure } from './failure.ts'
import { ReportedError } from './step-failures.ts'

const asked = { operation: 'patch', object: 'seinodes.sei.io sei/a' }
const down = new TransportError(asked, 'connect', 'connection refused')
const refused = new ApiError(asked, 403, { reason: 'Forbidden', message: 'not by you' })

function setUp() {
  const clock = new ManualClock(0)
  const failed = new FailedReconciles(clock)
  const { signal } = new AbortController()
  /** What was reported of a reconcile that takes `ms` and ends so. */
  const reconcile = async (outcome: Error | undefined, ms = 0, key = 'sei/a'): Promise<readonly Failure[]> => {
    const told: Failure[] = []
    const work = async (): Promise<void> => {
      await clock.advance(ms)
      if (outcome) throw outcome
    }
    const report = (failure: Failure): Promise<void> => Promise.resolve(void told.push(failure))
    const watched = failed.watch(key, work, report, signal)
    await (outcome ? assert.rejects(watched, outcome) : watched)
    return told
  }
  return { clock, failed, signal, reconcile }
}

test('a refusal is reported at once, in the words of the API server', async () => {
  const { reconcile } = setUp()
  const [failure] = await reconcile(refused)
  assert.equal(failure?.reason, 'ApplyRefused')
  assert.match(failure.message, /^patch seinodes\.sei\.io sei\/a: 403 Forbidden: not by you\. Correct/)
})

test('what the status says already is not reported again', async () => {
  const { reconcile } = setUp()
  assert.deepEqual(await reconcile(new ReportedError('a step failed', { cause: refused })), [])
})

test('what passes by itself is reported when it has lasted 10 s, each key by itself', async () => {
  const { clock, reconcile } = setUp()
  assert.deepEqual(await reconcile(down), [])
  await clock.advance(9_999)
  assert.deepEqual(await reconcile(down), [])
  await clock.advance(1)
  assert.deepEqual(await reconcile(down, 0, 'sei/b'), [])
  assert.equal((await reconcile(down)).length, 1)
  await reconcile(undefined)
  assert.deepEqual(await reconcile(down), [])
})

test('a request that times out has lasted as long as the reconcile', async () => {
  const { reconcile } = setUp()
  const [failure] = await reconcile(new TransportError(asked, 'timeout', 'no answer within 30 s'), 30_000)
  assert.match(failure?.message ?? '', /no answer within 30 s/)
})

test('a conflict that ends a long reconcile is not reported', async () => {
  const { reconcile } = setUp()
  assert.deepEqual(await reconcile(new ApiError(asked, 409, { reason: 'Conflict' }), 30_000), [])
})

test('a conflict that meets the report is a conflict still, so the key is tried again at once', async () => {
  const { failed, signal } = setUp()
  const conflict = new ApiError(asked, 409, { reason: 'Conflict' })
  const watched = failed.watch(
    'sei/a',
    () => Promise.reject(refused),
    () => Promise.reject(conflict),
    signal,
  )
  await assert.rejects(watched, { message: /403 Forbidden: not by you; the status cannot say so/, cause: conflict })
})
