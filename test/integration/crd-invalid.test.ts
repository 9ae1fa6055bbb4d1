/** R1: what is wrong is refused by the API server, in words that name the field and say what is allowed. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type InvalidCase, node, pool, poolOf, type UpdateCase } from './crd-cases.ts'
import { DRY_RUN, listOf, type Manifest, prepareNamespace, refusals, removeNamespace } from './crd-harness.ts'
import { tryKubectl } from '../../testing/kubectl.ts'
import { invalidCombinations } from './crd-invalid-combinations.ts'
import { invalidFields } from './crd-invalid-fields.ts'
import { invalidPlacements } from './crd-invalid-placement.ts'
import { invalidPools } from './crd-invalid-pools.ts'
import { invalidSettings } from './crd-invalid-settings.ts'
import { nodeUpdates, poolUpdates } from './crd-updates.ts'

// A field that the next manifest leaves out is removed, as with any apply.
const APPLY = ['apply', '--server-side']

let namespace = ''
before(async () => {
  namespace = await prepareNamespace()
})
after(() => removeNamespace(namespace))

function assertSays(refusal: string | undefined, says: readonly string[]): void {
  assert.ok(refusal !== undefined, `expected a refusal that says ${says.join(', ')}; the manifest was accepted`)
  for (const text of says) assert.ok(refusal.includes(text), `expected "${text}" in: ${refusal}`)
}

function describeInvalid(title: string, kind: Manifest['kind'], cases: readonly InvalidCase[]): void {
  describe(title, () => {
    const named = cases.map((row, i) => ({ ...row, name: row.name ?? `invalid-${i}` }))
    let refused: ReadonlyMap<string, string> = new Map()
    before(async () => {
      const manifests = named.map(({ name, spec }) => ({ kind, name, spec }))
      refused = await refusals(namespace, ['create', ...DRY_RUN], manifests)
    })
    for (const { title: what, name, says } of named) it(what, () => assertSays(refused.get(name), says))
  })
}

function describeUpdates(title: string, kind: Manifest['kind'], cases: readonly UpdateCase[]): void {
  describe(title, () => {
    const named = cases.map((row, i) => ({ ...row, name: `update-${i}` }))
    let refused: ReadonlyMap<string, string> = new Map()
    before(async () => {
      const stored = named.map(({ name, before: spec }) => ({ kind, name, spec }))
      assert.deepEqual(await refusals(namespace, APPLY, stored), new Map(), 'the manifests to start from are valid')
      const changed = named.map(({ name, after: spec }) => ({ kind, name, spec }))
      refused = await refusals(namespace, [...APPLY, ...DRY_RUN], changed)
    })
    for (const { title: what, name, says } of named) {
      it(says === 'accepted' ? `${what} is accepted` : what, () => {
        if (says === 'accepted') assert.equal(refused.get(name), undefined)
        else assertSays(refused.get(name), says)
      })
    }
  })
}

describeInvalid('R1: a SeiNode is refused with', 'SeiNode', [...invalidFields, ...invalidSettings])
describeInvalid('R1: a SeiNode is refused with a combination of', 'SeiNode', invalidCombinations)
describeInvalid('R1: a SeiNodePool is refused with', 'SeiNodePool', invalidPools)
describeInvalid('R1: a SeiNode is refused with a placement of', 'SeiNode', invalidPlacements('spec', node))
describeInvalid(
  'R1: a SeiNodePool is refused with a placement of',
  'SeiNodePool',
  invalidPlacements('spec.nodeConfiguration', poolOf),
)
describeUpdates('R1: a change of a SeiNode is refused:', 'SeiNode', nodeUpdates)
describeUpdates('R1: a change of a SeiNodePool is refused:', 'SeiNodePool', poolUpdates)

describe('R1: a misspelt field is refused by its name', () => {
  const misspelt: readonly { field: string; manifest: Manifest }[] = [
    { field: 'chainID', manifest: { kind: 'SeiNode', name: 'misspelt', spec: node({ chainID: 'x' }) } },
    {
      field: 'regoin',
      manifest: { kind: 'SeiNode', name: 'misspelt', spec: node({ genesis: { s3: { regoin: 'x' } } }) },
    },
    {
      field: 'interval',
      manifest: { kind: 'SeiNode', name: 'misspelt', spec: node({ snapshot: { stateSync: { interval: 1 } } }) },
    },
    { field: 'replicas', manifest: { kind: 'SeiNodePool', name: 'misspelt', spec: pool({ replicas: 4 }) } },
  ]
  for (const { field, manifest } of misspelt) {
    it(field, async () => {
      const { code, stderr } = await tryKubectl(['apply', '-n', namespace, '--dry-run=server', '-f', '-'], {
        stdin: listOf([manifest]),
      })
      assert.equal(code, 1)
      assert.match(stderr, new RegExp(`unknown field "(spec\\.[A-Za-z0-9.]*)?${field}"`))
    })
  }
})

it('R1: the tables hold at least 70 invalid manifests', () => {
  const updates = [...nodeUpdates, ...poolUpdates].filter(({ says }) => says !== 'accepted')
  const total =
    invalidFields.length + invalidSettings.length + invalidCombinations.length + invalidPools.length + updates.length
  assert.ok(total >= 70, `found ${total}`)
})
