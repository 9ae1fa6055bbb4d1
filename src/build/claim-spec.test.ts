/** What becomes of the size that a claim asks for: every order of wish, request and capacity. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { compareQuantities } from '../lib/quantity.ts'
import { claimSpec, decideSize, type SizeDecision } from './claim-spec.ts'

function liveClaim(requested: string, capacity: string | undefined, phase = 'Bound'): PersistentVolumeClaim {
  return {
    metadata: { name: 'data-n' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'gp3',
      resources: { requests: { storage: requested } },
    },
    status: { phase, ...(capacity === undefined ? {} : { capacity: { storage: capacity } }) },
  }
}

interface Row {
  readonly wanted: string | undefined
  readonly requested: string
  readonly capacity: string | undefined
  readonly phase?: string
  readonly canGrow?: boolean
  readonly decision: SizeDecision
  readonly why: string
}

const rows: readonly Row[] = [
  { wanted: undefined, requested: '2Ti', capacity: '1Ti', decision: { kind: 'keep' }, why: 'nobody else asks' },
  { wanted: '1Ti', requested: '1024Gi', capacity: '1Ti', decision: { kind: 'keep' }, why: 'the same amount' },
  { wanted: '2Ti', requested: '1Ti', capacity: '1Ti', decision: { kind: 'resize', to: '2Ti' }, why: 'it grows' },
  {
    wanted: '2Ti',
    requested: '1Ti',
    capacity: '1Ti',
    canGrow: false,
    decision: { kind: 'no-growth' },
    why: 'its class lets none grow',
  },
  {
    wanted: '1100Gi',
    requested: '1000Gi',
    capacity: '1Ti',
    canGrow: false,
    decision: { kind: 'no-growth' },
    why: 'what the driver rounded up to is less than is wanted',
  },
  {
    wanted: '1020Gi',
    requested: '1000Gi',
    capacity: '1Ti',
    canGrow: false,
    decision: { kind: 'keep' },
    why: 'the driver rounded up to more than is wanted',
  },
  {
    wanted: '2000Gi',
    requested: '20000Gi',
    capacity: '1000Gi',
    decision: { kind: 'resize', to: '2000Gi' },
    why: 'a growth that failed is taken back',
  },
  {
    wanted: '2000Gi',
    requested: '20000Gi',
    capacity: '1000Gi',
    canGrow: false,
    decision: { kind: 'resize', to: '2000Gi' },
    why: 'taking back is no growth',
  },
  {
    wanted: '1000Gi',
    requested: '20000Gi',
    capacity: '1000Gi',
    decision: { kind: 'at-capacity' },
    why: 'the API server wants more than the capacity',
  },
  {
    wanted: '500Gi',
    requested: '20000Gi',
    capacity: '1000Gi',
    decision: { kind: 'below-capacity' },
    why: 'no volume shrinks',
  },
  {
    wanted: '500Gi',
    requested: '1000Gi',
    capacity: '1000Gi',
    decision: { kind: 'below-capacity' },
    why: 'no volume shrinks',
  },
  {
    wanted: '1500Mi',
    requested: '1500Mi',
    capacity: '2Gi',
    decision: { kind: 'keep' },
    why: 'the driver rounded up',
  },
  {
    wanted: '2Ti',
    requested: '1Ti',
    capacity: undefined,
    phase: 'Pending',
    decision: { kind: 'unbound' },
    why: 'the spec of an unbound claim is immutable',
  },
  {
    wanted: '1Gi',
    requested: '1Ti',
    capacity: undefined,
    phase: 'Pending',
    decision: { kind: 'unbound' },
    why: 'the spec of an unbound claim is immutable',
  },
]

for (const { wanted, requested, capacity, phase, canGrow = true, decision, why } of rows) {
  test(`wanted ${wanted}, asked for ${requested}, has ${capacity}: ${decision.kind}, since ${why}`, () => {
    assert.deepEqual(decideSize(wanted, liveClaim(requested, capacity, phase), canGrow), decision)
  })
}

const sizes = fc.integer({ min: 1, max: 40 }).map(gibibytes => `${gibibytes}Gi`)

test('a live claim requests the size of the spec or its present one, and never one that the API server refuses', () => {
  fc.assert(
    fc.property(
      fc.option(sizes, { nil: undefined }),
      sizes,
      sizes,
      sizes,
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom('Bound', 'Pending', 'Lost'),
      (wanted, defaultSize, requested, capacity, canGrow, keepSize, phase) => {
        const live = liveClaim(requested, phase === 'Pending' ? undefined : capacity, phase)
        const volume = { accessMode: 'ReadWriteOnce', className: 'gp3', size: wanted, defaultSize } as const
        const asked = claimSpec(volume, live, { canGrow, keepSize }).resources?.requests?.['storage'] ?? ''
        assert.ok(asked === requested || asked === wanted)
        if (asked === requested) return
        assert.ok(!keepSize && phase === 'Bound')
        const isRaised = compareQuantities(asked, requested) > 0
        assert.ok(isRaised ? canGrow : compareQuantities(asked, capacity) > 0)
      },
    ),
  )
})

test("R5: the platform's default is the size of a new claim, and resizes no other", () => {
  const volume = { accessMode: 'ReadWriteOnce', className: 'gp3', size: undefined, defaultSize: '3Ti' } as const
  assert.equal(claimSpec(volume, undefined, { canGrow: true }).resources?.requests?.['storage'], '3Ti')
  const live = liveClaim('1Ti', '1Ti')
  assert.equal(claimSpec(volume, live, { canGrow: true }).resources?.requests?.['storage'], '1Ti')
})
