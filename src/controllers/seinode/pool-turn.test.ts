/** Whose pod template waits for a turn. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeiNode } from '../../api/seinode.ts'
import { ownerReference } from '../../build/owner-reference.ts'
import { poolNames } from '../../build/pool/names.ts'
import { buildPoolNode } from '../../build/pool/node.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import { seiNodePool } from '../../build/testdata/pools.ts'
import { awaitsTurn, poolOf } from './pool-turn.ts'

const pool = seiNodePool('net')
const [names] = poolNames(pool).nodes
assert.ok(names)
const member = buildPoolNode(pool, names, undefined, 'now')
const unmarked = seiNode('net-0', {}, { ownerReferences: [ownerReference('SeiNodePool', pool)] })
const orphan: SeiNode = { ...member, metadata: { ...member.metadata, ownerReferences: [], annotations: {} } }

const rows: readonly (readonly [title: string, waits: boolean, node: SeiNode])[] = [
  ['a node that its pool has given the template of now', false, member],
  ['a node that its pool has given an earlier one', true, buildPoolNode(pool, names, undefined, 'earlier')],
  ['a node of a pool that an earlier operator made', true, unmarked],
  ['a node of no pool', false, seiNode('a')],
  ['a node that its pool left behind', false, orphan],
]

for (const [title, waits, node] of rows) {
  test(`failure mode 32: ${title} ${waits ? 'waits for its turn' : 'waits for nobody'}`, () => {
    assert.equal(awaitsTurn(node, 'now'), waits)
  })
}

test('the pool of a node is the one that controls it', () => {
  assert.deepEqual([member, unmarked, orphan].map(poolOf), ['net', 'net', undefined])
})
