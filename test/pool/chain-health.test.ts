/** What a pool and its nodes say while seids stand still, on an operator whose time passes ten times as fast. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { seiNodes } from '../../src/api/resources.ts'
import { conditionOf } from '../support/operator-fixture.ts'
import { untilQuiet } from '../support/quiet.ts'
import { PoolFixture } from './pool-fixture.ts'

let fixture: PoolFixture

before(async () => {
  fixture = await PoolFixture.open({ operator: { clockRate: 10 } })
})
after(() => fixture[Symbol.asyncDispose]())

async function untilReason(name: string, reason: string): Promise<string> {
  const node = await fixture.base.untilNode(
    name,
    `Ready ${reason}`,
    each => conditionOf(each, 'Ready')?.reason === reason,
  )
  return conditionOf(node, 'Ready')?.message ?? ''
}

async function reasonsOf(names: readonly string[]): Promise<readonly (string | undefined)[]> {
  const nodes = await Promise.all(names.map(name => fixture.base.get(seiNodes, name)))
  return nodes.map(node => node && conditionOf(node, 'Ready')?.reason)
}

test('R8: a validator that stands still is not Ready and says so, and is Ready again when it follows', async () => {
  await fixture.create('one', 4)
  await fixture.untilReady('one')
  const { status } = await fixture.seiNode('one-1')
  assert.equal(status?.chain?.state, 'Following')
  assert.match(status.chain.nodeId ?? '', /^[0-9a-f]{40}$/)
  assert.match(status.chain.validatorAddress ?? '', /^[0-9A-F]{40}$/)

  fixture.base.stall('one-1')
  const message = await untilReason('one-1', 'Stuck')
  assert.match(message, /no new block since .* height \d+.* other nodes of chain devnet-1 are at \d+/)
  const { message: ofPool } = await fixture.untilReason('one', 'Ready', 'NodesNotReady')
  assert.match(ofPool, /3 of 4 nodes are Ready; not Ready: one-1 \(Stuck\)/)
  assert.deepEqual(await reasonsOf(['one-0', 'one-2', 'one-3']), ['Ready', 'Ready', 'Ready'])

  fixture.base.stall('one-1', false)
  await fixture.untilReady('one')
  for (const reason of ['Stuck', 'Following']) await fixture.base.untilEvent('one-1', reason)
  const { chain } = (await fixture.seiNode('one-1')).status ?? {}
  assert.equal(chain?.firstFollowedAt, status.chain.firstFollowedAt)
})

test('R8: a chain that makes no blocks makes none of its nodes Ready, and says since when', async () => {
  await fixture.create('all', 4)
  await fixture.untilReady('all')
  fixture.base.stall('all-2')
  fixture.base.stall('all-3')
  const messages = await Promise.all(['all-0', 'all-1', 'all-2', 'all-3'].map(name => untilReason(name, 'ChainHalted')))
  for (const message of messages)
    assert.match(message, /chain devnet-1 makes no blocks: the last block is of .*all 4 nodes/)
  const { message: ofPool } = await fixture.untilReason('all', 'Ready', 'ChainHalted')
  assert.match(ofPool, /^all-\d: chain devnet-1 makes no blocks/)
  fixture.base.stall('all-2', false)
  fixture.base.stall('all-3', false)
  await fixture.untilReady('all')
})

test('an operator that begins anew writes nothing about nodes that follow their chain', async () => {
  await fixture.create('new', 4)
  await fixture.untilReady('new')
  await untilQuiet(fixture.base)
  const names = ['new-0', 'new-1', 'new-2', 'new-3']
  const earlier = await Promise.all(names.map(async name => (await fixture.seiNode(name)).metadata.resourceVersion))
  await fixture.base.operator.restart()
  fixture.base.stall('new-0')
  // It has observed them all when it has found the one that stands still.
  await untilReason('new-0', 'Stuck')
  const now = await Promise.all(names.map(async name => (await fixture.seiNode(name)).metadata.resourceVersion))
  assert.deepEqual(now.slice(1), earlier.slice(1))
})
