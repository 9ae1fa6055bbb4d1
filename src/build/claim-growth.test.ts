/** Whose size counts for a claim that has grown: the spec's, the growth on record, or that of the claim's user. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { growthMarks, growthRecord, type StorageSize, wantedSize } from './claim-growth.ts'

const AT = '2026-11-27T12:00:00.000Z'

/** @param to of the growth on record */
function claimOf(request: string, capacity: string | undefined, to?: string): PersistentVolumeClaim {
  const record = { 'sei.io/grown-at': AT, 'sei.io/grown-from-bytes': '1000', 'sei.io/growths': '3' }
  return {
    metadata: { name: 'data-a', annotations: to === undefined ? {} : { ...record, 'sei.io/grown-to': to } },
    spec: { resources: { requests: { storage: request } } },
    ...(capacity === undefined ? {} : { status: { capacity: { storage: capacity } } }),
  }
}

const autoGrow = (maxSize: string): Pick<StorageSize, 'autoGrow'> => ({ autoGrow: { maxSize } })

const CASES: readonly (readonly [string, StorageSize, PersistentVolumeClaim | undefined, string | undefined])[] = [
  ['a new claim has the size of the spec', { size: '1000Gi' }, undefined, '1000Gi'],
  ['a claim that never grew has it too', { size: '1000Gi' }, claimOf('1200Gi', '1200Gi'), '1000Gi'],
  ['a growth counts', { size: '1000Gi', ...autoGrow('4Ti') }, claimOf('1200Gi', '1200Gi', '1200Gi'), '1200Gi'],
  ['a growth under way counts', { size: '1000Gi' }, claimOf('1200Gi', '1000Gi', '1200Gi'), '1200Gi'],
  ['a growth counts without autoGrow', { size: '1000Gi' }, claimOf('1200Gi', '1200Gi', '1200Gi'), '1200Gi'],
  ['a restored claim is not bound yet', { size: '1000Gi' }, claimOf('1200Gi', undefined, '1200Gi'), '1200Gi'],
  ['a larger size wins', { size: '2Ti' }, claimOf('1200Gi', '1200Gi', '1200Gi'), '2Ti'],
  ['so does one between capacity and growth', { size: '1100Gi' }, claimOf('1200Gi', '1000Gi', '1200Gi'), '1100Gi'],
  ['a lower maxSize', { size: '1000Gi', ...autoGrow('1100Gi') }, claimOf('1200Gi', '1000Gi', '1200Gi'), '1100Gi'],
  ['in whole GiB', { size: '1000Gi', ...autoGrow('1100.5Gi') }, claimOf('1200Gi', '1000Gi', '1200Gi'), '1100Gi'],
  [
    'a maxSize that is the capacity: the least that the API server accepts',
    { size: '1000Gi', ...autoGrow('1000Gi') },
    claimOf('1200Gi', '1000Gi', '1200Gi'),
    '1001Gi',
  ],
  ['a maxSize below the capacity', autoGrow('900Gi'), claimOf('1200Gi', '1000Gi', '1200Gi'), '1001Gi'],
  ['no further, once that is asked for', autoGrow('900Gi'), claimOf('1001Gi', '1000Gi', '1001Gi'), '1001Gi'],
  ['a capacity that is no whole GiB', autoGrow('1Gi'), claimOf('2Gi', '1500Mi', '2Gi'), '2Gi'],
  [
    'with autoGrow, what has not come of a size that the spec had',
    { size: '1000Gi', ...autoGrow('4Ti') },
    claimOf('2000Gi', '1000Gi'),
    '1000Gi',
  ],
  [
    'a volume that a person enlarged on the claim',
    { size: '1000Gi', ...autoGrow('4Ti') },
    claimOf('2000Gi', '2000Gi', '1200Gi'),
    undefined,
  ],
  ['a larger size of the spec', { size: '3000Gi', ...autoGrow('4Ti') }, claimOf('2000Gi', '2000Gi'), '3000Gi'],
  [
    'an annotation that somebody changed raises no request',
    { size: '1000Gi', ...autoGrow('4Ti') },
    claimOf('1200Gi', '1200Gi', '3Ti'),
    '1200Gi',
  ],
  [
    'nor does one that is no size',
    { size: '1000Gi', ...autoGrow('4Ti') },
    claimOf('1200Gi', '1200Gi', 'large'),
    undefined,
  ],
  [
    'a maxSize that is reached',
    { size: '1000Gi', ...autoGrow('1Ti') },
    claimOf('1200Gi', '1200Gi', '1200Gi'),
    '1200Gi',
  ],
  ['no size: the growth', { ...autoGrow('4Ti') }, claimOf('1200Gi', '1000Gi', '1200Gi'), '1200Gi'],
  ['no size: what a user asked for since', { ...autoGrow('4Ti') }, claimOf('1100Gi', '1000Gi', '1200Gi'), undefined],
  ['no size: the growth, in other units', {}, claimOf('1Ti', '1000Gi', '1024Gi'), '1024Gi'],
  ['no size and no growth', {}, claimOf('1100Gi', '1000Gi'), undefined],
]

for (const [title, storage, claim, expected] of CASES) {
  test(`${title}: ${expected}`, () => assert.equal(wantedSize(storage, claim), expected))
}

const GROWTH = { to: '1440Gi', at: AT, fileSystemBytes: 1200 }

test('a growth is on record with the request; where the request is refused, the record stays', () => {
  const live = claimOf('1200Gi', '1200Gi', '1200Gi')
  const marks = growthMarks({ size: '1000Gi' }, live, GROWTH, false)
  const record = growthRecord({ metadata: { annotations: marks } })
  assert.deepEqual(record, { ...GROWTH, count: 4 })
  assert.deepEqual(growthMarks({ size: '1000Gi' }, live, GROWTH, true), live.metadata?.annotations)
})

test('a size of the spec that replaces a growth takes it off the record, so that it does not come back', () => {
  const live = claimOf('1200Gi', '1000Gi', '1200Gi')
  const marks = growthMarks({ size: '1100Gi' }, live, undefined, false)
  assert.equal(marks['sei.io/grown-to'], undefined)
  assert.equal(marks['sei.io/grown-at'], AT)
  const after = { ...claimOf('1100Gi', '1100Gi'), metadata: { annotations: marks } }
  assert.equal(wantedSize({ size: '1100Gi' }, after), '1100Gi')
})

test('a claim without a growth has no record, and a new one gets none', () => {
  assert.deepEqual(growthMarks({ size: '1000Gi' }, claimOf('1000Gi', '1000Gi'), undefined, false), {})
  assert.deepEqual(growthMarks({ size: '1000Gi' }, undefined, GROWTH, false), {})
})

const READ: readonly (readonly [string, Record<string, string>, string])[] = [
  ['of another precision', { 'sei.io/grown-at': '2026-11-27T12:00Z' }, `${AT} 0 1`],
  ['without a time', { 'sei.io/grown-at': '2026-11-27' }, '2026-11-27T00:00:00.000Z 0 1'],
  ['with counts that are none', { 'sei.io/growths': 'many', 'sei.io/grown-from-bytes': '-1' }, `${AT} 0 1`],
  ['with counts that status does not hold', { 'sei.io/growths': '4294967296' }, `${AT} 0 1`],
]

for (const [title, annotations, expected] of READ) {
  test(`annotations ${title} are read as what status and arithmetic can hold`, () => {
    const record = growthRecord({ metadata: { annotations: { 'sei.io/grown-at': AT, ...annotations } } })
    assert.equal(`${record?.at} ${record?.fileSystemBytes} ${record?.count}`, expected)
  })
}
