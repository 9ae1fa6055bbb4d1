/** What a reconcile that fails leaves of what earlier ones found. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seiNode } from '../../build/testdata/nodes.ts'
import { findCondition, type StatusCondition } from '../../lib/conditions.ts'
import type { SeiNodeStatus } from '../../api/seinode-status.ts'
import { failedStatus } from './report-failure.ts'

const AT = '2026-05-01T12:00:00Z'

function condition(type: string, status: StatusCondition['status'], reason: string): StatusCondition {
  return { type, status, reason, message: reason, lastTransitionTime: AT }
}

const JUDGED: SeiNodeStatus = {
  observedGeneration: 4,
  phase: 'Pending',
  conditions: [
    condition('Ready', 'Unknown', 'NewGeneration'),
    condition('SpecValid', 'Unknown', 'CheckFailed'),
    condition('Initialized', 'False', 'PlanPending'),
    condition('Reconciling', 'False', 'ApplyRefused'),
  ],
}

const rows = [
  [
    'a node that is Ready and unchanged',
    4,
    'True',
    'Ready',
    'Stable',
    ['Ready', 'Valid', 'VolumeReplaced', 'ApplyRefused'],
  ],
  [
    'one that is Ready for an older spec',
    3,
    'True',
    'Ready',
    'Stable',
    ['NewGeneration', 'CheckFailed', 'VolumeReplaced', 'ApplyRefused'],
  ],
  ['one that is held', 3, 'False', 'KeyInUse', 'Stable', ['KeyInUse', 'CheckFailed', 'VolumeReplaced', 'ApplyRefused']],
  [
    'one of two signers of one key',
    4,
    'True',
    'Ready',
    'KeyConflict',
    ['Ready', 'Valid', 'VolumeReplaced', 'KeyConflict'],
  ],
] as const

for (const [title, observedGeneration, isReady, ready, progressing, expected] of rows) {
  test(`${title} keeps what is known of it`, () => {
    const stored: SeiNodeStatus = {
      observedGeneration,
      phase: 'Failed',
      validator: { consensusAddress: 'A' },
      conditions: [
        condition('Ready', isReady, ready),
        condition('SpecValid', 'True', 'Valid'),
        condition('Initialized', 'False', 'VolumeReplaced'),
        condition('Reconciling', 'True', progressing),
      ],
    }
    const { conditions, ...rest } = failedStatus({ ...seiNode('a', {}, { generation: 4 }), status: stored }, JUDGED)
    assert.deepEqual(
      ['Ready', 'SpecValid', 'Initialized', 'Reconciling'].map(type => findCondition(conditions, type)?.reason),
      expected,
    )
    assert.deepEqual(rest, {
      observedGeneration: 4,
      phase: 'Failed',
      validator: { consensusAddress: 'A' },
    })
  })
}

test('a node without a status gets that of the failure', () => {
  assert.deepEqual(failedStatus(seiNode('a'), JUDGED), JUDGED)
})
