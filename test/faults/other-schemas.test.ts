/** CRDs of other versions than the operator's: older ones are reported, and objects that newer ones refuse can be deleted. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { resolveBinaries } from '../../testing/controlplane/binaries.ts'
import { startControlPlane, type ControlPlane } from '../../testing/controlplane/cluster.ts'
import { environmentOf } from '../../testing/controlplane/environment.ts'
import { seiNodePools, seiNodes } from '../../src/api/resources.ts'
import { persistentVolumeClaims } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { findCondition } from '../../src/lib/conditions.ts'
import { installCRDs } from '../support/install-crds.ts'
import { tryKubectl } from '../../testing/kubectl.ts'
import { until } from '../support/until.ts'
import { PoolFixture, poolCondition } from '../pool/pool-fixture.ts'

let plane: ControlPlane
let fixture: PoolFixture

before(async () => {
  plane = await startControlPlane({ binaries: await resolveBinaries(process.env) })
  Object.assign(process.env, environmentOf(plane))
  fixture = await PoolFixture.open()
})

after(async () => {
  await fixture[Symbol.asyncDispose]()
  await plane.stop()
})

/** What of a CRD's schema is changed here. */
interface Schema {
  readonly properties?: Record<string, Schema>
  required?: string[]
  readonly type?: string
  'x-kubernetes-validations'?: { readonly rule: string; readonly message: string }[]
}

interface Definition extends KubeObject {
  readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[] }
}

type Probe = KubeObject & { readonly spec: unknown }

/** Changes the schema of a kind, and resolves when the API server acts by it, which `probe`, a manifest, shows by its refusal. */
async function changeSchema(plural: string, change: (schema: Schema) => void, probe: Probe): Promise<void> {
  const definitions: Resource<Definition> = {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
  }
  const crd = await fixture.client.get(definitions, { name: `${plural}.sei.io` })
  const schema = crd?.spec.versions[0]?.schema.openAPIV3Schema
  assert.ok(crd && schema)
  change(schema)
  await fixture.client.replace(definitions, crd)
  await untilAccepts(false, probe)
}

async function untilAccepts(isAccepted: boolean, probe: Probe): Promise<void> {
  await until(`a ${probe.kind} to be ${isAccepted ? 'accepted' : 'refused'}`, async () => {
    const { code } = await tryKubectl(
      ['create', '-n', fixture.base.namespace, '--dry-run=server', '--validate=strict', '-f', '-'],
      { stdin: JSON.stringify({ apiVersion: 'sei.io/v1alpha1', ...probe }) },
    )
    return (code === 0) === isAccepted || undefined
  })
}

function property(schema: Schema, ...path: readonly string[]): Schema {
  return path.reduce((at, name) => {
    const found = at.properties?.[name]
    assert.ok(found, `no property ${name}`)
    return found
  }, schema)
}

const SPEC = { chainId: 'arctic-1', image: 'sei-protocol/seid:v6.4.0' }
const nodeManifest = (spec: object): Probe => ({
  kind: 'SeiNode',
  metadata: { name: 'probe' },
  spec: { ...SPEC, ...spec },
})

test('a kind that lacks fields which the operator writes: each object reports it, and is reconciled when the CRDs are current', async () => {
  await changeSchema(
    'seinodes',
    schema => {
      const spec = property(schema, 'spec')
      // Rules may be about what is deleted.
      for (const each of [schema, spec]) delete each['x-kubernetes-validations']
      delete property(schema, 'status').properties?.['initPlan']
      delete spec.properties?.['overrides']
    },
    nodeManifest({ overrides: { 'logging.level': 'debug' } }),
  )
  await fixture.base.create('single')
  const single = await fixture.base.untilNode(
    'single',
    'to be reported',
    ({ status }) => findCondition(status?.conditions, 'Reconciling')?.reason === 'ApplyRefused',
  )
  const message = findCondition(single.status?.conditions, 'Reconciling')?.message ?? ''
  assert.match(message, /update seinodes\.sei\.io .*: 400 BadRequest: .*unknown field "status\.initPlan"/)
  await fixture.create('network', 1)
  await fixture.until('network', 'to be reported', pool => {
    const progress = poolCondition(pool, 'Reconciling')
    return progress?.reason === 'ApplyRefused' && /overrides: field not declared in schema/.test(progress.message)
  })
  await fixture.untilEvent('network', 'ApplyRefused')
  await installCRDs(fixture.client)
  await fixture.base.untilRunning('single')
  await fixture.untilReady('network')
})

test('objects that the present schemas refuse in many ways are deleted to the end', async () => {
  await fixture.base.create('old', { ...SPEC, resources: { limits: { cpu: '2' } } })
  await fixture.base.untilRunning('old')
  await changeSchema(
    'seinodes',
    schema => {
      const spec = property(schema, 'spec')
      Object.assign(spec.properties ?? {}, { owner: { type: 'string' } })
      spec.required = [...(spec.required ?? []), 'owner']
      Object.assign(property(spec, 'image'), { pattern: '^registry\\.example/' })
      Object.assign(property(spec, 'chainId'), { enum: ['pacific-1'] })
      spec['x-kubernetes-validations']?.push(
        { rule: '!has(self.resources)', message: 'resources must not be set' },
        { rule: 'self.image == oldSelf.image', message: 'image is immutable' },
      )
    },
    nodeManifest({}),
  )
  await changeSchema(
    'seinodepools',
    schema => {
      const spec = property(schema, 'spec')
      Object.assign(property(spec, 'chainId'), { maxLength: 3 })
      Object.assign(property(spec, 'nodeConfiguration', 'nodeCount'), { minimum: 4 })
    },
    {
      kind: 'SeiNodePool',
      metadata: { name: 'probe' },
      spec: { chainId: 'devnet-1', nodeConfiguration: { nodeCount: 1, image: SPEC.image } },
    },
  )
  for (const [resource, name] of [
    [seiNodes, 'old'],
    [seiNodePools, 'network'],
  ] as const satisfies readonly (readonly [Resource, string])[]) {
    await fixture.delete<KubeObject>(resource, name)
    await fixture.untilGone<KubeObject>(resource, name)
  }
  await fixture.untilGone(persistentVolumeClaims, 'data-old')
})

test('an object that a rule of the whole object refuses is reported by an event, and deleted when the rule is removed', async () => {
  await installCRDs(fixture.client)
  await untilAccepts(true, nodeManifest({}))
  await fixture.base.create('whole')
  await fixture.base.untilRunning('whole')
  await changeSchema(
    'seinodes',
    schema => {
      schema['x-kubernetes-validations']?.push({ rule: 'self.spec.chainId != "arctic-1"', message: 'arctic-1 is over' })
    },
    nodeManifest({}),
  )
  await fixture.delete(seiNodes, 'whole')
  await fixture.base.untilEvent('whole', 'StatusRefused', /arctic-1 is over/)
  await installCRDs(fixture.client)
  await fixture.untilGone(seiNodes, 'whole')
})
