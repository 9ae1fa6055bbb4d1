/** RuntimeTasksHealthy says that runs succeed only where the sidecar said so. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecurringTask } from '../../../api/seinode-status.ts'
import { observationOf } from '../testdata/observation.ts'
import { evaluateRecurring } from './node-conditions.ts'

const upload = { type: 'snapshot-upload', schedule: '0 0 * * *' }
const completedAt = '2026-05-01T00:00:00Z'

const table: readonly (readonly [title: string, tasks: readonly RecurringTask[], reason: string, says: RegExp])[] = [
  ['no run yet', [upload], 'Waiting', /no recurring task has come due yet/],
  [
    'the first run, which runs',
    [{ ...upload, lastResult: { status: 'Running' } }],
    'Waiting',
    /the first run is under way/,
  ],
  [
    'a run that succeeded',
    [{ ...upload, lastResult: { status: 'Complete', completedAt, message: 'uploaded the snapshot of height 200' } }],
    'Healthy',
    /succeeded \(snapshot-upload: uploaded the snapshot of height 200\)$/,
  ],
  [
    'another run after one that succeeded',
    [{ ...upload, lastResult: { status: 'Running', completedAt } }],
    'Healthy',
    /the last run of every recurring task succeeded/,
  ],
  [
    'a run that failed',
    [{ ...upload, lastResult: { status: 'Failed', completedAt, error: 'AccessDenied' } }],
    'Failing',
    /snapshot-upload failed: AccessDenied\. The next slot runs it again/,
  ],
  [
    'a loop, which never says how it goes and keeps to no schedule',
    [{ ...upload, resultUnknown: true, lastResult: { status: 'Running' } }],
    'ResultUnknown',
    /loop of their own, every 24h0m0s .*not at the times of schedule "0 0 \* \* \*", and do not say whether uploads succeed/,
  ],
  [
    'a loop that began after a run that succeeded',
    [{ ...upload, resultUnknown: true, lastResult: { status: 'Running', completedAt } }],
    'ResultUnknown',
    /v0\.0\.66 or newer/,
  ],
  [
    'a loop beside an export that succeeded',
    [
      { ...upload, resultUnknown: true, lastResult: { status: 'Running' } },
      { type: 'result-export', lastResult: { status: 'Complete', completedAt } },
    ],
    'ResultUnknown',
    /snapshot-upload runs/,
  ],
]

for (const [title, tasks, reason, says] of table) {
  test(`failure mode 13: ${title}: ${reason}`, () => {
    const found = evaluateRecurring(observationOf({ recurring: { wanted: tasks.length, tasks } }))
    assert.equal(found.reason, reason)
    assert.match(found.message, says)
  })
}
