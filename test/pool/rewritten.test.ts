/** Admission that rewrites the SeiNodes of a pool: what becomes of the pool. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { seiNodes } from '../../src/api/resources.ts'
import { API_VERSION } from '../../src/api/names.ts'
import { jobs } from '../../src/kube/resources.ts'
import { installRewrite, LABEL_REWRITTEN, LABELS, REWRITE_LABEL } from '../support/admission-policies.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { assertQuiet } from '../support/quiet.ts'
import { downTogether } from './down-together.ts'
import { PoolFixture, poolCondition } from './pool-fixture.ts'

const NAMES = ['net-0', 'net-1', 'net-2', 'net-3']
const QUIET_MS = 5_000
const IMAGE = 'sei-protocol/seid:v6.4.0'
const NEXT = 'sei-protocol/seid:v6.5.0'

let fixture: PoolFixture
let removeRewrite: () => Promise<void>

before(async () => {
  fixture = await PoolFixture.open()
  const { namespace } = fixture.base
  const metadata = { name: 'probe', labels: LABELS }
  const template = { spec: { containers: [{ name: 'probe', image: 'probe' }], restartPolicy: 'Never' } }
  await Promise.all([
    installRewrite({
      name: `${namespace}-policies`,
      namespace,
      apiGroup: 'networking.k8s.io',
      resource: 'networkpolicies',
      patch: REWRITE_LABEL,
      probe: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec: { podSelector: {} } },
    }),
    installRewrite({
      name: `${namespace}-jobs`,
      namespace,
      apiGroup: 'batch',
      resource: 'jobs',
      patch: REWRITE_LABEL,
      probe: { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template } },
    }),
  ])
  removeRewrite = await installRewrite({
    name: `${namespace}-mirror`,
    namespace,
    apiGroup: 'sei.io',
    resource: 'seinodes',
    patch: `object.spec.image.startsWith("rewritten/") ? [] :
      [JSONPatch{op: "replace", path: "/spec/image", value: "rewritten/" + object.spec.image}]`,
    probe: { apiVersion: API_VERSION, kind: 'SeiNode', metadata: { name: 'probe' }, spec: GENESIS_SPEC },
  })
})
after(() => fixture[Symbol.asyncDispose]())

async function imagesAndVersions(): Promise<readonly (readonly [image: string, version: string | undefined])[]> {
  const nodes = await Promise.all(NAMES.map(name => fixture.seiNode(name)))
  return nodes.map(({ spec, metadata }) => [spec.image, metadata.resourceVersion])
}

async function images(): Promise<readonly string[]> {
  return (await imagesAndVersions()).map(([image]) => image)
}

/** Resolves with the condition that reports it, for the current spec. */
async function untilRewritten(image: string): Promise<void> {
  await fixture.untilReady('net')
  const { status, message } = await fixture.untilReason('net', 'Reconciling', 'Rewritten')
  assert.equal(status, 'False')
  assert.ok(message.includes(`NetworkPolicy net (${LABEL_REWRITTEN})`), message)
  for (const name of NAMES) {
    assert.ok(message.includes(`SeiNode ${name} (spec.image: wanted "${image}", found "rewritten/${image}")`), message)
  }
}

test('a pool whose SeiNodes are rewritten is Ready, says what differs, and writes nothing more', async () => {
  await fixture.create('net', 4, { chainId: 'net-1' })
  await untilRewritten(IMAGE)
  await fixture.untilEvent('net', 'Rewritten')
  await assertQuiet(fixture.base, QUIET_MS)
  assert.equal(
    (await fixture.base.get(jobs, 'net-genesis'))?.metadata?.labels?.['app.kubernetes.io/managed-by'],
    'rewritten',
  )
  const reported = (await fixture.eventsOf('net')).filter(reason => reason === 'Rewritten')
  assert.deepEqual(reported, ['Rewritten'])
})

test('a changed spec reaches all of them, one after the other', async () => {
  await using view = await NamespaceView.open(fixture.client, fixture.base.namespace)
  const together = downTogether(
    view,
    NAMES.map(name => `${name}-0`),
  )
  await fixture.patch('net', { spec: { nodeConfiguration: { image: NEXT } } })
  await untilRewritten(NEXT)
  assert.deepEqual(await images(), Array(4).fill(`rewritten/${NEXT}`))
  assert.deepEqual([...together], [])
  await fixture.untilEvent('net', 'RolledOut')
  await assertQuiet(fixture.base, QUIET_MS)
})

test('a manual edit of one is reverted', async () => {
  const uids = await fixture.podUIDs(NAMES)
  await fixture.base.patch('net-2', { spec: { image: IMAGE } })
  await fixture.base.untilNode('net-2', 'its image again', ({ spec }) => spec.image === `rewritten/${NEXT}`)
  await untilRewritten(NEXT)
  await assertQuiet(fixture.base, QUIET_MS)
  const isOther = (_: unknown, index: number): boolean => NAMES[index] !== 'net-2'
  assert.deepEqual((await fixture.podUIDs(NAMES)).filter(isOther), uids.filter(isOther))
})

test('another process of the operator changes nothing of it', async () => {
  const [nodes, uids, pool] = [await imagesAndVersions(), await fixture.podUIDs(NAMES), await fixture.pool('net')]
  await fixture.base.operator.restart()
  await assertQuiet(fixture.base, QUIET_MS)
  assert.deepEqual(await imagesAndVersions(), nodes)
  assert.deepEqual(await fixture.podUIDs(NAMES), uids)
  assert.equal((await fixture.pool('net'))?.metadata.resourceVersion, pool?.metadata.resourceVersion)
})

test('when admission no longer rewrites them, another process restores them one after the other', async () => {
  await removeRewrite()
  await using view = await NamespaceView.open(fixture.client, fixture.base.namespace)
  const together = downTogether(
    view,
    NAMES.map(name => `${name}-0`),
  )
  await fixture.base.operator.restart()
  await fixture.until('net', 'its SeiNodes to be as applied', pool => {
    const { reason, message = '' } = poolCondition(pool, 'Reconciling') ?? {}
    return reason === 'Rewritten' && !message.includes('SeiNode')
  })
  await fixture.untilReady('net')
  assert.deepEqual(await images(), Array(4).fill(NEXT))
  assert.deepEqual([...together], [])
  const { items } = await fixture.client.list(seiNodes, { namespace: fixture.base.namespace })
  assert.ok(items.every(({ status }) => status?.rollout === undefined))
})
