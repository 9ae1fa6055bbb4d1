/** Tests of failures.ts: which errors end a reconcile, and which are reported when. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, TransportError } from '../../kube/errors.ts'
import { ManualClock } from '../../runtime/manual-clock.ts'
import { FailedReconciles, type Failure, ReportedError, StepFailures } from './failures.ts'

const asked = { operation: 'apply', object: 'statefulsets.apps sei/a' }
const webhookDown = new ApiError(asked, 500, { reason: 'InternalError', message: 'failed calling webhook "x"' })

const PASSING: Readonly<Record<string, Error>> = {
  'a conflict': new ApiError(asked, 409, { reason: 'Conflict' }),
  'an overloaded server': new ApiError(asked, 429, { reason: 'TooManyRequests' }),
  'a server that restarts': new ApiError(asked, 503, { reason: 'ServiceUnavailable' }),
  'a server that is too slow': new ApiError(asked, 504, { reason: 'Timeout' }),
  'no connection': new TransportError(asked, 'connect', 'refused'),
}

for (const [title, error] of Object.entries(PASSING)) {
  test(`${title} ends the reconcile`, async () => {
    const failures = new StepFailures(new AbortController().signal)
    await assert.rejects(
      failures.run(
        'a step',
        () => Promise.reject(error),
        () => undefined,
      ),
      error,
    )
    assert.equal(failures.failure, undefined)
    assert.doesNotThrow(() => failures.throwFirst())
  })
}

test('an abort ends the reconcile, whatever it is called', async () => {
  const abort = new AbortController()
  abort.abort(new TypeError('stopped'))
  const failures = new StepFailures(abort.signal)
  const step = failures.run(
    'a step',
    () => abort.signal.throwIfAborted(),
    () => undefined,
  )
  await assert.rejects(step, /stopped/)
})

test('other errors are kept: those of the API server in its words, those of the operator as its own', async () => {
  for (const [error, reason, says] of [
    [webhookDown, 'ApplyRefused', /^a step: apply statefulsets.apps sei\/a: 500 .*webhook "x"\. Correct/],
    [new TypeError('no bucket'), 'OperatorError', /^the operator failed: a step: no bucket\. It retries/],
  ] as const) {
    const failures = new StepFailures(new AbortController().signal)
    const found = await failures.run(
      'a step',
      () => Promise.reject(error),
      () => 'instead',
    )
    assert.equal(found, 'instead')
    assert.equal(failures.failure?.reason, reason)
    assert.match(failures.failure.message, says)
    assert.throws(() => failures.throwFirst(), { name: 'ReportedError', cause: error })
  }
})

const patched = { operation: 'patch', object: 'seinodes.sei.io sei/a' }
const down = new TransportError(patched, 'connect', 'connection refused')
const refused = new ApiError(patched, 403, { reason: 'Forbidden', message: 'not by you' })

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
  const [failure] = await reconcile(new TransportError(patched, 'timeout', 'no answer within 30 s'), 30_000)
  assert.match(failure?.message ?? '', /no answer within 30 s/)
})

test('a conflict that ends a long reconcile is not reported', async () => {
  const { reconcile } = setUp()
  assert.deepEqual(await reconcile(new ApiError(patched, 409, { reason: 'Conflict' }), 30_000), [])
})

test('a conflict that meets the report is a conflict still, so the key is tried again at once', async () => {
  const { failed, signal } = setUp()
  const conflict = new ApiError(patched, 409, { reason: 'Conflict' })
  const watched = failed.watch(
    'sei/a',
    () => Promise.reject(refused),
    () => Promise.reject(conflict),
    signal,
  )
  await assert.rejects(watched, { message: /403 Forbidden: not by you; the status cannot say so/, cause: conflict })
})
