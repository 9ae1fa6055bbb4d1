/** When seids are queried next. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EndedQuery, nextQuery } from './schedule.ts'

const INTERVAL_MS = 15_000
/** Between two batches: they are due at multiples of 5 s. */
const NOW = 100_000
const ADVANCED: EndedQuery = { failures: 0, isStanding: false, isHurried: false, kind: 'Following' }

const CASES: readonly (readonly [string, Partial<EndedQuery>, random: number, dueInMs: number, atOnce: boolean])[] = [
  ['a node that follows joins a batch', {}, 0, 15_000, false],
  ['with jitter, an earlier batch', {}, 0.9, 10_000, false],
  ['whoever waits for it has it evaluated', { isHurried: true }, 0, 15_000, true],
  ['one that was announced as something else is on its own', { kind: 'Stuck' }, 0, 15_000, true],
  ['so is one of which nothing is known', { kind: undefined }, 0.5, 13_500, true],
  ['one without a new block is queried sooner', { isStanding: true }, 0, 5_000, true],
  ['one that does not answer is queried soon', { failures: 1 }, 0, 500, true],
  ['then later, never in a batch', { failures: 3 }, 0.5, 1_800, true],
  ['and at least once in an interval', { failures: 20 }, 0, INTERVAL_MS, true],
  ['a failure counts more than what was known before', { failures: 20, isStanding: true }, 0, INTERVAL_MS, true],
]

for (const [name, ended, random, dueInMs, evaluateNow] of CASES) {
  test(name, () => {
    const next = nextQuery({ ...ADVANCED, ...ended }, NOW, INTERVAL_MS, random)
    assert.deepEqual(next, { dueAt: NOW + dueInMs, evaluateNow })
  })
}
