/** What a run of a recurring task came to is read from its status and its result. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RunOutcome, runOutcome } from './run-outcome.ts'

const table: readonly (readonly [string, Parameters<typeof runOutcome>[0], RunOutcome])[] = [
  ['completed without a result', { status: 'completed' }, {}],
  [
    'an upload',
    { status: 'completed', result: { outcome: 'uploaded', height: 600, key: 'a/600.tar.gz' } },
    { message: 'uploaded the snapshot of height 600 to a/600.tar.gz' },
  ],
  [
    'nothing to upload',
    { status: 'completed', result: { outcome: 'noop', noopReason: 'fewer than 2 snapshots' } },
    { message: 'there was nothing to upload: fewer than 2 snapshots' },
  ],
  ['a failure', { status: 'failed', error: 'AccessDenied', result: { outcome: 'error' } }, { error: 'AccessDenied' }],
  ['a failure without words', { status: 'failed' }, { error: 'the sidecar gave no reason' }],
  [
    'an error in a task that completed',
    { status: 'completed', result: { outcome: 'error', error: 'AccessDenied' } },
    { error: 'AccessDenied' },
  ],
  ['a result that is not known', { status: 'completed', result: { outcome: 'more' } }, {}],
]

for (const [title, task, expected] of table) {
  test(title, () => assert.deepEqual(runOutcome(task), expected))
}
