/** When a volume grows, to what, and when it does not: a table and properties. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { compareQuantities } from '../lib/quantity.ts'
import { decideGrowth, type GrowthFacts, nextSize } from './growth.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')
const HOUR = 3_600_000
const GIB = 1024 ** 3
const AUTO_GROW = { whenUsedPercent: 80, by: '20%', maxSize: '4000Gi', coolDown: '6h' }

interface Claim {
  readonly request?: string
  readonly capacity?: string
  readonly status?: PersistentVolumeClaim['status']
  readonly annotations?: Record<string, string>
}

function claimOf({ request = '1000Gi', capacity = '1000Gi', status, annotations = {} }: Claim = {}) {
  return {
    metadata: { name: 'data-a', annotations },
    spec: { resources: { requests: { storage: request } } },
    status: { phase: 'Bound', capacity: { storage: capacity }, ...status },
  } satisfies PersistentVolumeClaim
}

function onRecord(hoursAgo: number, fileSystemGiB: number): Record<string, string> {
  return {
    'sei.io/grown-at': new Date(NOW - hoursAgo * HOUR).toISOString(),
    'sei.io/grown-to': '1000Gi',
    'sei.io/grown-from-bytes': String(fileSystemGiB * GIB),
  }
}

interface Figures {
  readonly percent?: number
  readonly gib?: number
  /** Since its kubelet measured it; undefined where nobody knows. */
  readonly minutes?: number | undefined
  /** Of the file system before the last growth. */
  readonly outgrown?: number
  /** Minutes since it grew. */
  readonly grown?: number
}

function facts({ percent = 81, gib = 1000, outgrown, grown, ...rest }: Partial<GrowthFacts> & Figures = {}) {
  const resizedAt = grown === undefined ? undefined : NOW - grown * 60_000
  const { minutes, ...more } = 'minutes' in rest ? rest : { ...rest, minutes: 0 }
  const measuredAt = minutes === undefined ? undefined : NOW - minutes * 60_000
  const level = { percent, fileSystemBytes: gib * GIB, measuredAt, outgrownBytes: outgrown && outgrown * GIB }
  return { autoGrow: AUTO_GROW, size: undefined, claim: claimOf(), canGrow: true, level, resizedAt, now: NOW, ...more }
}

const failed = { type: 'FileSystemResizePending', status: 'True' as const }

/** By a person. */
const DOUBLED = claimOf({ request: '2000Gi', capacity: '2000Gi' })

