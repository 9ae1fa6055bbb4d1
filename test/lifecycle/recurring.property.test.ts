/** Weeks of periodic work by the clock, with operator and sidecar going away at random: each slot has its one run. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import * as fc from 'fast-check'
import { PROFILES, profileOf } from '../../testing/fakes/sidecar/index.ts'
import { DISTURBANCES, MINUTE, type Outcome, simulate, type SimulationOptions } from './recurring-simulation.ts'

/** A slot that nothing disturbs has its run within this long. Milliseconds. */
const LATE_MS = 15 * MINUTE

const weeks = fc.record({
  schedule: fc.constantFrom('0 0 * * *', '0 */6 * * *', '30 4 * * 1', '15 */2 * * *'),
  runMinutes: fc.constantFrom(0, 7, 90, 13 * 60),
  days: fc.integer({ min: 14, max: 21 }),
  disturbances: fc.array(
    fc.record({
      kind: fc.constantFrom(...DISTURBANCES),
      afterMinutes: fc.integer({ min: 1, max: 3 * 24 * 60 }),
      minutes: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 3 * 24 * 60 })),
    }),
    { maxLength: 16 },
  ),
})

suite('failure mode 12: R12 R13: periodic work over weeks', () => {
  for (const release of PROFILES) {
    const isEndless = uploadsWithoutEnd(release)
    const title = isEndless
      ? `${release}, whose upload never ends: one is kept going, never two, and no snapshot is uploaded twice`
      : `${release}: one upload for each slot, none missed, none early, never two at once, no snapshot uploaded twice`
    test(title, async () => {
      await fc.assert(
        fc.asyncProperty(weeks, async input => {
          const options = { release, ...input }
          const outcome = await simulate(options)
          assert.ok(outcome.mostAtOnce <= 1, `${outcome.mostAtOnce} ran at once`)
          assert.equal(new Set(outcome.archives).size, outcome.archives.length, 'a snapshot was uploaded twice')
          assertServed(outcome)
          assertNotEarly(outcome)
          if (!isEndless) assertOncePerSlot(outcome, options)
        }),
        // An upload without end is asked about every minute of those weeks.
        { numRuns: isEndless ? 3 : 8 },
      )
    })
  }

  test('undisturbed weeks: exactly one upload for each slot', async () => {
    for (const release of PROFILES) {
      const { slots, executions } = await simulate({
        release,
        schedule: '0 */6 * * *',
        runMinutes: 7,
        days: 21,
        disturbances: [],
      })
      const isEndless = uploadsWithoutEnd(release)
      assert.equal(executions.length, isEndless ? 1 : slots.length, release)
    }
  })
})

/** Each slot without a fault around it has a run in progress, or gets one. */
function assertServed(outcome: Outcome): void {
  for (const slot of outcome.slots.slice(0, -1)) {
    // A run that ends within a poll of the slot counts as in progress.
    const isTaken = outcome.isRunning(slot) || outcome.isRunning(slot - MINUTE)
    if (isTaken || !outcome.isCalm(slot - LATE_MS, slot + LATE_MS)) continue
    const isStarted = outcome.executions.some(({ startedAt }) => startedAt >= slot && startedAt <= slot + LATE_MS)
    assert.ok(isStarted, `slot ${new Date(slot).toISOString()} was missed`)
  }
}

function assertNotEarly({ slots, executions }: Outcome): void {
  const [first = Infinity] = slots
  for (const { startedAt } of executions) assert.ok(startedAt >= first, `a run at ${startedAt}, before any slot`)
}

/** A sidecar that broke a run off, or forgot that it had run, is the only reason to run for a slot once more. */
function assertOncePerSlot({ slots, executions }: Outcome, { disturbances }: SimulationOptions): void {
  let extra = 0
  slots.forEach((slot, i) => {
    const next = slots[i + 1] ?? Infinity
    const inSlot = executions.filter(({ startedAt }) => startedAt >= slot && startedAt < next)
    extra += Math.max(0, inSlot.length - 1)
  })
  const restarts = disturbances.filter(({ kind }) => kind.startsWith('sidecar-')).length
  assert.ok(extra <= restarts, `${extra} runs more than slots, ${restarts} restarts of the sidecar`)
}

function uploadsWithoutEnd(tag: string): boolean {
  const { upload, uploadsOnce } = profileOf(tag)
  return upload === 'loop' && !uploadsOnce
}
