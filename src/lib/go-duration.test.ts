/** Durations are read as Go's time.ParseDuration reads them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseGoDuration } from './go-duration.ts'

const durations: readonly (readonly [text: string, ms: number])[] = [
  ['9999h0m0s', 9999 * 3_600_000],
  ['168h', 168 * 3_600_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['90s', 90_000],
  ['250ms', 250],
  ['5µs', 0.005],
  ['5μs', 0.005],
  ['5us', 0.005],
  ['1000ns', 0.001],
  ['.5s', 500],
  ['2.s', 2000],
  ['-90s', -90_000],
  ['+1m', 60_000],
  ['0', 0],
  ['-0', 0],
  ['0s', 0],
  ['2562047h', 2_562_047 * 3_600_000],
]

for (const [text, ms] of durations) {
  test(`${text} is ${ms} ms`, () => {
    assert.ok(Math.abs((parseGoDuration(text) ?? Number.NaN) - ms) < 1e-9)
  })
}

for (const text of ['', '1', '90', 's', '.s', '1d', '1h 30m', '1H', '1h-30m', '1e3s', '2562048h', '1.2.3s']) {
  test(`${JSON.stringify(text)} is no duration`, () => {
    assert.equal(parseGoDuration(text), undefined)
  })
}

test('hours, minutes and seconds add up', () => {
  const part = fc.nat({ max: 10_000 })
  fc.assert(
    fc.property(part, part, part, (h, m, s) => {
      assert.equal(parseGoDuration(`${h}h${m}m${s}s`), ((h * 60 + m) * 60 + s) * 1000)
    }),
  )
})
