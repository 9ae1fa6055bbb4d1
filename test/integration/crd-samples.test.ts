/** R1, R9, R10: the manifests in samples/ apply byte for byte, without a warning, and read back whole. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parse } from 'yaml'
import { assertHolds } from './crd-cases.ts'
import { getObject, prepareNamespace, removeNamespace } from './crd-harness.ts'
import { kubectl, tryKubectl } from '../../testing/kubectl.ts'
import { ROOT } from '../../testing/root.ts'

interface Applied {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: unknown
}

let namespace = ''
before(async () => {
  namespace = await prepareNamespace()
})
after(() => removeNamespace(namespace))

for (const sample of ['seinode-mainnet-0.yaml', 'seinode-shadow-replayer.yaml', 'seinodepool-devnet.yaml']) {
  const file = join(ROOT, 'samples', sample)

  describe(sample, () => {
    it('R10: applies with strict field validation and no warning', async () => {
      const { code, stderr } = await tryKubectl(['apply', '--validate=strict', '-n', namespace, '-f', file])
      assert.equal(stderr, '')
      assert.equal(code, 0)
    })

    it('R1: reads back with every field that was applied', async () => {
      const manifest: Applied = parse(await readFile(file, 'utf8'))
      const stored = await getObject(namespace, manifest.kind, manifest.metadata.name)
      assertHolds(stored.spec, manifest.spec)
    })

    it('is unchanged when it is applied again', async () => {
      const stdout = await kubectl(['apply', '-n', namespace, '-f', file])
      assert.match(stdout, / unchanged\n$/)
    })
  })
}

it('R1: both kinds are listed by their short names, with columns', async () => {
  const nodes = await kubectl(['get', 'snode', '-n', namespace])
  assert.match(nodes, /^NAME +CHAIN +MODE +PHASE +READY +AGE/)
  assert.match(nodes, /mainnet-0 +pacific-1/)
  const pools = await kubectl(['get', 'snp', '-n', namespace])
  assert.match(pools, /^NAME +CHAIN +NODES +READY +PHASE +AGE/)
  assert.match(pools, /devnet +arctic-1 +4/)
})

it('R1: kubectl explain describes a field', async () => {
  const text = await kubectl(['explain', 'seinode.spec.snapshotGeneration.keepRecent'])
  assert.match(text, /Snapshots that stay on the volume/)
})