const CASES: readonly (readonly [title: string, facts: GrowthFacts, decision: string])[] = [
  ['at the threshold', facts({ percent: 80 }), 'due 1200Gi'],
  ['below the threshold', facts({ percent: 79.9 }), 'below 1200Gi'],
  ['no claim', facts({ claim: undefined }), 'unbound'],
  [
    'a claim that is being deleted',
    facts({ claim: { ...claimOf(), metadata: { deletionTimestamp: 'now' } } }),
    'unbound',
  ],
  ['a claim whose volume is gone', facts({ claim: claimOf({ status: { phase: 'Lost' } }) }), 'unbound'],
  ['a class that does not allow it', facts({ canGrow: false }), 'not-allowed'],
  ['a size of the spec that the claim does not ask for yet', facts({ size: '1500Gi' }), 'growing'],
  ['a size of the spec that the volume has', facts({ size: '1000Gi' }), 'due 1200Gi'],
  ['a request above the capacity', facts({ claim: claimOf({ request: '1100Gi' }), percent: 100 }), 'growing'],
  [
    'a resize that has not ended',
    facts({ claim: claimOf({ status: { allocatedResourceStatuses: { storage: 'NodeResizePending' } } }) }),
    'growing',
  ],
  ['a file system that waits for a mount', facts({ claim: claimOf({ status: { conditions: [failed] } }) }), 'growing'],
  ['a use that is not known', facts({ level: undefined }), 'unknown'],
  ['a volume of the largest size', facts({ claim: claimOf({ request: '4000Gi', capacity: '4000Gi' }) }), 'at-max'],
  ['a volume above it', facts({ claim: claimOf({ capacity: '5000Gi' }), percent: 10 }), 'at-max'],
  ['a volume just below it', facts({ claim: claimOf({ capacity: '3999Gi' }) }), 'due 4000Gi'],
  [
    'an hour after a growth',
    facts({ claim: claimOf({ annotations: onRecord(1, 800) }) }),
    `cooling ${NOW + 5 * HOUR} 1200Gi`,
  ],
  ['six hours after a growth', facts({ claim: claimOf({ annotations: onRecord(6, 800) }) }), 'due 1200Gi'],
  [
    'a file system that has not grown since',
    facts({ claim: claimOf({ annotations: onRecord(48, 1000) }) }),
    'unchanged',
  ],
  [
    'a file system that is smaller since',
    facts({ gib: 999, claim: claimOf({ annotations: onRecord(48, 1000) }) }),
    'unchanged',
  ],
  ['an hour after a growth that a person asked for', facts({ grown: 60 }), `cooling ${NOW + 5 * HOUR} 1200Gi`],
  [
    'an hour after that, when the operator had asked for one long before',
    facts({ grown: 60, claim: claimOf({ annotations: onRecord(48, 800) }) }),
    `cooling ${NOW + 5 * HOUR} 1200Gi`,
  ],
  ['six hours after a growth that a person asked for', facts({ grown: 360 }), 'due 1200Gi'],
  [
    'figures that are older than that growth',
    facts({ minutes: 361, grown: 360, claim: DOUBLED }),
    `outdated ${NOW - 6 * HOUR}`,
  ],
  [
    'figures of the second in which it ended',
    facts({ minutes: 360, grown: 360, claim: DOUBLED }),
    `outdated ${NOW - 6 * HOUR}`,
  ],
  [
    'figures of an earlier process, and a growth that a person asked for',
    facts({ minutes: undefined, grown: 360, claim: DOUBLED }),
    `outdated ${NOW - 6 * HOUR}`,
  ],
  [
    'figures of an earlier process, and a growth that the operator asked for',
    facts({ minutes: undefined, grown: 360, gib: 900, claim: claimOf({ annotations: onRecord(6, 800) }) }),
    'due 1200Gi',
  ],
  [
    'a file system that did not grow with what a person asked for',
    facts({ outgrown: 1000, grown: 360, claim: DOUBLED }),
    'unchanged',
  ],
  ['one that did', facts({ gib: 2000, outgrown: 1000, grown: 360, claim: DOUBLED }), 'due 2400Gi'],
  [
    'a file system that had the present size long before the growth',
    facts({ gib: 1970, outgrown: 1970, grown: 360, claim: DOUBLED }),
    'due 2400Gi',
  ],
  ['the disk of a server, which no growth enlarges', facts({ gib: 2500, outgrown: 2500, grown: 360 }), 'unchanged'],
  [
    'older figures of a file system that has the present size',
    facts({ minutes: 361, gib: 1970, grown: 360, claim: DOUBLED }),
    'due 2400Gi',
  ],
  [
    'figures of an earlier process of a file system that has the present size',
    facts({ minutes: undefined, gib: 1970, grown: 360, claim: DOUBLED }),
    'due 2400Gi',
  ],
  ['the same, of a small step', facts({ minutes: undefined, grown: 60 }), `cooling ${NOW + 5 * HOUR} 1200Gi`],
  [
    'a file system of the present size that the operator has let grow already',
    facts({ claim: claimOf({ annotations: onRecord(48, 1000) }), outgrown: 1000 }),
    'unchanged',
  ],
  ['figures of an earlier process, and no growth', facts({ minutes: undefined }), 'due 1200Gi'],
  [
    'a growth on record that is yet to come',
    facts({ claim: claimOf({ annotations: onRecord(-7, 800) }) }),
    'due 1200Gi',
  ],
  [
    'the same, after a growth',
    facts({ grown: 60, claim: claimOf({ annotations: onRecord(-7, 800) }) }),
    `cooling ${NOW + 5 * HOUR} 1200Gi`,
  ],
  ['a date that is none', facts({ claim: claimOf({ annotations: { 'sei.io/grown-at': 'soon' } }) }), 'due 1200Gi'],
]

