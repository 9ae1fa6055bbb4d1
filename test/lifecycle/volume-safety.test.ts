/** Volumes that a deletion or another node must not touch, on the real API server and garbage collector. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { FIELD_MANAGER } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNodeSpec } from '../../src/api/seinode.ts'
import { persistentVolumeClaims, statefulSets } from '../../src/kube/resources.ts'
import { conditionOf, GENESIS_SPEC, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'

const KEPT: SeiNodeSpec = { ...GENESIS_SPEC, storage: { retainOnDelete: true } }

suite('volume safety', () => {
  let fixture: OperatorFixture
  before(async () => {
    fixture = await OperatorFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  async function remove(name: string): Promise<void> {
    const node = await fixture.get(seiNodes, name)
    await fixture.client.delete(seiNodes, fixture.key(name), { uid: node?.metadata.uid ?? '' })
    await until(`SeiNode ${name} to be gone`, async () => ((await fixture.get(seiNodes, name)) ? undefined : true), {
      found: () => fixture.get(seiNodes, name),
    })
  }

  async function uidOf(claim: string): Promise<string | undefined> {
    const { deletionTimestamp, uid } = (await fixture.get(persistentVolumeClaims, claim))?.metadata ?? {}
    return deletionTimestamp === undefined ? uid : undefined
  }

  test('failure mode 17: a kept volume outlives a node that was refused it for its chain', async () => {
    await fixture.create('kept', KEPT)
    await fixture.untilRunning('kept')
    const uid = await uidOf('data-kept')
    assert.ok(uid)
    await remove('kept')
    await fixture.create('kept', { ...GENESIS_SPEC, chainId: 'pacific-1' })
    const refused = await fixture.untilNode(
      'kept',
      'refused its volume',
      node => conditionOf(node, 'SpecValid')?.reason === 'VolumeOfOtherChain',
    )
    assert.match(conditionOf(refused, 'SpecValid')?.message ?? '', /data-kept.* chain arctic-1, but .* pacific-1/)
    assert.equal(await fixture.get(statefulSets, 'kept'), undefined)
    await remove('kept')
    assert.equal(await uidOf('data-kept'), uid)
  })

  test('failure mode 17: a volume that is to be kept from now on has no owner, though the node is paused', async () => {
    await fixture.create('paused')
    await fixture.untilRunning('paused')
    await fixture.patch('paused', { spec: { paused: true } })
    await fixture.untilNode('paused', 'paused', node => conditionOf(node, 'Paused')?.status === 'True')
    await fixture.patch('paused', { spec: { storage: { retainOnDelete: true } } })
    await until('the claim without an owner', async () => {
      const claim = await fixture.get(persistentVolumeClaims, 'data-paused')
      return claim?.metadata?.ownerReferences?.length ? undefined : true
    })
  })

  test('a claim that an earlier version labelled as a part of an application loses that label, and gets the annotations against pruning', async () => {
    await fixture.create('labelled', KEPT)
    await fixture.untilRunning('labelled')
    await fixture.operator.kill()
    const { metadata, spec } = (await fixture.get(persistentVolumeClaims, 'data-labelled')) ?? {}
    const { 'sei.io/applied-hash': _, ...marks } = metadata?.annotations ?? {}
    const annotations = Object.fromEntries(Object.entries(marks).filter(([key]) => key.startsWith('sei.io/')))
    const labels = { ...metadata?.labels, 'app.kubernetes.io/instance': 'labelled' }
    const { accessModes = [], resources = {}, storageClassName = '' } = spec ?? {}
    await fixture.client.apply(
      persistentVolumeClaims,
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          ...fixture.key('data-labelled'),
          labels,
          annotations: { ...annotations, 'sei.io/applied-hash': 'earlier' },
        },
        spec: { accessModes, resources, storageClassName },
      },
      { fieldManager: FIELD_MANAGER, force: true },
    )
    fixture.operator.start()
    const claim = await until('the claim of the present version', async () => {
      const seen = await fixture.get(persistentVolumeClaims, 'data-labelled')
      return seen?.metadata?.labels?.['app.kubernetes.io/instance'] === undefined ? seen : undefined
    })
    assert.equal(claim.metadata?.annotations?.['argocd.argoproj.io/sync-options'], 'Prune=false,Delete=false')
    assert.equal(claim.metadata?.annotations?.['kustomize.toolkit.fluxcd.io/prune'], 'disabled')
    assert.equal(claim.metadata?.annotations?.['helm.sh/resource-policy'], 'keep')
    assert.equal(claim.metadata?.labels?.['sei.io/node'], 'labelled')
    await remove('labelled')
    const kept = await fixture.get(persistentVolumeClaims, 'data-labelled')
    assert.equal(kept?.metadata?.annotations?.['helm.sh/resource-policy'], 'keep')
    assert.equal(kept?.metadata?.labels?.['app.kubernetes.io/instance'], undefined)
  })

  test('a volume belongs to one node: another that names it is refused, and the first continues', async () => {
    await fixture.create('first')
    await fixture.untilRunning('first')
    await fixture.create('second', { ...GENESIS_SPEC, genesis: { pvc: { dataPVC: 'data-first' } } })
    const second = await fixture.untilNode(
      'second',
      'refused',
      node => conditionOf(node, 'SpecValid')?.reason === 'DataVolumeInUse',
    )
    assert.match(conditionOf(second, 'SpecValid')?.message ?? '', /data-first is used by SeiNode first/)
    assert.equal(await fixture.get(statefulSets, 'second'), undefined)
    assert.deepEqual(fixture.executedBy('second'), [])
    await fixture.untilRunning('first')
    await remove('second')
    assert.ok(await uidOf('data-first'))
  })
})
