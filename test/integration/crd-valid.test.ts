/** R1, R9: every combination that makes sense is accepted, and reads back whole. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertHolds, node, pool, poolOf, without } from './crd-cases.ts'
import { getObject, listObjects, type Manifest, prepareNamespace, refusals, removeNamespace } from './crd-harness.ts'
import { validNodes, validPools } from './crd-valid-cases.ts'

let namespace = ''
before(async () => {
  namespace = await prepareNamespace()
})
after(() => removeNamespace(namespace))

function describeValid(kind: Manifest['kind'], specs: ReadonlyMap<string, unknown>): void {
  describe(`R9: a ${kind} is accepted with`, () => {
    const manifests = [...specs.values()].map((spec, i) => ({ kind, name: `valid-${i}`, spec }))
    let refused: ReadonlyMap<string, string> = new Map()
    let stored: ReadonlyMap<string, unknown> = new Map()
    before(async () => {
      refused = await refusals(namespace, ['create', '--validate=strict'], manifests)
      const objects = await listObjects(namespace, kind)
      stored = new Map(objects.map(({ metadata, spec }) => [metadata.name, spec]))
    })
    for (const [i, title] of [...specs.keys()].entries()) {
      it(title, () => {
        const name = `valid-${i}`
        assert.equal(refused.get(name), undefined)
        assertHolds(stored.get(name), specs.get(title))
      })
    }
  })
}

describeValid('SeiNode', validNodes)
describeValid('SeiNodePool', validPools)

async function create(kind: Manifest['kind'], name: string, spec: unknown): Promise<Readonly<Record<string, unknown>>> {
  assert.deepEqual(await refusals(namespace, ['create'], [{ kind, name, spec }]), new Map())
  return (await getObject(namespace, kind, name)).spec
}

describe('R1: what is left out', () => {
  const optional = [
    'entrypoint',
    'genesis',
    'snapshot',
    'peers',
    'replayer',
    'sidecar',
    'storage',
    'snapshotGeneration',
  ]

  it('stays out where the default depends on the platform', async () => {
    const spec = await create('SeiNode', 'minimal', node())
    assert.deepEqual(spec, node())
    for (const field of optional) assert.equal(spec[field], undefined)
    assert.deepEqual(await create('SeiNodePool', 'minimal', pool()), pool())
  })

  it('is filled in where the default is the same everywhere', async () => {
    const spec = await create(
      'SeiNode',
      'defaulted',
      node({
        snapshot: { stateSync: {} },
        peers: [{ ec2Tags: { region: 'us-east-2', tags: { a: 'b' } } }],
        snapshotGeneration: { keepRecent: 2 },
        sidecar: {},
        storage: {},
      }),
    )
    assert.deepEqual(without(spec, 'peers'), {
      ...node(),
      snapshot: { stateSync: {}, trustPeriod: '9999h0m0s' },
      snapshotGeneration: { interval: 2000, keepRecent: 2, schedule: '0 0 * * *' },
      sidecar: { port: 7777 },
      storage: { retainOnDelete: false },
    })
    const { nodeConfiguration } = await create('SeiNodePool', 'defaulted', poolOf({ sidecar: {} }))
    assert.deepEqual(nodeConfiguration, { nodeCount: 4, image: 'sei:v1', sidecar: { port: 7777 } })
  })
})
