/** What seid's answers mean. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { connectedPeers, readAnswer } from './rpc.ts'

const CONFIGURED = [{ node_id: 'a' }, { node_id: 'b' }]

const ANSWERS: readonly (readonly [name: string, answer: Readonly<Record<string, unknown>>, peers: number])[] = [
  ['connected peers count', { n_peers: '2', peers: CONFIGURED, peer_connections: [{ node_id: 'a' }] }, 1],
  ['without a connection the list is null', { n_peers: '2', peers: CONFIGURED, peer_connections: null }, 0],
  ['an earlier release lists the connected ones as peers', { n_peers: '1', peers: [{ node_id: 'a' }] }, 1],
  ['an earlier release without a connection has a list that is null', { n_peers: '0', peers: null }, 0],
]

for (const [name, answer, peers] of ANSWERS) {
  test(name, () => {
    assert.equal(connectedPeers(answer), peers)
  })
}

test('an answer without peers is an error', () => {
  assert.throws(() => connectedPeers({}), /without peers/)
  assert.throws(() => connectedPeers({ peer_connections: 'none' }), /without peers/)
})

test('the time of the last block is that of a block: before the first, there is none', () => {
  for (const [height, time, expected] of [
    ['7', '2026-01-01T00:00:00Z', Date.UTC(2026, 0, 1)],
    ['0', '1970-01-01T00:00:00Z', undefined],
    ['0', '2026-01-01T00:00:00Z', undefined],
    ['7', 'never', undefined],
  ] as const) {
    const status = { sync_info: { latest_block_height: height, latest_block_time: time } }
    assert.equal(readAnswer(status).blockTime, expected, `${height} ${time}`)
  }
})
