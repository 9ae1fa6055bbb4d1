/** Expected times change in steps, not with every block. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectedAt } from './expectation.ts'

const NOW = Date.parse('2026-11-28T10:20:00Z')
const HOUR = 3600
const outlook = (headHeight: number, pace = 1) => ({ headHeight, pace })

const rows: readonly (readonly [title: string, found: string | undefined, at: string | undefined])[] = [
  ['to the hour where it is near', expectedAt(5 * HOUR, outlook(0), undefined, NOW), '2026-11-28T15:00:00Z'],
  ['to the day where it is far', expectedAt(100 * HOUR, outlook(0), undefined, NOW), '2026-12-03T00:00:00Z'],
  ['of a height that was passed: now', expectedAt(5, outlook(10), undefined, NOW), '2026-11-28T10:00:00Z'],
  ['stays within an hour', expectedAt(5 * HOUR, outlook(0), '2026-11-28T16:00:00Z', NOW), '2026-11-28T16:00:00Z'],
  ['changes beyond it', expectedAt(5 * HOUR, outlook(0), '2026-11-28T17:00:00Z', NOW), '2026-11-28T15:00:00Z'],
  ['stays within a day', expectedAt(100 * HOUR, outlook(0), '2026-12-02T00:00:00Z', NOW), '2026-12-02T00:00:00Z'],
  ['stays within a tenth', expectedAt(1000 * HOUR, outlook(0), '2027-01-05T00:00:00Z', NOW), '2027-01-05T00:00:00Z'],
  [
    'stays where nothing is known',
    expectedAt(9, { headHeight: undefined, pace: 1 }, '2026-12-02T00:00:00Z', NOW),
    '2026-12-02T00:00:00Z',
  ],
  ['of a chain that stands still: none', expectedAt(9, outlook(1, 0), undefined, NOW), undefined],
  ['beyond all dates: none', expectedAt(1e15, outlook(0, 1e-9), undefined, NOW), undefined],
]

for (const [title, found, at] of rows) test(`the expected time ${title}`, () => assert.equal(found, at))
