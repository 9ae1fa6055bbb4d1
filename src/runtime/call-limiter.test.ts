/** The limiter's guarantees: its bound, room for targets that answer, growing pauses for those that do not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallLimiter, type CallLimiterOptions, SilentTargetError } from './call-limiter.ts'
import { ManualClock } from './manual-clock.ts'

const SILENCE = new Error('silence')
const REFUSAL = new Error('refused')

function setUp(options: Partial<CallLimiterOptions> = {}) {
  const clock = new ManualClock()
  const limiter = new CallLimiter({ clock, random: () => 0, ...options })
  const calls: string[] = []
  const run = <T>(target: string, answer: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
    limiter.run({
      target,
      call: () => {
        calls.push(`${target}@${clock.monotonic()}`)
        return answer()
      },
      isSilence: error => error === SILENCE,
      signal,
    })
  return { clock, limiter, calls, run }
}

const answers = () => Promise.resolve('hello')
const isSilent = () => Promise.reject(SILENCE)
const isStuck = () => new Promise<never>(() => {})

async function silence(promise: Promise<unknown>): Promise<SilentTargetError> {
  const error: unknown = await promise.then(
    () => assert.fail('it was answered'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof SilentTargetError, String(error))
  return error
}

test('a call gets its answer, and an error that is an answer as it is', async () => {
  const { run } = setUp()
  assert.equal(await run('a', answers), 'hello')
  await assert.rejects(
    run('a', () => Promise.reject(REFUSAL)),
    REFUSAL,
  )
  assert.equal(await run('a', answers), 'hello')
})

test('a silent target is called with a backoff that doubles up to a minute, and calls in between are refused', async () => {
  const { clock, calls, run } = setUp()
  const pauses: number[] = []
  for (let i = 0; i < 8; i++) {
    const called = await silence(run('a', isSilent))
    assert.equal(called.isCalled, true)
    pauses.push(called.retryAfterMs)
    await clock.advance(called.retryAfterMs - 1)
    const refused = await silence(run('a', isSilent))
    assert.deepEqual([refused.isCalled, refused.retryAfterMs, refused.cause], [false, 1, SILENCE])
    assert.equal(refused.since, called.since)
    await clock.advance(1)
  }
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
  assert.equal(calls.length, 8)
})

test('an answer, even a refusal, ends the pauses; another target never had any', async () => {
  for (const answered of [answers, () => Promise.reject(REFUSAL)]) {
    const { clock, limiter, run } = setUp()
    for (const pause of [1000, 2000]) {
      await silence(run('a', isSilent))
      assert.equal(limiter.silent, 1)
      assert.equal(await run('b', answers), 'hello')
      await clock.advance(pause)
    }
    await run('a', answered).catch(() => undefined)
    assert.equal(limiter.silent, 0)
    assert.equal((await silence(run('a', isSilent))).retryAfterMs, 1000)
  }
})

test('jitter shortens a pause by a fifth at most', async () => {
  const { run } = setUp({ random: () => 0.999_999 })
  const { retryAfterMs } = await silence(run('a', isSilent))
  assert.ok(retryAfterMs >= 800 && retryAfterMs < 801, `${retryAfterMs} ms`)
})

test('no more calls are made at once than the capacity; the others follow in order', async () => {
  const { clock, limiter, calls, run } = setUp({ capacity: 2 })
  await Promise.all(['a', 'b', 'c'].map(target => run(target, answers)))
  calls.splice(0)
  const stuck = Promise.withResolvers<string>()
  const runs = [run('a', () => stuck.promise), run('b', () => stuck.promise), run('c', answers), run('a', answers)]
  await clock.settle()
  assert.deepEqual([calls, limiter.running, limiter.waiting], [['a@0', 'b@0'], 2, 2])
  stuck.resolve('hello')
  await Promise.all(runs)
  assert.deepEqual([calls, limiter.running, limiter.waiting], [['a@0', 'b@0', 'c@0', 'a@0'], 0, 0])
})

test('a target that answers does not wait behind a limiter full of those that never have', async () => {
  const { clock, limiter, run } = setUp({ capacity: 8 })
  await run('healthy', answers)
  for (let i = 0; i < 200; i++) void run(`dead-${i}`, isStuck)
  await clock.settle()
  assert.equal(limiter.running, 6)
  assert.equal(await run('healthy', answers), 'hello')
  assert.equal(limiter.running, 6)
})

test('a waiting call is not made if its target becomes silent', async () => {
  const { clock, calls, run } = setUp({ capacity: 1 })
  const first = silence(run('a', isSilent))
  const second = silence(run('a', isSilent))
  await clock.settle()
  assert.deepEqual([(await first).isCalled, (await second).isCalled, calls], [true, false, ['a@0']])
})

test('a signal ends the wait for capacity with its reason, and releases everything', async () => {
  const { clock, limiter, calls, run } = setUp({ capacity: 1 })
  void run('a', isStuck)
  const [stop, reason] = [new AbortController(), new Error('stopping')]
  const waiting = assert.rejects(run('b', answers, stop.signal), reason)
  await clock.settle()
  stop.abort(reason)
  await waiting
  await assert.rejects(run('b', answers, stop.signal), reason)
  assert.deepEqual([calls, limiter.running, limiter.waiting], [['a@0'], 1, 0])
})

test('a call that its own signal ended says nothing about the target', async () => {
  const { limiter, run } = setUp()
  const stop = new AbortController()
  await assert.rejects(
    run(
      'a',
      () => {
        stop.abort()
        return Promise.reject(SILENCE)
      },
      stop.signal,
    ),
    SILENCE,
  )
  assert.equal(limiter.silent, 0)
})

test('targets that are no longer called are forgotten', async () => {
  const { clock, limiter, run } = setUp()
  for (let i = 0; i < 50; i++) await silence(run(`gone-${i}`, isSilent))
  assert.equal(limiter.silent, 50)
  await clock.advance(600_001)
  await silence(run('a', isSilent))
  assert.equal(limiter.silent, 1)
})
