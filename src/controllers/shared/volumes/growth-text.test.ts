/** What VolumeGrowth says of a volume that has grown and whose figures are old. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GrowthDecision } from '../../../volumes/growth.ts'
import { growthFinding } from './growth-text.ts'

const CLAIM = { metadata: { name: 'data-a' }, status: { phase: 'Bound', capacity: { storage: '1200Gi' } } } as const
const AUTO_GROW = { whenUsedPercent: 80, by: '20%', maxSize: '4000Gi', coolDown: '6h' }
const LEVEL = { percent: 85, fileSystemBytes: 984 * 1024 ** 3, measuredAt: undefined }
const OUTDATED: GrowthDecision = { kind: 'outdated', since: Date.parse('2026-11-27T12:00:00Z') }

const CASES: readonly (readonly [decision: GrowthDecision, isMounted: boolean, message: string])[] = [
  [
    OUTDATED,
    true,
    'grew to 1200Gi at 2026-11-27T12:00:00Z, and its kubelet has not measured it since. It does not grow again before that',
  ],
  [
    OUTDATED,
    false,
    'grew to 1200Gi at 2026-11-27T12:00:00Z. No pod mounts it, so its use since is not known. It does not grow again before a pod mounts it',
  ],
  [
    { kind: 'unchanged' },
    true,
    'has grown to 1200Gi, and its kubelet still reports a file system of 984 GiB. It does not grow again before that changes',
  ],
  [
    { kind: 'unchanged' },
    false,
    'has grown to 1200Gi. No pod mounts it, so nothing newer is known than a file system of 984 GiB. It does not grow again before a pod mounts it',
  ],
]

for (const [decision, isMounted, message] of CASES) {
  test(`${decision.kind}, ${isMounted ? 'mounted' : 'not mounted'}`, () => {
    const names = { claimName: 'data-a', claim: CLAIM, className: 'gp3' }
    const known = { level: LEVEL, isMounted, finding: undefined, refusal: undefined }
    const found = growthFinding({ autoGrow: AUTO_GROW, ...names, decision, ...known })
    assert.deepEqual(found, { reason: 'Growing', message: `PersistentVolumeClaim data-a ${message}` })
  })
}
