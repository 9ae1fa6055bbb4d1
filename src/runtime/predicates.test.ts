/** Tests of the predicates. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectMeta } from '../kube/types.ts'
import { specOrMetadataChanged } from './predicates.ts'

const base: ObjectMeta = { name: 'a', generation: 1, resourceVersion: '1', labels: { a: '1' } }

function isWorthIt(after: Partial<ObjectMeta>): boolean {
  return specOrMetadataChanged({
    type: 'updated',
    previous: { metadata: base },
    object: { metadata: { ...base, ...after } },
  })
}

test('a status write is not worth a reconcile', () => {
  assert.equal(isWorthIt({ resourceVersion: '2' }), false)
})

test('a change of what steers the object is', () => {
  const changes: Partial<ObjectMeta>[] = [
    { generation: 2 },
    { deletionTimestamp: '2026-01-01T00:00:00Z' },
    { labels: { a: '2' } },
    { annotations: { retry: '1' } },
    { finalizers: ['f'] },
    { ownerReferences: [{ apiVersion: 'v1', kind: 'Thing', name: 'o', uid: 'u' }] },
  ]
  for (const change of changes) assert.equal(isWorthIt(change), true, JSON.stringify(change))
})

test('appearing and disappearing are', () => {
  assert.equal(specOrMetadataChanged({ type: 'added', object: { metadata: base } }), true)
  assert.equal(specOrMetadataChanged({ type: 'deleted', object: { metadata: base } }), true)
})
