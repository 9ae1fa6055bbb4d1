/** When a volume last grew, by what the API server notes of who wrote its claim. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.d.ts'
import { cachedClaim } from '../controllers/shared/claims/cached-claim.ts'
import { resizedAt } from './resized-at.ts'

const BOUND = '2026-11-01T12:00:00Z'
const GROWN = '2026-11-27T12:00:00Z'

function status(manager: string, time: string, ...fields: readonly string[]): ManagedFieldsEntry {
  const names = Object.fromEntries(fields.map(field => [`f:${field}`, field === 'capacity' ? { 'f:storage': {} } : {}]))
  return { manager, operation: 'Update', subresource: 'status', time, fieldsV1: { 'f:status': names } }
}

const spec: ManagedFieldsEntry = {
  manager: 'kubectl-patch',
  time: GROWN,
  fieldsV1: { 'f:spec': { 'f:resources': { 'f:requests': { 'f:storage': {} } } } },
}
const binder = status('kube-controller-manager', BOUND, 'accessModes', 'capacity', 'phase')

const CASES: readonly (readonly [title: string, managedFields: ManagedFieldsEntry[], expected: string | undefined])[] =
  [
    ['a claim that is not bound', [spec], undefined],
    ['a claim that was bound and has not grown', [spec, binder], undefined],
    [
      'a growth that a driver ended',
      [status('kube-controller-manager', BOUND, 'accessModes', 'phase'), status('csi-resizer', GROWN, 'capacity')],
      GROWN,
    ],
    ['a growth that a kubelet ended', [status('kubelet', GROWN, 'capacity', 'conditions')], GROWN],
    ['one of two owners of the capacity', [status('a', BOUND, 'capacity'), status('b', GROWN, 'capacity')], GROWN],
    ['a growth that has not ended', [binder, status('csi-resizer', GROWN, 'conditions')], undefined],
    ['fields that nobody understands', [{ time: GROWN }, { time: GROWN, fieldsV1: { 'f:status': [] } }], undefined],
  ]

for (const [title, managedFields, expected] of CASES) {
  test(`${title}: ${expected}, and a cache knows as much`, () => {
    const at = expected === undefined ? undefined : Date.parse(expected)
    const claim = { metadata: { name: 'data-a', managedFields } }
    assert.equal(resizedAt(claim), at)
    const cached = cachedClaim(claim)
    assert.equal(resizedAt(cached), at)
    assert.equal(resizedAt(cachedClaim(cached)), at)
    if (at === undefined) assert.deepEqual(cached, { metadata: { name: 'data-a' } })
    else assert.ok(JSON.stringify(cached).length < 200)
  })
}

test('a claim without managed fields has not grown', () => {
  assert.equal(resizedAt({}), undefined)
  assert.equal(resizedAt(cachedClaim({ metadata: { name: 'data-a' } })), undefined)
})
