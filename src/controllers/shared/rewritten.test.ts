/** What a condition says of objects that admission rewrote. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rewrittenMessage } from './rewritten.ts'

const image = { path: 'spec.image', wanted: 'a', found: 'mirror/a' }

test('nothing is said where nothing was rewritten', () => {
  assert.equal(rewrittenMessage([]), undefined)
})

test('each object is named with its first difference, what was wanted and what was found', () => {
  const message = rewrittenMessage([
    { kind: 'SeiNode', name: 'net-0', differences: [image] },
    { kind: 'Service', name: 'a', differences: [{ path: 'spec.ports', wanted: [1], found: undefined }, image] },
  ])
  assert.equal(
    message,
    'admission changes what the operator applies, and the cluster runs with the result: SeiNode net-0 (spec.image: wanted "a", found "mirror/a"); Service a (spec.ports: wanted [1], found nothing, and 1 more). If that is not intended, correct the mutating admission policy or webhook, then restart the operator: it applies its objects again',
  )
})

test('many objects and long values are cut short', () => {
  const many = Array.from({ length: 12 }, (_, index) => ({
    kind: 'SeiNode',
    name: `net-${index}`,
    differences: [{ ...image, found: 'x'.repeat(5000) }],
  }))
  const message = rewrittenMessage(many) ?? ''
  assert.match(message, /SeiNode net-9 .*; and 2 more objects\. If/)
  assert.ok(message.length < 4096)
})
