/** Quantities are read as Kubernetes reads them, exactly. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { compareQuantities, parseQuantity } from './quantity.ts'

const BILLION = 1_000_000_000n

const amounts: readonly (readonly [text: string | number, billionths: bigint])[] = [
  ['0', 0n],
  ['1', BILLION],
  [8, 8n * BILLION],
  ['+4', 4n * BILLION],
  ['-2', -2n * BILLION],
  ['1000m', BILLION],
  ['100m', 100_000_000n],
  ['1.5', 1_500_000_000n],
  ['.5', 500_000_000n],
  ['5.', 5n * BILLION],
  ['0.5Gi', 536_870_912n * BILLION],
  ['1Ki', 1024n * BILLION],
  ['1k', 1000n * BILLION],
  ['1e3', 1000n * BILLION],
  ['1E3', 1000n * BILLION],
  ['25e-2', 250_000_000n],
  ['1E', 10n ** 18n * BILLION],
  ['1Ei', 2n ** 60n * BILLION],
  ['2Ti', 2n ** 41n * BILLION],
  ['5u', 5000n],
  ['7n', 7n],
]

for (const [text, billionths] of amounts) {
  test(`${JSON.stringify(text)} is read exactly`, () => {
    assert.equal(parseQuantity(text), billionths)
  })
}

for (const text of ['', '.', 'Gi', '1K', '1KI', '1 Gi', '1Gi ', '1,5', '0x10', '1e', '1GB', '--1', '1e1.5', 'NaN']) {
  test(`${JSON.stringify(text)} is no quantity`, () => {
    assert.equal(parseQuantity(text), undefined)
  })
}

test('what is finer than a billionth is rounded away from zero', () => {
  assert.equal(parseQuantity('0.1n'), 1n)
  assert.equal(parseQuantity('-0.1n'), -1n)
  assert.equal(parseQuantity('1.0000000001'), BILLION + 1n)
})

test('sizes are compared by amount, not by spelling', () => {
  assert.equal(compareQuantities('1000m', '1'), 0)
  assert.equal(compareQuantities('1024Mi', '1Gi'), 0)
  assert.ok(compareQuantities('1000Gi', '1Ti') < 0)
  assert.ok(compareQuantities('1Ti', '1T') > 0)
})

test('comparing what is no quantity names it', () => {
  assert.throws(() => compareQuantities('1Gi', 'lots'), /found "lots"/)
})

test('a suffix multiplies, whatever the number', () => {
  const suffixes = fc.constantFrom<[string, bigint]>(
    ['Ki', 1024n],
    ['Gi', 1024n ** 3n],
    ['k', 1000n],
    ['T', 10n ** 12n],
  )
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), suffixes, (n, [suffix, factor]) => {
      assert.equal(compareQuantities(`${n}${suffix}`, `${n * factor}`), 0)
      assert.equal(compareQuantities(`${n}m`, `${n * 1000n}u`), 0)
    }),
  )
})
