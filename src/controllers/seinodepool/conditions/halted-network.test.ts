/** Tests of halted-network.ts: when a pool is halted, and what it says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChainHealth } from '../../../chain/health.ts'
import type { PoolMember } from '../nodes/members.ts'
import { member } from '../testdata/observation.ts'
import { haltedNetwork } from './halted-network.ts'

const HALTED: ChainHealth = { kind: 'ChainHalted', height: 99, since: 0, isValidator: true, answering: 2 }
const FOLLOWING: ChainHealth = { kind: 'Following', height: 99 }

function halted(index: number, height = 100): PoolMember {
  return member(index, { state: 'halted' }, { phase: 'Halted', halt: { height, targetHeight: 100 } })
}

function running(index: number, health: ChainHealth | undefined): PoolMember {
  return member(index, { state: 'running', health })
}

const END = '. To continue, raise or remove nodeConfiguration.haltHeight'

test('a network is halted when every node is', () => {
  assert.equal(
    haltedNetwork([halted(0), halted(1, 103)]),
    `2 of 2 nodes are halted at nodeConfiguration.haltHeight 100: net-0 at 100, net-1 at 103${END}`,
  )
})

test('a network is halted when the others stand below its last block', () => {
  assert.equal(
    haltedNetwork([halted(0), running(1, HALTED)]),
    `1 of 2 nodes are halted at nodeConfiguration.haltHeight 100: net-0 at 100. net-1 did not receive the last block before the others ended, and receives it when the network continues${END}`,
  )
})

for (const [what, others] of [
  ['while a node follows the chain', [halted(0), running(1, FOLLOWING)]],
  ['while the health of a node is not known', [halted(0), running(1, undefined)]],
  ['while a node is down', [halted(0), member(1, { state: 'down' })]],
  ['where none is halted', [running(0, HALTED), running(1, HALTED)]],
] as const) {
  test(`a network is not halted ${what}`, () => assert.equal(haltedNetwork(others), undefined))
}
