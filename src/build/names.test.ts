/** Objects are called as in clusters that run Sei nodes today. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { childNames } from './names.ts'
import { seiNode } from './testdata/nodes.ts'

test('R3: StatefulSet and Service have the name of the node, the claim is data-NAME, the NetworkPolicy NAME-sidecar, the pod NAME-0', () => {
  assert.deepEqual(childNames(seiNode('mainnet-0')), {
    statefulSet: 'mainnet-0',
    service: 'mainnet-0',
    dataVolume: 'data-mainnet-0',
    networkPolicy: 'mainnet-0-sidecar',
    pod: 'mainnet-0-0',
  })
})

test('a node on a prepared volume uses the claim that its spec names', () => {
  const node = seiNode('devnet-1', { genesis: { pvc: { dataPVC: 'prepared' } } })
  assert.equal(childNames(node).dataVolume, 'prepared')
})