for (const [title, given, expected] of CASES) {
  test(`${title}: ${expected}`, () => {
    const { kind, ...rest } = decideGrowth(given)
    assert.equal([kind, ...Object.values(rest)].join(' '), expected)
  })
}

const STEPS: readonly (readonly [capacity: string, by: string, maxSize: string, size: string | undefined])[] = [
  ['1000Gi', '20%', '4000Gi', '1200Gi'],
  ['1000Gi', '500Gi', '4000Gi', '1500Gi'],
  ['1000Gi', '1Ti', '4000Gi', '2024Gi'],
  ['1000Gi', '100%', '1500Gi', '1500Gi'],
  ['10Gi', '1%', '1Ti', '11Gi'],
  ['100G', '20%', '1Ti', '112Gi'],
  ['1Ti', '20%', '1024Gi', undefined],
  ['1000Gi', '20%', '1000.5Gi', undefined],
  ['100Gi', '20%', '100.5Gi', undefined],
  ['100Gi', '20%', '110.5Gi', '110Gi'],
  ['1000Gi', '20%', '1100G', '1024Gi'],
  ['500Mi', '20%', '1.9Gi', '1Gi'],
]

for (const [capacity, by, maxSize, size] of STEPS) {
  test(`${capacity} by ${by} up to ${maxSize} is ${size}`, () => {
    assert.equal(nextSize(capacity, { by, maxSize }), size)
  })
}

const settings = fc.record({
  whenUsedPercent: fc.integer({ min: 50, max: 95 }),
  by: fc.oneof(
    fc.integer({ min: 1, max: 100 }).map(percent => `${percent}%`),
    fc.integer({ min: 1, max: 2000 }).map(gib => `${gib}Gi`),
  ),
  maxSize: fc.oneof(
    fc.integer({ min: 1, max: 20_000 }).map(gib => `${gib}Gi`),
    fc.integer({ min: 11, max: 200_000 }).map(tenths => `${tenths / 10}Gi`),
    fc.integer({ min: 2, max: 20_000 }).map(gb => `${gb}G`),
  ),
  coolDown: fc.integer({ min: 1, max: 1000 }).map(minutes => `${minutes}m`),
})

test('over any history a volume never shrinks, never exceeds maxSize, and grows at most once in a cool-down and file system', () => {
  const step = fc.record({ minutes: fc.integer({ min: 0, max: 2000 }), percent: fc.integer({ min: 0, max: 100 }) })
  fc.assert(
    fc.property(
      settings,
      fc.integer({ min: 1, max: 5000 }),
      fc.array(step, { maxLength: 40 }),
      (autoGrow, gib, steps) => {
        let claim = claimOf({ request: `${gib}Gi`, capacity: `${gib}Gi` })
        let now = NOW
        let last = -Infinity
        for (const { minutes, percent } of steps) {
          now += minutes * 60_000
          const { storage: capacity = '' } = claim.status.capacity ?? {}
          const level = { percent, fileSystemBytes: Number.parseInt(capacity, 10) * GIB, measuredAt: now }
          const decide = () =>
            decideGrowth({ autoGrow, size: undefined, claim, canGrow: true, level, resizedAt: undefined, now })
          const decision = decide()
          assert.deepEqual(decide(), decision)
          if (decision.kind !== 'due') continue
          const { to } = decision
          assert.ok(compareQuantities(to, capacity) > 0)
          assert.ok(compareQuantities(to, autoGrow.maxSize) <= 0)
          assert.match(to, /^\d+Gi$/, 'which no driver rounds up')
          assert.ok(percent >= autoGrow.whenUsedPercent)
          assert.ok(now - last >= Number.parseInt(autoGrow.coolDown, 10) * 60_000)
          last = now
          const annotations = {
            'sei.io/grown-at': new Date(now).toISOString(),
            'sei.io/grown-to': to,
            'sei.io/grown-from-bytes': String(level.fileSystemBytes),
          }
          claim = claimOf({ request: to, capacity, annotations })
          assert.equal(decide().kind, 'growing')
          claim = claimOf({ request: to, capacity: to, annotations })
          assert.notEqual(decide().kind, 'due')
        }
      },
    ),
  )
})
