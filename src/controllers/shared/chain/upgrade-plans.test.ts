/** What is asked and told of the upgrade that a chain has voted for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { observe, type Seid } from './testdata/observed.ts'

const FIVE_MINUTES = 300

test('one node of a chain is asked for its plan every five minutes', async t => {
  const { pass, asked } = observe(t, { a: { height: 1 }, b: { height: 1 } })
  await pass(60, ['a', 'b'])
  assert.equal(asked().filter(line => line.endsWith('upgrade')).length, 1)
  await pass(2 * FIVE_MINUTES, ['a', 'b'])
  assert.equal(asked().filter(line => line.endsWith('upgrade')).length, 2)
})

test('a plan that is new is told to all nodes of the chain, and is known until there is none', async t => {
  const seids: Record<string, Seid> = { a: { height: 1 }, b: { height: 1 } }
  const { pass, woken, observer } = observe(t, seids)
  await pass(60, ['a', 'b'])
  woken()
  const [a, b] = [seids['a'], seids['b']]
  assert.ok(a && b)
  const upgrade = { name: 'v6.5.0', height: 10_000 }
  a.upgrade = upgrade
  b.upgrade = upgrade
  await pass(FIVE_MINUTES, ['a', 'b'])
  assert.deepEqual(woken(), ['a Following', 'b Following'])
  const { voted, headHeight, lastHeight, pace } = observer.outlook(seiNode('a', { chainId: 'devnet-1' }))
  assert.deepEqual(voted, upgrade)
  assert.ok(headHeight !== undefined && lastHeight !== undefined && pace !== undefined && pace > 0)
})

test('a height from before the bootstrap of a node is none of its state', async t => {
  const { pass, observer, clock } = observe(t, { a: { height: 1 } })
  await pass(60, ['a'])
  const lastHeight = (endedAt: number): number | undefined => {
    const task = { type: 'mark-ready', status: 'Complete' as const, completedAt: new Date(endedAt).toISOString() }
    const node = seiNode('a', { chainId: 'devnet-1' })
    return observer.outlook({ ...node, status: { initPlan: { phase: 'Complete', tasks: [task] } } }).lastHeight
  }
  assert.ok(lastHeight(clock.now() - 60_000) !== undefined)
  assert.equal(lastHeight(clock.now() + 1000), undefined)
  await pass(60, ['a'])
  assert.ok(lastHeight(clock.now() - 30_000) !== undefined)
})

test('of a chain that nobody observed nothing is known', t => {
  const { observer } = observe(t, {})
  const nothing = { headHeight: undefined, head: 'awaited', pace: undefined, lastHeight: undefined, voted: undefined }
  assert.deepEqual(observer.outlook(seiNode('other')), nothing)
})

test('the head of a chain is awaited until whoever tells was asked, and followed while a node is there', async t => {
  const seids: Record<string, Seid> = { a: { height: 1 } }
  const { pass, observer } = observe(t, seids)
  const headOf = (chainId: string) => observer.outlook(seiNode('a', { chainId })).head
  const heads = () => ['devnet-1', 'other'].map(headOf)
  assert.deepEqual(heads(), ['awaited', 'awaited'])
  await pass(60, ['a'])
  assert.deepEqual(heads(), ['followed', 'unknown'])
  assert.ok(seids['a'])
  seids['a'].isDown = true
  await pass(120)
  assert.deepEqual(heads(), ['unknown', 'unknown'])
})

test('a node at the head that has no block yet does not tell how far the chain is', async t => {
  const seids: Record<string, Seid> = { a: { height: 0, answer: { blockTime: undefined, votingPower: 1 } } }
  const { pass, observer } = observe(t, seids)
  await pass(120)
  assert.equal(observer.known(seiNode('a', { chainId: 'devnet-1' })).health?.kind, 'ChainHalted')
  assert.equal(observer.outlook(seiNode('a', { chainId: 'devnet-1' })).head, 'awaited')
})
