/** Deletion: in an order in which nothing is lost, with the volume kept or taken along as the spec says. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '../../src/kube/resources.ts'
import { conditionOf, GENESIS_SPEC } from '../support/operator-fixture.ts'
import type { Sighting } from '../support/namespace-view.ts'
import { until } from '../support/until.ts'
import { FAILED, PAUSED } from './ending.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import { failing, RETAINED, stuckIn } from './specs.ts'

const KEPT = { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' } as const
const CREATED = { events: ['PlanStarted', 'PlanComplete'], tasks: GENESIS_TASKS }

suite('deletion', { concurrency: 12 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(async () => {
    const { log } = fixture.base.operator
    await fixture[Symbol.asyncDispose]()
    assert.doesNotMatch(log, /ERROR/, 'deleting is no error')
  })

  test('failure mode 19: a node is deleted in order: StatefulSet, pod, then the volume, then the SeiNode', async () => {
    const node = await fixture.running('ordered')
    const volumeName = (await fixture.base.get(persistentVolumeClaims, 'data-ordered'))?.spec?.volumeName ?? ''
    await node.remove()
    await node.isGone()
    const version = (kind: string, name: string, isMet: (object: Sighting) => boolean): number => {
      const seen = fixture.view.historyOf(name).find(sighting => sighting.kind === kind && isMet(sighting))
      return Number(seen?.object.metadata?.resourceVersion)
    }
    const order = [
      version('SeiNode', 'ordered', isGoing),
      version('Pod', 'ordered-0', isGone),
      version('PersistentVolumeClaim', 'data-ordered', isGone),
    ]
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    )
    const went = version('SeiNode', 'ordered', isGone)
    assert.ok(went > version('Pod', 'ordered-0', isGone), 'the SeiNode outlives its pod')
    assert.ok(
      version('StatefulSet', 'ordered', seen => isGoing(seen) || isGone(seen)) < version('Pod', 'ordered-0', isGone),
    )
    await until('the PersistentVolume to be gone', async () =>
      (await fixture.base.client.get(persistentVolumes, { name: volumeName })) ? undefined : true,
    )
  })

  test('failure mode 19: nothing is recreated while a node is deleted', async () => {
    const node = await fixture.running('once')
    await node.remove()
    await node.isGone()
    for (const name of ['once', 'once-0', 'data-once']) {
      const seen = fixture.view.historyOf(name)
      const kinds = new Set(seen.map(({ kind }) => kind))
      const uids = new Set(seen.map(({ object }) => object.metadata?.uid))
      assert.equal(uids.size, kinds.size, `${name}: one object of each kind`)
    }
  })

  for (const propagation of ['Background', 'Foreground', 'Orphan'] as const) {
    test(`failure mode 17: retainOnDelete keeps the volume where a node is deleted with cascade=${propagation}`, async () => {
      const name = `kept-${propagation.toLowerCase()}`
      const node = await fixture.running(name, RETAINED)
      await node.remove(propagation)
      await node.isGone({ parts: KEPT })
      const claim = await fixture.base.get(persistentVolumeClaims, `data-${name}`)
      assert.equal(claim?.metadata?.ownerReferences, undefined)
      assert.equal(claim?.metadata?.deletionTimestamp, undefined)
      assert.equal(claim?.metadata?.labels?.['sei.io/node'], name)
    })

    test(`without retainOnDelete the volume is deleted too where a node is deleted with cascade=${propagation}`, async () => {
      const node = await fixture.running(`gone-${propagation.toLowerCase()}`)
      await node.remove(propagation)
      await node.isGone()
    })
  }

  test('failure mode 17: retainOnDelete is set while the node runs: the volume has no owner any more', async () => {
    const node = await fixture.running('turned-on')
    await node.change({ storage: { retainOnDelete: true } })
    await node.until('the volume to have no owner', () => ownersOf('data-turned-on') === 0)
    await node.becomes({})
    await node.remove('Foreground')
    await node.isGone({ parts: KEPT })
  })

  test('retainOnDelete is unset while the node runs: the volume has an owner again, and is deleted with it', async () => {
    const node = await fixture.running('turned-off', RETAINED)
    await node.change({ storage: { retainOnDelete: false } })
    await node.until('the volume to have its owner', () => ownersOf('data-turned-off') === 1)
    await node.becomes({})
    await node.remove()
    await node.isGone()
  })

  for (const retained of [true, false]) {
    test(`retainOnDelete is ${retained ? 'set' : 'unset'} while the node is being deleted: the last value counts`, async () => {
      const name = `late-${retained ? 'on' : 'off'}`
      const node = await fixture.running(name, retained ? GENESIS_SPEC : RETAINED)
      await hold(name)
      await node.remove()
      await node.until('to wait for its pod', ({ status }) => status?.phase === 'Terminating')
      await node.change({ storage: { retainOnDelete: retained } })
      await release(name)
      await node.isGone(retained ? { parts: KEPT } : {})
    })
  }

  test('a deletion that waits for the pod is reported, and the volume is kept until the pod has ended', async () => {
    const node = await fixture.running('slow')
    await hold('slow')
    await node.remove()
    await node.becomes({
      phase: 'Terminating',
      conditions: {
        Ready: 'Terminating',
        SpecValid: 'NotChecked',
        SidecarReady: 'NotChecked',
        Reconciling: 'Terminating',
      },
      says: { Reconciling: ['waiting for pod slow-0 to stop'] },
      parts: { service: 'gone', statefulSet: 'gone' },
    })
    const claim = await fixture.base.get(persistentVolumeClaims, 'data-slow')
    assert.ok(claim && claim.metadata?.deletionTimestamp === undefined)
    await release('slow')
    await node.isGone()
  })

  for (const retainOnDelete of [true, false]) {
    test(`a paused node is deleted anyway (retainOnDelete: ${retainOnDelete})`, async () => {
      const name = `paused-${retainOnDelete ? 'kept' : 'gone'}`
      const node = await fixture.running(name, { ...GENESIS_SPEC, storage: { retainOnDelete } })
      await node.change({ paused: true })
      await node.becomes({ phase: 'Running', base: PAUSED })
      await node.remove()
      await node.isGone(retainOnDelete ? { parts: KEPT } : {})
    })
  }

  test('a node whose prepared claim does not exist is deleted anyway', async () => {
    const spec = { ...GENESIS_SPEC, genesis: { pvc: { dataPVC: 'nowhere' } } }
    const node = await fixture.create('broken', spec)
    await node.becomes({
      phase: 'Pending',
      conditions: {
        Ready: 'SpecInvalid',
        SpecValid: 'DataVolumeNotFound',
        VolumeHealthy: 'NoVolume',
        Initialized: 'PlanPending',
        SidecarReady: 'WaitingForPod',
        Reconciling: 'SpecInvalid',
      },
      events: ['DataVolumeNotFound'],
      parts: { claim: 'gone', service: 'gone', statefulSet: 'gone', pod: 'gone' },
    })
    await node.remove()
    await node.isGone()
  })

  test('a node whose sidecar is dead is deleted anyway', async () => {
    const node = await fixture.running('dead', RETAINED)
    await fixture.base.node.partition(node.pod, true)
    await fixture.base.node.killSidecar(node.pod)
    await node.remove()
    await node.isGone({ parts: KEPT })
  })

  test('a node whose bootstrap failed is deleted anyway', async () => {
    fixture.behave('failed', { tasks: failing('config-apply', 1) })
    const node = await fixture.create('failed')
    await node.becomes({
      phase: 'Failed',
      base: FAILED,
      tasks: ['configure-genesis', 'config-apply'],
      events: ['PlanStarted', 'TaskFailed'],
    })
    await node.remove()
    await node.isGone()
  })

  for (const [name, spec] of [
    ['no-class', GENESIS_SPEC],
    ['no-class-kept', RETAINED],
  ] as const) {
    test(`a node whose StorageClass is gone is deleted anyway (${name})`, async () => {
      const storageClassName = `${fixture.base.namespace}-${name}`
      const provisioner = 'sei.io/fake'
      const stored = await fixture.base.client.create(storageClasses, {
        metadata: { name: storageClassName },
        provisioner,
      })
      const node = await fixture.running(name, { ...spec, storage: { ...spec.storage, storageClassName } })
      const uid = stored.metadata?.uid ?? ''
      await fixture.base.client.delete(storageClasses, { name: storageClassName }, { uid })
      await node.remove()
      await node.isGone(name === 'no-class' ? {} : { parts: KEPT })
    })
  }

  for (const [name, title, reason, spec] of [
    ['no-image', 'whose image does not exist', 'ImagePullFailed', { image: 'sei/does-not-exist:v1' }],
    ['no-room', 'that fits on no Node', 'AwaitingCapacity', { resources: { requests: { cpu: '1000000' } } }],
    ['never-a-class', 'whose StorageClass never existed', 'SpecInvalid', { storage: { storageClassName: 'no-such' } }],
  ] as const) {
    test(`failure mode 19: a node ${title} is deleted anyway`, async () => {
      const node = await fixture.create(name, { ...GENESIS_SPEC, ...spec })
      await node.until(reason, seen => conditionOf(seen, 'Reconciling')?.reason === reason)
      await node.remove()
      await node.isGone({ losesEvents: true })
    })
  }

  test('a node that is deleted in the middle of its bootstrap leaves nothing behind', async () => {
    fixture.behave('early', stuckIn('config-apply'))
    const node = await fixture.create('early')
    await node.untilTask('config-apply')
    await node.remove()
    await node.isGone({ tasks: ['configure-genesis', 'config-apply'], events: ['PlanStarted'] })
  })

  test('failure mode 27: a prepared volume is not deleted, whatever retainOnDelete says', async () => {
    const resources = { requests: { storage: '10Gi' } }
    const claim = { accessModes: ['ReadWriteOnce'], resources, storageClassName: 'gp3' }
    await fixture.place(persistentVolumeClaims, { metadata: fixture.base.key('prepared'), spec: claim })
    const home = await until('the claim to be known', () => fixture.homeOf('prepared'))
    home.write('config/genesis.json', '{"chain_id":"devnet-7","app_state":{},"validators":[]}')
    const spec = { ...GENESIS_SPEC, chainId: 'devnet-7', genesis: { pvc: { dataPVC: 'prepared' } } }
    const node = await fixture.create('on-prepared', spec)
    await node.becomes({ ...CREATED, tasks: GENESIS_TASKS.slice(1), parts: { claim: 'same' } })
    await node.remove()
    await node.isGone({ parts: KEPT })
  })

  test('failure mode 18: the deletion of a node does not delete the volume of its successor', async () => {
    const node = await fixture.running('reborn')
    await node.remove()
    await node.isGone()
    const again = await fixture.create('reborn')
    await again.becomes(CREATED)
    await again.remove()
    await again.isGone()
  })

  function ownersOf(claim: string): number {
    return fixture.view.claims.get(fixture.view.key(claim))?.metadata?.ownerReferences?.length ?? 0
  }

  /** The pod cannot go before `release`. */
  async function hold(name: string): Promise<void> {
    const body = { metadata: { finalizers: ['example.com/hold'] } }
    await fixture.base.client.patch(pods, fixture.base.podKey(name), body, { type: 'merge' })
  }

  async function release(name: string): Promise<void> {
    const body = { metadata: { finalizers: null } }
    await fixture.base.client.patch(pods, fixture.base.podKey(name), body, { type: 'merge' })
  }
})

function isGone({ isDeleted }: Sighting): boolean {
  return isDeleted
}

function isGoing({ object }: Sighting): boolean {
  return object.metadata?.deletionTimestamp !== undefined
}
