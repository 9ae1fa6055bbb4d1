/** Random histories of the work queue, checked against its invariants. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ManualClock } from './manual-clock.ts'
import { WorkQueue } from './queue.ts'

const key = fc.constantFrom('a', 'b', 'c', 'd')
const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key }),
  fc.record({ do: fc.constant('addAfter' as const), key, ms: fc.integer({ min: 0, max: 50 }) }),
  fc.record({ do: fc.constant('retry' as const), key }),
  fc.record({ do: fc.constant('get' as const) }),
  fc.record({ do: fc.constant('done' as const), pick: fc.nat(10) }),
  fc.record({ do: fc.constant('leave' as const), pick: fc.nat(10) }),
  fc.record({ do: fc.constant('comeBack' as const), pick: fc.nat(10) }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 60 }) }),
)

const WORKERS = 2

/** What the queue owes, and every way in which it broke its promises. */
class Model {
  readonly violations: string[] = []
  /** Added since they were last handed out. */
  readonly owed = new Set<string>()
  readonly running = new Set<string>()
  /** Those of `running` whose workers are outside, or have not come back yet. */
  readonly outside = new Set<string>()
  /** When each delayed key falls due. */
  readonly #delayed = new Map<string, number>()
  readonly #clock: ManualClock

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  delay(delayed: string, ms: number): void {
    const at = this.#clock.monotonic() + ms
    this.#delayed.set(delayed, Math.min(at, this.#delayed.get(delayed) ?? at))
    this.fallDue()
  }

  fallDue(): void {
    for (const [delayed, at] of this.#delayed) {
      if (at > this.#clock.monotonic()) continue
      this.#delayed.delete(delayed)
      this.owed.add(delayed)
    }
  }

  taken(taken: string): void {
    this.fallDue()
    if (this.running.has(taken)) this.violations.push(`${taken} is with two workers`)
    if (!this.owed.has(taken)) this.violations.push(`${taken} was handed out though nobody added it since`)
    this.running.add(taken)
    this.checkPlaces()
    this.owed.delete(taken)
  }

  checkPlaces(): void {
    if (this.running.size - this.outside.size > WORKERS) this.violations.push('more keys are worked on than may be')
  }
}

test('no history puts a key with two workers, loses an added key, or hands out one that was not added', async () => {
  const history = fc.asyncProperty(fc.array(step, { maxLength: 80 }), async steps => {
    const clock = new ManualClock()
    const queue = new WorkQueue({ clock, random: () => 0, baseDelayMs: 5, maxDelayMs: 40, workers: WORKERS })
    const model = new Model(clock)
    const work = () => {
      void queue.get().then(taken => taken !== undefined && model.taken(taken))
    }
    const finish = (finished: string | undefined) => {
      if (finished === undefined) return
      model.running.delete(finished)
      queue.done(finished)
    }
    const returning = new Set<string>()
    const comeBack = async (outside: string | undefined) => {
      if (outside === undefined) return
      returning.add(outside)
      await queue.comeBack()
      // It is any of those that wait: all of them do the same.
      const [first] = returning
      if (first === undefined) return
      returning.delete(first)
      model.outside.delete(first)
      model.checkPlaces()
    }
    const inside = () => [...model.running].filter(running => !model.outside.has(running))
    const away = () => [...model.outside].filter(outside => !returning.has(outside))
    for (const action of steps) {
      switch (action.do) {
        case 'add':
          model.owed.add(action.key)
          queue.add(action.key)
          break
        case 'addAfter':
          model.delay(action.key, action.ms)
          queue.addAfter(action.key, action.ms)
          break
        case 'retry':
          model.delay(action.key, queue.addRateLimited(action.key))
          break
        case 'get':
          work()
          break
        case 'done':
          finish(inside()[action.pick % Math.max(1, inside().length)])
          break
        case 'leave': {
          const leaving = inside()[action.pick % Math.max(1, inside().length)]
          if (leaving === undefined) break
          model.outside.add(leaving)
          queue.leave()
          break
        }
        case 'comeBack':
          void comeBack(away()[action.pick % Math.max(1, away().length)])
          break
        case 'advance':
          await clock.advance(action.ms)
          model.fallDue()
          break
      }
      await Promise.resolve()
    }
    // Time for every delay and workers for every key: what is still owed after that was lost.
    await clock.advance(100)
    model.fallDue()
    for (const outside of away()) void comeBack(outside)
    for (let attempt = 0; attempt < 6; attempt++) {
      for (let worker = 0; worker < 4; worker++) work()
      await clock.settle()
      for (const running of inside()) finish(running)
    }
    await clock.settle()
    for (const lost of model.owed) model.violations.push(`${lost} was lost`)
    assert.deepEqual(model.violations, [])
  })
  await fc.assert(history, { numRuns: 300 })
})

test('a key that is added during its run runs exactly once more, however often it was added', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 20 }), async addsPerRun => {
      const queue = new WorkQueue({ clock: new ManualClock() })
      queue.add('a')
      let runs = 0
      while (queue.depth > 0) {
        assert.equal(await queue.get(), 'a')
        const adds = addsPerRun[runs++] ?? 0
        for (let i = 0; i < adds; i++) queue.add('a')
        assert.equal(queue.depth, 0, 'the key waits for a second worker while it runs')
        queue.done('a')
      }
      const expected = addsPerRun.findIndex(adds => adds === 0)
      assert.equal(runs, expected === -1 ? addsPerRun.length + 1 : expected + 1)
    }),
  )
})
