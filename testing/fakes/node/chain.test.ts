/** Tests of chain.ts: when a chain of fake seids makes blocks, and what each node sees of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../src/runtime/manual-clock.ts'
import { Chains } from './chain.ts'
import type { ChainNode, Signer } from './chain.ts'

const NO_KEY: Signer = { key: '', address: '' }

function signer(index: number): Signer {
  return { key: `key${index}`, address: `ADDRESS${index}` }
}

function genesisOf(validators: number): string {
  const list = Array.from({ length: validators }, (_, index) => ({ pub_key: { value: `key${index}` }, power: '10' }))
  return JSON.stringify({ chain_id: 'devnet-1', validators: list })
}

/** A chain on which `running` of its validators have started. */
function start({ validators, running = validators }: { validators: number; running?: number }) {
  const clock = new ManualClock()
  const chain = new Chains(clock).of(genesisOf(validators))
  const join = (index: number, signed = 0): ChainNode => chain.join(signer(index), signed)
  const nodes = Array.from({ length: running }, (_, index) => join(index))
  const heights = (): readonly number[] => nodes.map(({ height }) => height)
  return { clock, chain, join, nodes, heights }
}

for (const [validators, running, height, isCatchingUp] of [
  [1, 1, 5, false],
  [2, 2, 0, true],
  [3, 3, 5, false],
  [3, 2, 0, true],
  [4, 4, 5, false],
  [4, 3, 5, false],
  [4, 2, 0, true],
  [7, 5, 5, false],
  [7, 4, 0, false],
] as const) {
  test(`${running} of ${validators} validators: height ${height} after two seconds`, async () => {
    const { clock, nodes, heights } = start({ validators, running })
    await clock.advance(2000)
    assert.deepEqual(
      heights(),
      Array.from({ length: running }, () => height),
    )
    assert.equal(nodes[0]?.isCatchingUp, isCatchingUp)
  })
}

test('a chain of two validators starts when a third node connects', async () => {
  const { clock, chain, heights } = start({ validators: 2 })
  await clock.advance(2000)
  const full = chain.join(NO_KEY, 0)
  await clock.advance(800)
  assert.deepEqual([...heights(), full.height, full.isCatchingUp], [2, 2, 2, false])
})

test('it stops when the quorum is lost, and continues from its height when it is back', async () => {
  const { clock, join, nodes, heights } = start({ validators: 3 })
  await clock.advance(1000)
  nodes[2]?.leave()
  await clock.advance(10_000)
  assert.deepEqual(heights().slice(0, 2), [2, 2])
  const back = join(2)
  await clock.advance(800)
  assert.deepEqual([back.height, heights()[0]], [4, 4])
})

test('a stalled node makes no progress while the others continue, and catches up', async () => {
  const { clock, nodes, heights } = start({ validators: 4 })
  await clock.advance(800)
  nodes[3]?.setStalled(true)
  const before = nodes[3]?.blockTime
  await clock.advance(800)
  assert.deepEqual(heights(), [4, 4, 4, 2])
  assert.equal(nodes[3]?.blockTime, before)
  nodes[3]?.setStalled(false)
  assert.deepEqual(heights(), [4, 4, 4, 4])
})

test('stalled nodes do not sign: the chain stops with them', async () => {
  const { clock, nodes, heights } = start({ validators: 4 })
  nodes[2]?.setStalled(true)
  nodes[3]?.setStalled(true)
  await clock.advance(4000)
  assert.deepEqual(heights(), [0, 0, 0, 0])
})

test('one key that runs twice counts once', async () => {
  const { clock, join, nodes } = start({ validators: 4, running: 2 })
  join(0)
  join(1)
  await clock.advance(4000)
  assert.equal(nodes[0]?.height, 0)
})

test('the time of the last block distinguishes a running chain from a halted one', async () => {
  const { clock, nodes } = start({ validators: 1 })
  const begin = clock.now()
  assert.equal(nodes[0]?.blockTime, 0)
  await clock.advance(1000)
  assert.equal(nodes[0]?.blockTime, begin + 800)
})

test('the same genesis is the same chain; a chain continues from the heights that its nodes have signed', async () => {
  const clock = new ManualClock()
  const chains = new Chains(clock)
  assert.equal(chains.of(genesisOf(1)), chains.of(genesisOf(1)))
  const node = chains.of(genesisOf(1)).join(signer(0), 4711)
  await clock.advance(400)
  assert.equal(node.height, 4712)
  assert.notEqual(chains.of(genesisOf(3)), chains.of(genesisOf(1)))
})

test('blocks of a chain whose validators are elsewhere are made all the time', async () => {
  const clock = new ManualClock()
  const node = new Chains(clock).of('{"chain_id":"arctic-1"}').join(NO_KEY, 0)
  await clock.advance(800)
  assert.equal(node.height, 2)
})

test('whoever is asked tells the peers that run and the validators that sign', () => {
  const { nodes, join } = start({ validators: 4 })
  join(9)
  nodes[1]?.setStalled(true)
  assert.equal(nodes[0]?.peers, 4)
  assert.deepEqual(nodes[0]?.signers, ['ADDRESS0', 'ADDRESS2', 'ADDRESS3'])
})

test('a chain halts at the height of enough validators, and continues when they are back without it', async () => {
  const { clock, chain, nodes, heights } = start({ validators: 4, running: 2 })
  const halting = [2, 3].map(index => chain.join(signer(index), 0, { haltHeight: 5 }))
  await clock.advance(60_000)
  assert.deepEqual([...heights(), ...halting.map(({ height }) => height)], [5, 5, 5, 5])
  assert.deepEqual(
    [nodes[0], halting[0]].map(node => node?.isHalted),
    [false, true],
  )
  for (const node of halting) node.leave()
  for (const index of [2, 3]) chain.join(signer(index), 5)
  await clock.advance(800)
  assert.deepEqual(heights(), [7, 7])
})

test('a chain goes on without a node that halts and is not needed', async () => {
  const { clock, chain, heights } = start({ validators: 4, running: 3 })
  const halting = chain.join(signer(3), 0, { haltHeight: 2 })
  await clock.advance(2000)
  assert.deepEqual([...heights(), halting.height, halting.isHalted], [5, 5, 5, 2, true])
})
