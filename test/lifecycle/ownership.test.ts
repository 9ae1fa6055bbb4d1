/** Objects of the names that a node needs, and whose they are: nothing of others is touched, nothing old is taken for new. */
import assert from 'node:assert/strict'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { after, before, suite, test } from 'node:test'
import { persistentVolumeClaims, services, statefulSets } from '../../src/kube/resources.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import type { Ending } from './ending.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'

const CREATED = { events: ['PlanStarted', 'PlanComplete'], tasks: GENESIS_TASKS }

/** Of a node that cannot have one of its objects: nothing runs. */
const HELD_UP: Ending = {
  phase: 'Pending',
  conditions: {
    Ready: 'WaitingForPod',
    Initialized: 'PlanPending',
    SidecarReady: 'WaitingForPod',
    VolumeHealthy: 'NotMounted',
    Reconciling: 'ForeignObject',
  },
}

suite('ownership', { concurrency: 12 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('failure mode 24: a StatefulSet of someone else is not changed; the node continues when it is deleted', async () => {
    const foreign = await fixture.place(statefulSets, foreignSet('set'))
    const node = await fixture.create('set')
    await node.becomes({
      ...HELD_UP,
      events: ['PlanStarted', 'ForeignObject'],
      says: { Reconciling: ['StatefulSet set exists and belongs to something that this operator did not make'] },
      parts: { statefulSet: 'same', pod: 'gone' },
    })
    assert.deepEqual((await fixture.base.get(statefulSets, 'set'))?.spec, foreign.spec)
    await fixture.base.base.remove(statefulSets, 'set')
    await node.becomes({ tasks: GENESIS_TASKS, events: ['PlanComplete'], parts: { statefulSet: 'new', pod: 'new' } })
  })

  test('failure mode 24: a Service of someone else is reported and not changed; the node continues when it is deleted', async () => {
    const spec = { clusterIP: 'None', selector: { app: 'other' }, ports: [{ port: 80 }] }
    const foreign = await fixture.place(services, { metadata: fixture.base.key('service'), spec })
    const node = await fixture.create('service')
    await node.becomes({
      conditions: { Ready: 'NewGeneration', Reconciling: 'ForeignObject' },
      says: { Reconciling: ['Service service exists and belongs to'] },
      tasks: GENESIS_TASKS,
      events: ['PlanStarted', 'ForeignObject', 'PlanComplete'],
      parts: { service: 'same' },
    })
    assert.deepEqual((await fixture.base.get(services, 'service'))?.spec, foreign.spec)
    await fixture.base.base.remove(services, 'service')
    await node.becomes({ parts: { service: 'new' } })
  })

  test('failure mode 24: a claim of someone else is not changed, and no pod mounts it; the node continues when it is deleted', async () => {
    const foreign = await fixture.place(persistentVolumeClaims, foreignClaim('data-claim'))
    const node = await fixture.create('claim')
    await node.becomes({
      ...HELD_UP,
      events: ['ForeignObject'],
      conditions: { ...HELD_UP.conditions, VolumeHealthy: 'NoVolume' },
      says: {
        Reconciling: [
          'PersistentVolumeClaim data-claim (uid ',
          'created by hand',
          'The operator does not use it',
          'create the SeiNode under another name',
        ],
      },
      parts: { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' },
    })
    const claim = await fixture.base.get(persistentVolumeClaims, 'data-claim')
    assert.equal(claim?.metadata?.labels, undefined)
    assert.deepEqual(claim?.spec?.resources, foreign.spec?.resources)
    await fixture.base.base.remove(persistentVolumeClaims, 'data-claim')
    await node.becomes({ ...CREATED, parts: { claim: 'new', service: 'new', statefulSet: 'new', pod: 'new' } })
  })

  test('failure mode 24: a claim of someone else that is being deleted is not adopted', async () => {
    const finalizers = ['example.com/hold']
    const claim = foreignClaim('data-going')
    const metadata = { ...claim.metadata, finalizers, labels: { 'sei.io/node': 'going' } }
    await fixture.place(persistentVolumeClaims, { ...claim, metadata })
    await fixture.base.base.remove(persistentVolumeClaims, 'data-going')
    const node = await fixture.create('going')
    await node.becomes({
      ...HELD_UP,
      conditions: { ...HELD_UP.conditions, VolumeHealthy: 'NoVolume', Reconciling: 'Creating' },
      says: { Reconciling: ['PersistentVolumeClaim data-going is being deleted'] },
      parts: { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' },
    })
    const body = { metadata: { finalizers: null } }
    await fixture.base.client.patch(persistentVolumeClaims, fixture.base.key('data-going'), body, { type: 'merge' })
    await node.becomes({ ...CREATED, parts: { claim: 'new', service: 'new', statefulSet: 'new', pod: 'new' } })
  })

  test("failure mode 24: a StatefulSet that another controller owns is not changed though it has the node's label", async () => {
    const owner = await fixture.base.base.claim('some-owner')
    const ownerReferences = [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        name: 'some-owner',
        uid: owner.metadata?.uid ?? '',
        controller: true,
      },
    ]
    const set = foreignSet('labelled')
    const metadata = { ...set.metadata, labels: { 'sei.io/node': 'labelled' }, ownerReferences }
    await fixture.place(statefulSets, { ...set, metadata })
    const node = await fixture.create('labelled')
    await node.becomes({
      ...HELD_UP,
      events: ['PlanStarted', 'ForeignObject'],
      says: { Reconciling: ['StatefulSet labelled exists and belongs to PersistentVolumeClaim some-owner'] },
      parts: { statefulSet: 'same', pod: 'gone' },
    })
    await node.remove()
    await node.isGone({ parts: { claim: 'gone', service: 'gone', statefulSet: 'same', pod: 'gone' } })
  })

  test('failure mode 24: deleting a node does not change foreign objects with its names', async () => {
    await fixture.place(persistentVolumeClaims, foreignClaim('data-spared'))
    const node = await fixture.create('spared')
    await node.becomes({
      ...HELD_UP,
      conditions: { ...HELD_UP.conditions, VolumeHealthy: 'NoVolume' },
      events: ['ForeignObject'],
      parts: { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' },
    })
    await node.remove()
    await node.isGone({ parts: { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' } })
  })

  for (const [kind, resource] of [
    ['StatefulSet', statefulSets],
    ['Service', services],
  ] as const) {
    test(`failure mode 43: a ${kind} that loses its labels is still the node's, which restores them`, async () => {
      const name = `unlabelled-${kind.toLowerCase()}`
      const node = await fixture.running(name)
      const body = { metadata: { labels: { 'sei.io/node': null } } }
      await fixture.base.client.patch<KubeObject>(resource, fixture.base.key(name), body, { type: 'merge' })
      await node.until('the label to be back', () => {
        const [live] = fixture.view
          .historyOf(name)
          .filter(sighting => sighting.kind === kind)
          .slice(-1)
        return live?.object.metadata?.labels?.['sei.io/node'] === name
      })
      await node.becomes({})
    })
  }

  function foreignClaim(name: string): PersistentVolumeClaim {
    const resources = { requests: { storage: '10Gi' } }
    const spec = { accessModes: ['ReadWriteOnce'], resources, storageClassName: 'gp3' }
    return { metadata: fixture.base.key(name), spec }
  }

  function foreignSet(name: string): StatefulSet {
    const labels = { app: 'other' }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'other', image: 'other:v1' }] } }
    const spec = { replicas: 0, serviceName: 'other', selector: { matchLabels: labels }, template }
    return { metadata: fixture.base.key(name), spec }
  }
})
