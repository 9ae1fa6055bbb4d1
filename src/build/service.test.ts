/** The Service gives a node its DNS name and names its ports. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildService } from './service.ts'
import { seiNode } from './testdata/nodes.ts'
import { platform } from './testdata/platform.ts'

test('R3: the Service is headless, and names a node before it is ready', () => {
  const { metadata, spec } = buildService(seiNode('n'), platform)
  assert.equal(metadata?.name, 'n')
  assert.equal(spec?.clusterIP, 'None')
  assert.equal(spec.publishNotReadyAddresses, true)
  assert.deepEqual(spec.selector, { 'sei.io/node': 'n' })
})

test('every port of seid and the sidecar has its name; gRPC is distinguished from HTTP/1', () => {
  const ports = buildService(seiNode('n', { sidecar: { port: 7000 } }), platform).spec?.ports
  assert.deepEqual(
    ports?.map(({ name, port, targetPort, appProtocol }) => [name, port, targetPort, appProtocol]),
    [
      ['evm-rpc', 8545, 8545, undefined],
      ['evm-ws', 8546, 8546, undefined],
      ['grpc', 9090, 9090, 'kubernetes.io/h2c'],
      ['p2p', 26656, 26656, undefined],
      ['rpc', 26657, 26657, undefined],
      ['metrics', 26660, 26660, undefined],
      ['sidecar', 7000, 7000, undefined],
    ],
  )
})
