/** The schemas read the sample manifests as they stand. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { effectiveMode } from './mode.ts'
import { seiNodeSpec } from './seinode.ts'
import { seiNodePoolSpec } from './seinodepool.ts'

function specOf(sample: string): unknown {
  const manifest: { spec: unknown } = parse(readFileSync(join(import.meta.dirname, '../../samples', sample), 'utf8'))
  return manifest.spec
}

describe('R10: the schemas read the samples', () => {
  it('a flat SeiNode', () => {
    const spec = seiNodeSpec.parse(specOf('seinode-mainnet-0.yaml'))
    assert.equal(spec.snapshot?.s3?.uri, 's3://sei-snapshots/pacific-1')
    assert.equal(spec.snapshotGeneration?.schedule, '0 0 * * *')
    assert.equal(effectiveMode(spec), 'full')
  })

  it('a replayer that nests its own peers and snapshot', () => {
    const spec = seiNodeSpec.parse(specOf('seinode-shadow-replayer.yaml'))
    assert.equal(spec.replayer?.snapshot.trustPeriod, '9999h0m0s')
    assert.deepEqual(spec.replayer?.resultExport, { schedule: '*/10 * * * *' })
    assert.equal(spec.sidecar?.port, 7777)
  })

  it('a pool', () => {
    const spec = seiNodePoolSpec.parse(specOf('seinodepool-devnet.yaml'))
    assert.equal(spec.nodeConfiguration.nodeCount, 4)
    assert.equal(spec.storage?.retainOnDelete, false)
  })
})

it('R9: a SeiNode needs no more than chainId and image', () => {
  const spec = { chainId: 'pacific-1', image: 'sei:v1' }
  assert.deepEqual(seiNodeSpec.parse(spec), spec)
})

it('a mode that is set is the one in effect', () => {
  assert.equal(effectiveMode({ chainId: 'pacific-1', image: 'sei:v1', mode: 'archive' }), 'archive')
})
