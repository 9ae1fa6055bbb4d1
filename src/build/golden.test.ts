/**
 * What every kind of node is built into, against files. A change of a pod template restarts every node of a fleet when the
 * operator is upgraded, so it must be meant: `UPDATE_GOLDEN=1 node --test src/build/golden.test.ts`
 * writes the files anew, `oxfmt src/build/testdata` makes them readable.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { SeiNode } from '../api/seinode.ts'
import { buildDataVolume } from './data-claim.ts'
import { buildNetworkPolicy } from './network-policy.ts'
import { buildService } from './service.ts'
import { buildStatefulSet } from './statefulset.ts'
import { goldenNodes } from './testdata/nodes.ts'
import { platform } from './testdata/platform.ts'

function built(node: SeiNode): unknown {
  const objects = [
    buildDataVolume(node, platform),
    buildService(node, platform),
    buildNetworkPolicy(node, platform, { isIsolated: false }),
    buildStatefulSet(node, platform),
  ]
  return objects.filter(object => object !== undefined)
}

for (const [name, node] of goldenNodes) {
  test(`the objects of ${name} are the ones on file`, () => {
    const file = join(import.meta.dirname, 'testdata/golden', `${name}.json`)
    const objects = built(node)
    if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(file, JSON.stringify(objects))
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'))
    explained(name, () => assert.deepEqual(objects, kept))
  })
}

/** Says what a difference does to clusters, before it is shown. */
function explained(name: string, compare: () => void): void {
  try {
    compare()
  } catch (error) {
    const difference = error instanceof Error ? error.message : String(error)
    throw new Error(
      `what a node such as ${name} is built into has changed. If it is in the StatefulSet's pod template, every such node ` +
        'of every cluster restarts once when the operator is upgraded; if it is in the claim, the Service or the NetworkPolicy, it is ' +
        'written once to each. Find another way, or write the files anew on purpose ' +
        '(UPDATE_GOLDEN=1 node --test src/build/golden.test.ts, then make format) and tell in docs/upgrade.md.\n' +
        difference,
      { cause: error },
    )
  }
}
