/** Tests of asking for one's own rights, with an API server that is a function. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject, Resource } from '../kube/types.ts'
import { createLogger } from './log.ts'
import { ManualClock } from './manual-clock.ts'
import { mayRead } from './may-read.ts'

const log = createLogger({ level: 'error', format: 'json', destination: { write: () => {} } })

/** Answers by verb, after some failures. */
function setUp(allowed: readonly string[], failures = 0) {
  const clock = new ManualClock()
  const asked: unknown[] = []
  const client = {
    async create<T extends KubeObject>(_: Resource<T>, object: T): Promise<T> {
      const spec = 'spec' in object ? object.spec : undefined
      asked.push(spec)
      if (asked.length <= failures) throw new Error('connection refused')
      return { ...object, status: { allowed: allowed.some(verb => JSON.stringify(spec).includes(`"${verb}"`)) } }
    },
  }
  const stop = new AbortController()
  return { clock, asked, stop, answer: mayRead({ group: 'g', plural: 'things' }, { client, log, clock }, stop.signal) }
}

test('both verbs are needed, in the whole cluster', async () => {
  const { asked, answer } = setUp(['list', 'watch'])
  assert.equal(await answer, true)
  assert.deepEqual(
    asked,
    ['list', 'watch'].map(verb => ({ resourceAttributes: { group: 'g', resource: 'things', verb } })),
  )
  assert.equal(await setUp(['list']).answer, false)
})

test('an API server that does not answer is queried again', async () => {
  const { clock, answer } = setUp(['list', 'watch'], 3)
  await clock.advance(1000)
  await clock.advance(2000)
  assert.equal(await answer, true)
})

test('a signal ends the wait for an answer', async () => {
  const { clock, stop, answer } = setUp([], Infinity)
  await clock.advance(1000)
  stop.abort(new Error('stopping'))
  assert.equal(await answer, false)
  assert.equal(clock.timers, 0)
})
