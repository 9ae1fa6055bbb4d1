/** Admission that rewrites what a SeiNode is made of: what becomes of the node. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { persistentVolumeClaims, pods, services, statefulSets } from '../../src/kube/resources.ts'
import { installRewrite, LABEL_REWRITTEN, LABELS, REWRITE_LABEL } from '../support/admission-policies.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { assertQuiet, requestsOf } from '../support/quiet.ts'
import { until } from '../support/until.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import type { LivingNode } from './living-node.ts'

const QUIET_MS = 10_000
const IMAGE_PATH = 'spec.template.spec.containers[name=seid].image'

let fixture: NodesFixture
let node: LivingNode

before(async () => {
  fixture = await NodesFixture.open({ operator: { clockRate: 2 } })
  const { namespace } = fixture.base
  const metadata = { name: 'probe' }
  const selector = { matchLabels: { app: 'probe' } }
  const template = { metadata: { labels: { app: 'probe' } }, spec: { containers: [{ name: 'seid', image: 'seid' }] } }
  await Promise.all([
    installRewrite({
      name: `${namespace}-images`,
      namespace,
      apiGroup: 'apps',
      resource: 'statefulsets',
      patch: `object.spec.template.spec.containers[0].image.startsWith("rewritten/") ? [] : [JSONPatch{
        op: "replace",
        path: "/spec/template/spec/containers/0/image",
        value: "rewritten/" + object.spec.template.spec.containers[0].image
      }]`,
      probe: {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata,
        spec: { serviceName: 'probe', selector, template },
      },
    }),
    installRewrite({
      name: `${namespace}-services`,
      namespace,
      apiGroup: '',
      resource: 'services',
      patch: REWRITE_LABEL,
      probe: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { ...metadata, labels: LABELS },
        spec: { clusterIP: 'None' },
      },
    }),
    installRewrite({
      name: `${namespace}-claims`,
      namespace,
      apiGroup: '',
      resource: 'persistentvolumeclaims',
      patch: REWRITE_LABEL,
      probe: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { ...metadata, labels: LABELS },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    }),
  ])
})
after(() => fixture[Symbol.asyncDispose]())

function saysOf(image: string): { readonly Reconciling: readonly string[] } {
  return {
    Reconciling: [
      `PersistentVolumeClaim data-rpc (${LABEL_REWRITTEN})`,
      `Service rpc (${LABEL_REWRITTEN})`,
      `StatefulSet rpc (${IMAGE_PATH}: wanted "${image}", found "rewritten/${image}")`,
    ],
  }
}

/** How often the operator has written the children of the node. */
async function writes(): Promise<number> {
  const targets = new Set([persistentVolumeClaims, services, statefulSets].map(({ plural }) => plural))
  return (await requestsOf(fixture.base)).filter(({ verb, target }) => verb === 'patch' && targets.has(target)).length
}

test('a node whose objects are rewritten is Ready, says what differs, and writes nothing more', async () => {
  node = await fixture.create('rpc')
  await node.becomes({
    tasks: GENESIS_TASKS,
    conditions: { Reconciling: 'Rewritten' },
    says: saysOf(GENESIS_SPEC.image),
    events: ['PlanStarted', 'PlanComplete', 'Rewritten'],
  })
  await assertQuiet(fixture.base, QUIET_MS)
})

test('a changed image is rolled out, and the rollout ends', async () => {
  const image = 'sei-protocol/seid:v6.5.0'
  await node.change({ image })
  const { status } = await node.becomes({
    tasks: ['mark-ready'],
    conditions: { Reconciling: 'Rewritten' },
    says: saysOf(image),
    events: ['Rewritten'],
    parts: { pod: 'new' },
  })
  assert.equal(status?.rollout, undefined)
  const pod = await fixture.base.get(pods, 'rpc-0')
  assert.equal(pod?.spec?.containers[0]?.image, `rewritten/${image}`)
  await assertQuiet(fixture.base, QUIET_MS)
})

test('a changed override reaches the node by one restart', async () => {
  await node.change({ overrides: { 'logging.level': 'debug' } })
  const { status } = await node.becomes({
    tasks: ['config-apply', 'config-validate', 'mark-ready'],
    conditions: { Reconciling: 'Rewritten' },
    events: ['UpdateStarted', 'ConfigUpdated'],
    parts: { pod: 'new' },
  })
  assert.equal(status?.rollout, undefined)
  await assertQuiet(fixture.base, QUIET_MS)
})

test('a manual edit is reverted once, and restarts nothing', async () => {
  const written = await writes()
  const { client } = fixture.base
  const edit = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'rewritten/by-hand' }]
  await client.patch(statefulSets, fixture.base.key('rpc'), edit, { type: 'json' })
  await until('the image to be restored', async () => {
    const found = await client.get(statefulSets, fixture.base.key('rpc'))
    return found?.spec?.template.spec?.containers[0]?.image === 'rewritten/sei-protocol/seid:v6.5.0' || undefined
  })
  await node.becomes({ conditions: { Reconciling: 'Rewritten' } })
  await assertQuiet(fixture.base, QUIET_MS)
  assert.equal((await writes()) - written, 1)
})

test('another process of the operator applies each once, and restarts nothing', async () => {
  const written = await writes()
  await fixture.base.operator.restart()
  await assertQuiet(fixture.base, QUIET_MS)
  const { status } = await node.becomes({ conditions: { Reconciling: 'Rewritten' } })
  assert.equal(status?.rollout, undefined)
  assert.equal((await writes()) - written, 3)
})
