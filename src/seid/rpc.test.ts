/** What seid's answers mean. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { connectedPeers } from './rpc.ts'

const CONFIGURED = [{ node_id: 'a' }, { node_id: 'b' }]

const ANSWERS: readonly (readonly [name: string, answer: Readonly<Record<string, unknown>>, peers: number])[] = [
  ['connected peers count', { n_peers: '2', peers: CONFIGURED, peer_connections: [{ node_id: 'a' }] }, 1],
  ['without a connection the list is null', { n_peers: '2', peers: CONFIGURED, peer_connections: null }, 0],
  ['an earlier release lists the connected ones as peers', { n_peers: '1', peers: [{ node_id: 'a' }] }, 1],
  ['…and none as null', { n_peers: '0', peers: null }, 0],
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
