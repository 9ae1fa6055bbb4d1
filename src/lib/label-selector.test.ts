/** Label selectors select as Kubernetes documents them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts'
import { isSelected } from './label-selector.ts'

const labels = { app: 'sei', tier: 'rpc' }

const CASES: readonly (readonly [title: string, selector: LabelSelector | undefined, selected: boolean])[] = [
  ['no selector', undefined, true],
  ['an empty selector', {}, true],
  ['a label with its value', { matchLabels: { app: 'sei' } }, true],
  ['a label with another value', { matchLabels: { app: 'sei', tier: 'seed' } }, false],
  ['a label that the object lacks', { matchLabels: { zone: 'a' } }, false],
  ['In, among the values', { matchExpressions: [{ key: 'tier', operator: 'In', values: ['seed', 'rpc'] }] }, true],
  [
    'In, of a label that the object lacks',
    { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] },
    false,
  ],
  ['NotIn, among the values', { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['rpc'] }] }, false],
  [
    'NotIn, of a label that the object lacks',
    { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] },
    true,
  ],
  ['Exists', { matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true],
  ['Exists, of a label that the object lacks', { matchExpressions: [{ key: 'zone', operator: 'Exists' }] }, false],
  ['DoesNotExist', { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
  [
    'DoesNotExist, of a label that the object lacks',
    { matchExpressions: [{ key: 'zone', operator: 'DoesNotExist' }] },
    true,
  ],
  [
    'labels that fit and an expression that does not',
    { matchLabels: { app: 'sei' }, matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
    false,
  ],
]

for (const [title, selector, selected] of CASES) {
  test(`${title}: ${selected ? 'selected' : 'not selected'}`, () =>
    assert.equal(isSelected(labels, selector), selected))
}

test('an operator that Kubernetes does not have is an error', () => {
  assert.throws(
    () => isSelected(labels, { matchExpressions: [{ key: 'app', operator: 'Like' }] }),
    /unknown operator Like/,
  )
})
