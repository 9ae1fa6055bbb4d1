/** What the API server accepts as a schedule is a schedule for whoever runs it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cron } from 'croner'
import * as fc from 'fast-check'
import { isSchedule } from '../api/testdata/schedule.ts'
import { nextSlot } from './schedule-slots.ts'

const NAMES = ['JAN', 'FEB', 'MAR', 'MAY', 'NOV', 'DEC', 'SUN', 'MON', 'TUE', 'FRI', 'SAT']
const value = fc.oneof(fc.integer({ min: 0, max: 61 }).map(String), fc.constantFrom('00', '05', '07', ...NAMES))
const part = fc
  .tuple(
    fc.oneof(
      fc.constant('*'),
      value,
      fc.tuple(value, value).map(([from, to]) => `${from}-${to}`),
    ),
    fc.option(fc.constantFrom(1, 2, 7, 12, 13, 24, 31, 60, 61, 70), { nil: undefined }),
  )
  .map(([base, step]) => (step === undefined ? base : `${base}/${step}`))
const field = fc.oneof(
  { weight: 3, arbitrary: fc.constant('*') },
  part,
  fc.tuple(part, part).map(parts => parts.join(',')),
)
const anyExpression = fc.tuple(field, field, field, field, field).map(fields => fields.join(' '))

function slotOf(expression: string): number | undefined {
  try {
    return nextSlot(expression, Date.UTC(2026, 0, 1), 'seed')
  } catch {
    return undefined
  }
}

test('R12: every schedule that is accepted is one that croner takes', () => {
  let accepted = 0
  fc.assert(
    fc.property(anyExpression, expression => {
      if (!isSchedule(expression)) return
      accepted += 1
      assert.ok(new Cron(expression, { timezone: 'UTC', paused: true }), expression)
    }),
    { numRuns: 30_000 },
  )
  assert.ok(accepted > 500, `only ${accepted} expressions were accepted`)
})

test('R12: a single field at a time, croner and the rule agree on all steps, ranges and lists of numbers', () => {
  const limits = [
    [0, 59, 60],
    [0, 23, 24],
    [1, 31, 31],
    [1, 12, 12],
    [0, 7, 7],
  ] as const
  for (const [position, [least, most, steps]] of limits.entries()) {
    const expressionOf = (text: string): string =>
      Array.from({ length: 5 }, (_, i) => (i === position ? text : '*')).join(' ')
    const texts = [
      ...Array.from({ length: steps + 12 }, (_, i) => `*/${i + 1}`),
      ...Array.from({ length: (most + 3) ** 2 }, (_, i) => `${i % (most + 3)}-${Math.floor(i / (most + 3))}`),
      ...Array.from({ length: most + 3 }, (_, i) => `${i}`),
      ...Array.from({ length: most + 3 }, (_, i) => `${i}/2`),
      `${least},${most}`,
      `${least}-${most}/${steps}`,
    ]
    for (const text of texts) {
      const expression = expressionOf(text)
      assert.equal(isSchedule(expression), slotOf(expression) !== undefined, expression)
    }
  }
})

const TABLE: readonly (readonly [string, boolean])[] = [
  ['0 0 * * *', true],
  ['*/10 * * * *', true],
  ['0  3 * * *', true],
  ['*/15 8-18 * * MON-FRI', true],
  ['0 0 1 JAN,JUL *', true],
  ['0 0 29 2 *', true],
  ['0 0 30 2 MON', true],
  ['0 0 31 1-12 *', true],
  ['0 0 30,1 2 *', true],
  ['@hourly', true],
  ['@yearly', true],
  ['*/70 * * * *', false],
  ['5/7 * * * *', false],
  ['0 0 * * FRI-MON', false],
  ['50-10 * * * *', false],
  ['0 0 30 2 *', false],
  ['0 0 30-31 FEB *', false],
  ['0 0 31 2,4,6 *', false],
  ['0 0 31 NOV *', false],
  ['@never', false],
  ['0 0 0 * * *', false],
]

for (const [expression, isAccepted] of TABLE) {
  test(`R12: ${expression} is ${isAccepted ? 'accepted, and comes due' : 'refused, and would fail'}`, () => {
    assert.equal(isSchedule(expression), isAccepted)
    if (expression !== '0 0 0 * * *') assert.equal(slotOf(expression) !== undefined, isAccepted)
  })
}
