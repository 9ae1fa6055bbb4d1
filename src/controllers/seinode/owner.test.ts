/** Tests of owner.ts: what the objects of a node are built from. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { POOL_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { buildDataVolume } from '../../build/data-claim.ts'
import { buildService } from '../../build/service.ts'
import { buildStatefulSet } from '../../build/statefulset.ts'
import { goldenNodes } from '../../build/testdata/nodes.ts'
import { platform } from '../../build/testdata/platform.ts'
import { buildInput } from './owner.ts'
import { planOf } from './testdata/objects.ts'

for (const [name, golden] of goldenNodes) {
  test(`the children of ${name} are the same, built from the whole node or from what counts of it`, () => {
    const node: SeiNode = {
      ...golden,
      metadata: {
        ...golden.metadata,
        labels: { [POOL_LABEL]: 'pool' },
        annotations: { 'sei.io/retry-plan': '1' },
        generation: 7,
        resourceVersion: '8',
        finalizers: ['x'],
      },
      status: { initPlan: planOf(['mark-ready'], 1) },
    }
    const input = buildInput(node)
    assert.deepEqual(buildDataVolume(input, platform), buildDataVolume(node, platform))
    assert.deepEqual(buildService(input, platform), buildService(node, platform))
    assert.deepEqual(buildStatefulSet(input, platform), buildStatefulSet(node, platform))
  })
}
