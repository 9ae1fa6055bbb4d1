/** When a volume last grew, by what the API server notes of who wrote its claim. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.d.ts'
import { cachedClaim } from '../controllers/shared/claims/cached-claim.ts'
import { notedResize, seenSize } from './resized-at.ts'

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
    assert.equal(notedResize(claim), at)
    const cached = cachedClaim(claim)
    assert.equal(notedResize(cached), at)
    assert.equal(notedResize(cachedClaim(cached)), at)
    if (at === undefined) assert.deepEqual(cached, { metadata: { name: 'data-a' } })
    else assert.ok(JSON.stringify(cached).length < 200)
  })
}

test('a claim without managed fields has not grown', () => {
  assert.equal(notedResize({}), undefined)
  assert.equal(notedResize(cachedClaim({ metadata: { name: 'data-a' } })), undefined)
})

const NOW = Date.parse('2026-11-28T12:00:00Z')
const HOUR = 3_600_000

/** @param noted hours before `NOW` at which the owner of the capacity wrote last; undefined while that is who bound the claim */
function claimOf(capacity: string | undefined, noted?: number, uid = 'claim-1') {
  const time = noted === undefined ? BOUND : new Date(NOW - noted * HOUR).toISOString()
  const managedFields =
    noted === undefined ? [binder] : [status('csi-resizer', time, 'capacity'), status('binder', BOUND, 'phase')]
  return {
    metadata: { uid, managedFields },
    ...(capacity !== undefined && { status: { capacity: { storage: capacity } } }),
  }
}

type Seen = readonly [hoursAgo: number, ...claim: Parameters<typeof claimOf>]

/** The hours before `NOW` at which the claim last grew, for a process that saw these. */
const HISTORIES: readonly (readonly [title: string, seen: readonly Seen[], expected: number | undefined])[] = [
  [
    'a claim that has not grown',
    [
      [9, '1Ti'],
      [8, '1Ti'],
    ],
    undefined,
  ],
  [
    'a claim that was not bound at first',
    [
      [9, undefined],
      [8, '1Ti'],
    ],
    undefined,
  ],
  ['a growth before the process', [[9, '1Ti', 50]], 50],
  [
    'a later write that is no resize',
    [
      [9, '1Ti', 50],
      [1, '1Ti', 2],
      [0, '1024Gi', 0],
    ],
    50,
  ],
  [
    'a resize after that',
    [
      [9, '1Ti', 50],
      [8, '1Ti', 8],
      [4, '2Ti', 5],
    ],
    5,
  ],
  [
    'and a write that is no resize after that',
    [
      [9, '1Ti', 50],
      [4, '2Ti', 5],
      [1, '2Ti', 2],
    ],
    5,
  ],
  [
    'a write that is no resize before the process, which nobody can tell',
    [
      [9, '1Ti', 10],
      [8, '1Ti', 8],
    ],
    10,
  ],
  [
    'a growth whose time nobody notes',
    [
      [9, '1Ti'],
      [4, '2Ti'],
      [3, '2Ti'],
    ],
    4,
  ],
  [
    'a claim that was read before it grew',
    [
      [9, '1Ti'],
      [4, '2Ti'],
      [3, '1Ti'],
      [2, '2Ti'],
    ],
    4,
  ],
  [
    'a time that is yet to come',
    [
      [9, '1Ti', -24],
      [1, '1Ti', -24],
    ],
    9,
  ],
  [
    'a growth whose time is yet to come',
    [
      [9, '1Ti'],
      [4, '2Ti', -24],
      [1, '2Ti', -24],
    ],
    4,
  ],
  [
    'another claim of the same name',
    [
      [9, '2Ti', 50],
      [4, '1Ti', undefined, 'claim-2'],
    ],
    undefined,
  ],
]

for (const [title, seen, expected] of HISTORIES) {
  test(`${title}: grown ${expected} hours ago`, () => {
    let size: ReturnType<typeof seenSize>
    for (const [hoursAgo, ...claim] of seen) size = seenSize(size, claimOf(...claim), NOW - hoursAgo * HOUR)
    const { resizedAt } = size ?? {}
    assert.equal(resizedAt === undefined ? undefined : (NOW - resizedAt) / HOUR, expected)
  })
}

test('what was seen stays the same object while the capacity stays', () => {
  const size = seenSize(undefined, claimOf('1Ti', 50), NOW)
  assert.equal(seenSize(size, claimOf('1Ti', 1), NOW), size)
})
