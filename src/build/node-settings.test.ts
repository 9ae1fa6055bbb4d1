/** Defaults come from the platform and the mode; what the spec says wins. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeSettings } from './node-settings.ts'
import { sample, seiNode } from './testdata/nodes.ts'
import { platform } from './testdata/platform.ts'

const modes = [
  { mode: 'full', className: 'gp3-10k-750', size: '1000Gi', cpu: '4', memory: '32Gi' },
  { mode: 'validator', className: 'gp3-10k-750', size: '1000Gi', cpu: '4', memory: '32Gi' },
  { mode: 'archive', className: 'gp3-10k-750', size: '2000Gi', cpu: '8', memory: '48Gi' },
  { mode: 'seed', className: 'gp3', size: '1000Gi', cpu: '4', memory: '32Gi' },
] as const

for (const { mode, className, size, cpu, memory } of modes) {
  test(`R14: a node of mode ${mode} gets ${size} of ${className} and requests ${cpu} CPUs and ${memory}`, () => {
    const settings = nodeSettings(seiNode('n', { mode }), platform)
    assert.equal(settings.mode, mode)
    assert.deepEqual(settings.storage, { className, size })
    assert.deepEqual(settings.resources, { requests: { cpu, memory } })
  })
}

test('a node without a mode is a full node', () => {
  assert.equal(nodeSettings(seiNode('n'), platform).mode, 'full')
})

test('R14: a replayer follows the chain as a full node, on the default storage class', () => {
  const settings = nodeSettings(sample('seinode-shadow-replayer.yaml'), platform)
  assert.equal(settings.isReplayer, true)
  assert.equal(settings.mode, 'full')
  assert.deepEqual(settings.storage, { className: 'gp3', size: '1000Gi' })
})

test('nodes get the settings of the platform', () => {
  const other = {
    ...platform,
    storageClassPerf: 'fast',
    storageSizeArchive: '9Ti',
    cpuArchive: '16',
    memoryArchive: '1Ti',
  }
  const settings = nodeSettings(seiNode('n', { mode: 'archive' }), other)
  assert.deepEqual(settings.storage, { className: 'fast', size: '9Ti' })
  assert.deepEqual(settings.resources, { requests: { cpu: '16', memory: '1Ti' } })
})

test('storage of the spec wins over the platform', () => {
  const { storage } = nodeSettings(seiNode('n', { storage: { size: '50Gi', storageClassName: 'local' } }), platform)
  assert.deepEqual(storage, { className: 'local', size: '50Gi' })
})

test('resources of the spec win whole, with numbers spelled as quantities', () => {
  const { resources } = nodeSettings(seiNode('n', { resources: { limits: { cpu: 2, memory: '4Gi' } } }), platform)
  assert.deepEqual(resources, { limits: { cpu: '2', memory: '4Gi' } })
})

test("R7: the sidecar is the platform's, on port 7777, unless the spec says otherwise", () => {
  const { sidecar } = nodeSettings(seiNode('n'), platform)
  assert.equal(sidecar.image, 'ghcr.io/sei-protocol/seictl:latest')
  assert.equal(sidecar.port, 7777)
  const own = { image: 'seictl:mine', port: 7000, resources: { requests: { cpu: '1' } } }
  assert.deepEqual(nodeSettings(seiNode('n', { sidecar: own }), platform).sidecar, own)
})

const entrypoints = [
  { spec: undefined, command: ['seid'], args: ['start', '--home', '/sei'] },
  { spec: { command: ['seid'], args: ['start'] }, command: ['seid'], args: ['start'] },
  { spec: { command: ['/bin/mine'] }, command: ['/bin/mine'], args: [] },
  { spec: { args: ['start', '--x'] }, command: ['seid'], args: ['start', '--x'] },
]

for (const { spec, command, args } of entrypoints) {
  test(`entrypoint ${JSON.stringify(spec)} runs ${[...command, ...args].join(' ')}`, () => {
    const node = seiNode('n', spec ? { entrypoint: spec } : {})
    assert.deepEqual(nodeSettings(node, platform).entrypoint, { command, args })
  })
}
