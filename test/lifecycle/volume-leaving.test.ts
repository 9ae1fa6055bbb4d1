/** A claim that is being deleted, is Lost, or belongs to something else, of a running node. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { persistentVolumeClaims, pods, services, statefulSets } from '../../src/kube/resources.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { PAUSED } from './ending.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import { RETAINED, UPDATE } from './specs.ts'

const NEXT = 'sei-protocol/seid:v6.5.0'
/** What of an update comes before the restart. */
const CONFIGURED = UPDATE.slice(0, -1)
const LEAVING = { VolumeHealthy: 'VolumeLeaving' } as const
const BLOCKED = { ...LEAVING, Ready: 'NewGeneration', Reconciling: 'RestartHeld' } as const

suite('claims that may not be changed of running nodes', { concurrency: 8 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('a claim that is being deleted: a warning while there is time, and the node is still reconciled', async () => {
    const node = await fixture.running('rpc', RETAINED)
    await removeClaim('data-rpc')
    await node.becomes({
      conditions: LEAVING,
      says: {
        VolumeHealthy: [
          'PersistentVolumeClaim data-rpc is being deleted',
          'will be removed, with its data, when pod rpc-0 stops',
          'set the reclaim policy of PersistentVolume pvc-',
          'kubectl patch pv pvc-',
        ],
      },
      events: ['VolumeLeaving'],
    })
    await fixture.base.node.killSidecar(node.pod)
    await node.becomes({ conditions: LEAVING, tasks: ['mark-ready'] })
    // Its other objects are repaired.
    await fixture.base.base.remove(services, 'rpc')
    await node.becomes({ conditions: LEAVING, parts: { service: 'new' } })
    await node.change({ image: NEXT })
    await node.becomes({
      conditions: BLOCKED,
      says: { Reconciling: ['the pod is not replaced', 'data-rpc is being deleted'], Ready: ['is not replaced'] },
    })
    await node.change({ image: GENESIS_SPEC.image })
    await node.becomes({ conditions: LEAVING })
    await node.change({ overrides: { 'logging.level': 'debug' } })
    await node.becomes({ conditions: BLOCKED, tasks: CONFIGURED, events: ['UpdateStarted', 'ConfigUpdated'] })
    await node.remove()
    await node.isGone()
  })

  test('a validator reports what to save', async () => {
    const node = await fixture.running('val', { ...RETAINED, mode: 'validator' })
    await removeClaim('data-val')
    await node.becomes({
      conditions: LEAVING,
      says: { VolumeHealthy: ['save data/priv_validator_state.json and the key of the validator'] },
      events: ['VolumeLeaving'],
    })
    await node.remove()
    await node.isGone()
  })

  test('a prepared claim that is being deleted blocks nothing while its pod runs', async () => {
    await fixture.base.base.claim('prepared')
    const home = await until('claim prepared to be known', () => fixture.homeOf('prepared'))
    home.write('config/genesis.json', '{"chain_id":"arctic-1","app_state":{},"validators":[]}')
    const node = await fixture.create('guest', { ...GENESIS_SPEC, genesis: { pvc: { dataPVC: 'prepared' } } })
    const { status } = await node.until(
      'to be Ready',
      ({ status: seen }) =>
        seen?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true,
    )
    const tasks = status?.initPlan?.tasks.map(({ type }) => type) ?? []
    await node.becomes({ tasks, events: ['PlanStarted', 'PlanComplete'] })
    await removeClaim('prepared')
    await fixture.base.node.killSidecar(node.pod)
    await node.becomes({
      conditions: LEAVING,
      says: { VolumeHealthy: ['PersistentVolumeClaim prepared is being deleted'] },
      tasks: ['mark-ready'],
      events: ['VolumeLeaving'],
    })
    await node.change({ image: NEXT })
    await node.becomes({ conditions: BLOCKED })
    await node.remove()
    await node.isGone()
  })

  test('a paused node is warned too', async () => {
    const node = await fixture.running('paused', RETAINED)
    await node.change({ paused: true })
    await node.becomes({ base: PAUSED, conditions: {} })
    await removeClaim('data-paused')
    await node.becomes({ base: PAUSED, conditions: LEAVING, events: ['VolumeLeaving'] })
    await node.remove()
    await node.isGone()
  })

  test('after the pod the claim is deleted, and the node starts on another one', async () => {
    const node = await fixture.running('gone', RETAINED)
    await removeClaim('data-gone')
    await node.becomes({ conditions: LEAVING, events: ['VolumeLeaving'] })
    await node.deletePod()
    await node.becomes({
      tasks: GENESIS_TASKS,
      events: ['VolumeReplaced', 'PlanComplete'],
      parts: { claim: 'new', pod: 'new' },
    })
  })

  test('recovery: a paused node creates no other claim, and adopts the restored one with its annotations', async () => {
    const node = await fixture.running('back', GENESIS_SPEC)
    await removeClaim('data-back')
    await node.becomes({ conditions: LEAVING, events: ['VolumeLeaving'] })
    await node.change({ paused: true })
    await node.becomes({ base: PAUSED, conditions: LEAVING })
    const { chainId } = GENESIS_SPEC
    const { initPlan, mode = '' } = node.object?.status ?? {}
    await node.deletePod()
    await until('the claim to be gone', async () =>
      (await fixture.base.get(persistentVolumeClaims, 'data-back')) ? undefined : true,
    )
    const made = await fixture.base.client.create(persistentVolumeClaims, {
      metadata: {
        ...fixture.base.key('data-back'),
        labels: { 'sei.io/node': 'back' },
        annotations: {
          'sei.io/initialized-chain': chainId,
          'sei.io/initialized-plan': initPlan?.id ?? '',
          'sei.io/initialized-mode': mode,
          'sei.io/caught-up-at': initPlan?.caughtUpAt ?? '',
        },
      },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'gp3',
        resources: { requests: { storage: '1000Gi' } },
      },
    })
    const consent = { 'sei.io/accept-volume': made.metadata?.uid ?? '' }
    await fixture.base.patch('back', { metadata: { annotations: consent } })
    await node.change({ paused: false })
    await node.becomes({
      tasks: GENESIS_TASKS.slice(1),
      events: ['VolumeAccepted', 'PlanComplete'],
      parts: { claim: 'new', pod: 'new' },
    })
  })

  test('a claim that another controller owns: a warning, changes reach the pod, and the claim is not changed', async () => {
    const node = await fixture.running('lent', RETAINED)
    const owner = await fixture.base.base.claim('backup')
    const ownerReferences = [
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'backup', uid: owner.metadata?.uid, controller: true },
    ]
    await patchClaim('data-lent', { metadata: { ownerReferences } })
    const conditions = { VolumeHealthy: 'VolumeForeign' } as const
    await node.becomes({
      conditions,
      says: { VolumeHealthy: ['data-lent belongs to PersistentVolumeClaim backup', 'does not change it'] },
      events: ['VolumeForeign'],
    })
    await node.change({ image: NEXT, storage: { size: '2000Gi' } })
    await node.becomes({
      conditions: { ...conditions, SpecValid: 'ExpansionPending' },
      tasks: ['mark-ready'],
      parts: { pod: 'new' },
    })
    const claim = await fixture.base.get(persistentVolumeClaims, 'data-lent')
    assert.equal(claim?.spec?.resources?.requests?.['storage'], '1000Gi')
    assert.equal(claim?.metadata?.ownerReferences?.[0]?.name, 'backup')
    await patchClaim('data-lent', { metadata: { ownerReferences: null } })
    await node.until('the claim to grow', () => {
      const seen = fixture.view.claims.get(fixture.view.key('data-lent'))
      return seen?.status?.capacity?.['storage'] === '2000Gi'
    })
    await node.becomes({})
  })

  test('a Lost claim: a warning, and the pod that has the volume mounted is not replaced', async () => {
    const node = await fixture.running('lost', RETAINED)
    await patchClaim('data-lost', { status: { phase: 'Lost' } }, 'status')
    const conditions = { VolumeHealthy: 'VolumeLost' } as const
    await node.becomes({
      conditions,
      says: { VolumeHealthy: ['PersistentVolumeClaim data-lost is Lost', 'no other pod can mount it'] },
      events: ['VolumeLost'],
    })
    await fixture.base.node.killSidecar(node.pod)
    await node.becomes({ conditions, tasks: ['mark-ready'] })
    await node.change({ image: NEXT })
    await node.becomes({ conditions: { ...conditions, Ready: 'NewGeneration', Reconciling: 'RestartHeld' } })
    await node.remove()
    await node.isGone({ parts: { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' } })
  })

  function removeClaim(name: string): Promise<void> {
    return fixture.base.base.remove(persistentVolumeClaims, name)
  }

  async function patchClaim(name: string, body: object, subresource?: 'status'): Promise<void> {
    const options = { type: 'merge', ...(subresource === undefined ? {} : { subresource }) } as const
    await fixture.base.client.patch(persistentVolumeClaims, fixture.base.key(name), body, options)
  }
})

test('a claim that is not the one on record is not used, and the pod is still observed', async () => {
  await using fixture = await NodesFixture.open()
  const { base } = fixture
  const node = await fixture.running('other', GENESIS_SPEC)
  await base.operator.kill()
  // Another claim of the name under a pod that runs on, as when finalizers are taken off by force.
  const key = base.key('data-other')
  await base.base.remove(persistentVolumeClaims, 'data-other')
  await base.client.patch(persistentVolumeClaims, key, { metadata: { finalizers: null } }, { type: 'merge' })
  await until('the claim to be gone', async () =>
    (await base.get(persistentVolumeClaims, 'data-other')) ? undefined : true,
  )
  await base.base.claim('data-other')
  assert.ok(await base.client.get(pods, node.pod))
  base.operator.start()
  await node.until(
    'the other claim to be reported',
    ({ status }) =>
      status?.conditions?.some(
        ({ reason, message }) => reason === 'VolumeReplaced' && message.includes('data-other'),
      ) === true,
  )
  assert.equal(node.object?.status?.phase, 'Running')
  assert.ok(await base.get(statefulSets, 'other'))
  const claim = await base.get(persistentVolumeClaims, 'data-other')
  assert.equal(claim?.metadata?.labels, undefined)
  node.forget()
})
