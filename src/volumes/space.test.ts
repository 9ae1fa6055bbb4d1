/** When a volume is filling, when it has enough space again, and that neither flaps. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { announce, type Announced, evaluateSpace, fullAt } from './space.ts'
import { dailyPace, DAY_MS, HOUR_MS, sampled, type VolumeTrack, type VolumeUse } from './track.ts'

const GIB = 1024 ** 3
const NOW = Date.parse('2026-11-27T12:00:00Z')
const SEVENTY_THREE = 73

/** @param used GiB at an hour of a volume of 1000 */
function trackOf(hours: number, used: (hour: number) => number, inodes?: VolumeUse['inodes']): VolumeTrack {
  let track: VolumeTrack | undefined
  for (let hour = 0; hour <= hours; hour++) {
    track = sampled(track, { at: hour * HOUR_MS, bytes: { used: used(hour) * GIB, total: 1000 * GIB }, inodes })
  }
  assert.ok(track)
  return track
}

function said(kind: Announced['kind'], step: number, days?: number): Announced {
  return { kind, step, fullAt: days === undefined ? undefined : NOW + days * DAY_MS }
}

const constant = (gib: number) => (): number => gib
const inodes = (used: number): VolumeUse['inodes'] => ({ used, total: 100 })

const CASES: readonly (readonly [
  name: string,
  track: VolumeTrack,
  before: Announced | undefined,
  kind: Announced['kind'],
  days?: number,
])[] = [
  ['a volume at 85 % has enough space', trackOf(0, constant(850)), undefined, 'Enough'],
  ['a volume above 85 % is filling', trackOf(0, constant(851)), undefined, 'Filling'],
  ['one that was filling still is at 81 %', trackOf(80, constant(810)), said('Filling', 85), 'Filling'],
  ['one that was filling has enough at 80 %', trackOf(80, constant(800)), said('Filling', 85), 'Enough'],
  ['inodes count as bytes do', trackOf(80, constant(100), inodes(86)), undefined, 'Filling'],
  ['full within 7 days is filling', trackOf(72, hour => 200 + 5 * hour), undefined, 'Filling', 440 / 120],
  ['full within 10 days is enough', trackOf(72, hour => 300 + 2.5 * hour), undefined, 'Enough', 520 / 60],
  ['…and still filling if it was', trackOf(72, hour => 300 + 2.5 * hour), said('Filling', 45, 7), 'Filling', 520 / 60],
  ['a date beyond 30 days is not said', trackOf(72, hour => 500 + hour / 2), undefined, 'Enough'],
  ['…up to 40 days if one was', trackOf(72, hour => 500 + hour / 2), said('Enough', 50, 38), 'Enough', 464 / 12],
  ['a pace of less than six hours is not known', trackOf(5, hour => 200 + 100 * hour), undefined, 'Enough'],
  ['a restore that has ended has no pace', trackOf(40, hour => Math.min(600, hour * 60)), undefined, 'Enough'],
  ['prunings count in the pace', trackOf(72, hour => 500 + 6 * (hour % 36)), undefined, 'Enough', 17.9],
  ['a new process keeps what was said', trackOf(0, constant(604)), said('Filling', 60, 5), 'Filling', 5],
  ['…unless space was made', trackOf(0, constant(300)), said('Filling', 60, 5), 'Enough'],
]

for (const [name, track, before, kind, days] of CASES) {
  test(`space of a volume: ${name}`, () => {
    const space = evaluateSpace(track, NOW, before)
    assert.equal(space.kind, kind)
    const found = space.fullAt === undefined ? undefined : (space.fullAt - NOW) / DAY_MS
    if (days === undefined) assert.equal(found, undefined)
    else assert.ok(Math.abs((found ?? 0) - days) < 0.2, `full in ${found} days`)
  })
}

test('when a volume is full is known at any distance, and not at all of one that does not fill', () => {
  const days =
    ((fullAt(
      trackOf(72, hour => 500 + hour / 2),
      NOW,
    ) ?? 0) -
      NOW) /
    DAY_MS
  assert.ok(Math.abs(days - 464 / 12) < 0.1, String(days))
  assert.equal(fullAt(trackOf(72, constant(500)), NOW), undefined)
  assert.equal(
    fullAt(
      trackOf(72, hour => 500 - hour),
      NOW,
    ),
    undefined,
  )
  assert.equal(fullAt(trackOf(1, constant(500)), NOW), undefined)
})

test('a track holds three days, however often a volume is sampled', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 * HOUR_MS }), { minLength: 1, maxLength: 400 }), gaps => {
      let [at, track]: [number, VolumeTrack | undefined] = [0, undefined]
      for (const gap of gaps) {
        at += gap
        track = sampled(track, { at, bytes: { used: at, total: 2 * at }, inodes: undefined })
        assert.ok(track.hourly.length <= SEVENTY_THREE)
        assert.equal(track.last.at, at)
      }
      const pace = track && dailyPace(track, 'bytes')
      assert.ok(pace === undefined || Math.abs(pace / DAY_MS - 1) < 1e-6, String(pace))
    }),
  )
})

test('use that swings within a percent, or a date within a day, is no news', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 99 }),
      fc.array(
        fc.record({
          percent: fc.double({ min: -0.45, max: 0.45, noNaN: true }),
          days: fc.double({ min: -0.4, max: 0.4, noNaN: true }),
        }),
      ),
      fc.option(fc.integer({ min: 8, max: 25 }), { nil: undefined }),
      (percent, swings, days) => {
        const spaceAt = (swing: { percent: number; days: number }) => ({
          kind: 'Enough' as const,
          measure: 'bytes' as const,
          amount: { used: percent + swing.percent, total: 100 },
          fullAt: days === undefined ? undefined : NOW + (days + swing.days) * DAY_MS,
        })
        let before = announce(undefined, spaceAt({ percent: 0, days: 0 }), NOW)
        let changes = 0
        for (const swing of swings) {
          const after = announce(before, spaceAt(swing), NOW)
          if (after !== before) changes += 1
          before = after
        }
        assert.ok(changes <= 1, `${changes} changes`)
      },
    ),
  )
})

/** The steps that are news, of a volume whose use is this, one after the other. */
function newsOf(percents: readonly number[], start: Announced): readonly number[] {
  let before = start
  return percents.flatMap(used => {
    const space = { kind: 'Enough', measure: 'bytes', amount: { used, total: 100 }, fullAt: undefined } as const
    const after = announce(before, space, NOW)
    const isNews = after !== before
    before = after
    return isNews ? [after.step] : []
  })
}

test('each 5 % on the way up is news once, and on the way down a percent later', () => {
  const up = Array.from({ length: 41 }, (_, i) => 40 + i / 2)
  assert.deepEqual(newsOf(up, said('Enough', 40)), [45, 50, 55, 60])
  assert.deepEqual(newsOf(up.toReversed(), said('Enough', 60)), [55, 50, 45, 40])
})
