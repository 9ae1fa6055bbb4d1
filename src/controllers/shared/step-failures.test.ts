/** An error of one step is kept for the status, and one that passes by itself ends the reconcile. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, TransportError } from '../../kube/errors.ts'
import { StepFailures } from './step-failures.ts'

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
    [new TypeError('no bucket'), 'OperatorError', /^the operator failed: a step: no bucket\. It tries again/],
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
