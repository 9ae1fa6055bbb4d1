/** Data volumes that grow, that may not grow, and that cannot shrink. */
import assert from 'node:assert/strict'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { after, before, suite, test } from 'node:test'
import { persistentVolumeClaims, storageClasses } from '../../src/kube/resources.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import type { LivingNode, SpecInput } from './living-node.ts'

const KEPT = { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' } as const

suite('volumes that grow', { concurrency: 8 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('storage.size grows the claim and its volume in place, and restarts nothing', async () => {
    const node = await fixture.running('grows', sized('100Gi'))
    await node.change({ storage: { size: '200Gi' } })
    await untilCapacity(node, '200Gi')
    await node.becomes({})
  })

  test("a size above the platform's default grows the volume; an equal one in another spelling changes nothing", async () => {
    const node = await fixture.running('from-default')
    const initial = await fixture.base.get(persistentVolumeClaims, 'data-from-default')
    assert.equal(initial?.status?.capacity?.['storage'], '1000Gi')
    await node.change({ storage: { size: '1024000Mi' } })
    await node.becomes({})
    assert.equal(await requestOf('from-default'), '1000Gi')
    await node.change({ storage: { size: '2Ti' } })
    await untilCapacity(node, '2Ti')
    await node.becomes({})
  })

  test('a class that allows no growth: the condition says so, and the node runs on; it grows when the class allows it', async () => {
    const storageClass = await createClass('stiff', false)
    const node = await fixture.running('stiff', sized('100Gi', storageClass))
    await node.change({ storage: { size: '200Gi' } })
    await node.becomes({
      conditions: { SpecValid: 'ExpansionNotAllowed', Reconciling: 'SpecInvalid' },
      says: { SpecValid: [storageClass, 'allowVolumeExpansion'] },
      events: ['ExpansionNotAllowed'],
    })
    assert.equal(await requestOf('stiff'), '100Gi')
    const body = { allowVolumeExpansion: true }
    await fixture.base.client.patch(storageClasses, { name: storageClass }, body, { type: 'merge' })
    await untilCapacity(node, '200Gi')
    // The API server's admission may observe the class later than the operator, and refuse once more.
    await node.becomes({ maybe: ['ResizeRefused'] })
  })

  test('a kept volume that is larger than the size of the node that adopts it keeps its size, and the condition says so', async () => {
    const retained = sized('100Gi')
    const first = await fixture.running('smaller', {
      ...retained,
      storage: { ...retained.storage, retainOnDelete: true },
    })
    await first.remove()
    await first.isGone({ parts: KEPT })
    const node = await fixture.create('smaller', sized('50Gi'))
    await node.becomes({
      conditions: { SpecValid: 'VolumeAdoptedAsIs' },
      says: { SpecValid: ['spec.storage.size is 50Gi, and it has 100Gi, which cannot shrink'] },
      tasks: GENESIS_TASKS.slice(1),
      events: ['VolumeAdopted', 'PlanComplete'],
    })
    await node.change({ storage: { size: '100Gi' } })
    await node.becomes({})
  })

  test('a manually enlarged claim is not shrunk', async () => {
    const node = await fixture.running('enlarged')
    const body = { spec: { resources: { requests: { storage: '3Ti' } } } }
    await fixture.base.client.patch(persistentVolumeClaims, fixture.base.key('data-enlarged'), body, { type: 'merge' })
    await untilCapacity(node, '3Ti')
    await node.becomes({})
    assert.equal(await requestOf('enlarged'), '3Ti')
  })

  test('a StorageClass that does not exist: the condition says so; the node continues when it is created', async () => {
    const storageClass = `${fixture.base.namespace}-late`
    const node = await fixture.create('late', { ...GENESIS_SPEC, storage: { storageClassName: storageClass } })
    await node.becomes({
      phase: 'Pending',
      conditions: {
        Ready: 'WaitingForPod',
        SpecValid: 'StorageClassNotFound',
        VolumeHealthy: 'VolumePending',
        Initialized: 'PlanPending',
        SidecarReady: 'WaitingForPod',
        Reconciling: 'SpecInvalid',
      },
      says: { SpecValid: [storageClass, 'spec.storage.storageClassName'] },
      events: ['PlanStarted', 'StorageClassNotFound'],
    })
    await createClass('late', true)
    await node.becomes({ tasks: GENESIS_TASKS, events: ['PlanComplete'] })
  })

  async function createClass(name: string, allowVolumeExpansion: boolean): Promise<string> {
    const metadata = { name: `${fixture.base.namespace}-${name}` }
    const object: StorageClass = { metadata, provisioner: 'sei.io/fake', allowVolumeExpansion }
    await fixture.base.client.create(storageClasses, object)
    return metadata.name
  }

  async function untilCapacity(node: LivingNode, size: string): Promise<void> {
    await node.until(`its volume to have ${size}`, () => {
      const claim = fixture.view.claims.get(fixture.view.key(`data-${node.name}`))
      return claim?.status?.capacity?.['storage'] === size
    })
  }

  async function requestOf(name: string): Promise<string | undefined> {
    const claim = await fixture.base.get(persistentVolumeClaims, `data-${name}`)
    return claim?.spec?.resources?.requests?.['storage']
  }
})

function sized(size: string, storageClassName?: string): SpecInput {
  return { ...GENESIS_SPEC, storage: { size, ...(storageClassName === undefined ? {} : { storageClassName }) } }
}
