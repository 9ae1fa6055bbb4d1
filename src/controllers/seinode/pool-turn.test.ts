/** Whose pod template waits for a turn. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeiNode } from '../../api/seinode.ts'
import { ownerReference } from '../../build/owner-reference.ts'
import { poolNames } from '../../build/pool/names.ts'
import { buildPoolNode } from '../../build/pool/node.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import { platform } from '../../build/testdata/platform.ts'
import { seiNodePool } from '../../build/testdata/pools.ts'
import { awaitsTurn, poolOf } from './pool-turn.ts'
import { podOf } from './testdata/objects.ts'

const pool = seiNodePool('net')
const [names] = poolNames(pool).nodes
assert.ok(names)
const member = buildPoolNode(pool, names, undefined, platform)
const earlier = { ...platform, sidecarImage: 'seictl:v0.0.1' }
const running = podOf()
const stopped = podOf({ ready: false, seid: { state: { waiting: { reason: 'CrashLoopBackOff' } } } })
const unmarked = seiNode('net-0', {}, { ownerReferences: [ownerReference('SeiNodePool', pool)] })
const orphan: SeiNode = { ...member, metadata: { ...member.metadata, ownerReferences: [] } }

const rows: readonly (readonly [title: string, waits: boolean, node: SeiNode, pod: typeof running | undefined])[] = [
  ['a node that its pool has given the template of now', false, member, running],
  ['a node that its pool has given an earlier one', true, buildPoolNode(pool, names, undefined, earlier), running],
  ['a node of a pool that an earlier operator made', true, unmarked, running],
  ['such a node whose seid does not run', false, unmarked, stopped],
  ['such a node without a pod', false, unmarked, undefined],
  ['a node of no pool', false, seiNode('a'), running],
  ['a node that its pool left behind', false, orphan, running],
]

for (const [title, waits, node, pod] of rows) {
  test(`failure mode 32: ${title} ${waits ? 'waits for its turn' : 'waits for nobody'}`, () => {
    assert.equal(awaitsTurn(node, pod, platform), waits)
  })
}

test('the pool of a node is the one that controls it', () => {
  assert.deepEqual([member, unmarked, orphan].map(poolOf), ['net', 'net', undefined])
})
