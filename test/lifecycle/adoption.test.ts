/** A volume that outlived its SeiNode, and the SeiNode of the same name that is made later. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { persistentVolumeClaims } from '../../src/kube/resources.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { FAILED } from './ending.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import type { LivingNode, SpecInput } from './living-node.ts'
import { failing, PEER_A, RESTORE_TASKS, restoreSpec, RETAINED, sidecarOf } from './specs.ts'

const KEPT = { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' } as const
/** Only the configuration is renewed. */
const ADOPTED = { tasks: GENESIS_TASKS.slice(1), events: ['VolumeAdopted', 'PlanComplete'] }
const REPLAYER = {
  ...RETAINED,
  replayer: { snapshot: { stateSync: {} }, peers: [{ static: { addresses: [PEER_A] } }] },
} satisfies SpecInput
const NOT_MADE = { service: 'gone', statefulSet: 'gone', pod: 'gone' } as const

suite('adoption', { concurrency: 12 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  for (const [name, spec, tasks] of [
    ['genesis', RETAINED, GENESIS_TASKS],
    ['snapshot', { ...restoreSpec(), storage: { retainOnDelete: true } }, RESTORE_TASKS],
    ['memory-only', { ...sidecarOf('v0.0.20'), storage: { retainOnDelete: true } }, GENESIS_TASKS],
  ] as const satisfies readonly (readonly [string, SpecInput, readonly string[]])[]) {
    test(`${name}: a recreated node adopts the kept volume, renews its configuration, and bootstraps nothing`, async () => {
      const earlier = await fixture.running(name, spec, tasks)
      const planID = earlier.object?.status?.initPlan?.id
      await gone(earlier)
      const node = await fixture.create(name, spec)
      const { status } = await node.becomes({
        ...ADOPTED,
        tasks:
          name === 'snapshot' ? ['config-apply', 'discover-peers', 'config-validate', 'mark-ready'] : ADOPTED.tasks,
        says: { Initialized: ['retained from an earlier SeiNode of this name', 'its state was kept'] },
      })
      assert.equal(status?.initPlan?.adoptedFrom, planID)
      assert.equal(status?.dataVolume?.claimName, `data-${name}`)
    })
  }

  test('the adopted volume is deleted with a node that does not retain it', async () => {
    await gone(await fixture.running('taken', RETAINED))
    const node = await fixture.create('taken', GENESIS_SPEC)
    await node.becomes(ADOPTED)
    const claim = await fixture.base.get(persistentVolumeClaims, 'data-taken')
    assert.equal(claim?.metadata?.ownerReferences?.[0]?.uid, node.object?.metadata.uid)
    await node.remove()
    await node.isGone()
  })

  test('a volume is adopted repeatedly', async () => {
    await gone(await fixture.running('over', RETAINED))
    for (const _ of [1, 2]) {
      const node = await fixture.create('over', RETAINED)
      await node.becomes(ADOPTED)
      await gone(node)
    }
  })

  test('a node of another chain does not touch the kept volume, and reports whose state it has', async () => {
    await gone(await fixture.running('chain', RETAINED))
    const node = await fixture.create('chain', { ...RETAINED, chainId: 'atlantic-2' })
    await node.becomes({
      phase: 'Pending',
      conditions: {
        Ready: 'SpecInvalid',
        SpecValid: 'VolumeOfOtherChain',
        VolumeHealthy: 'NoVolume',
        Initialized: 'PlanPending',
        SidecarReady: 'WaitingForPod',
        Reconciling: 'SpecInvalid',
      },
      says: { SpecValid: ['data-chain', 'holds the state of chain arctic-1', 'spec.chainId is atlantic-2'] },
      events: ['VolumeOfOtherChain'],
      parts: NOT_MADE,
    })
    // It never used the volume: deleting it, even without retention, leaves the volume to whom it belongs.
    await node.change({ storage: { retainOnDelete: false } })
    await node.remove()
    await node.isGone({ parts: KEPT })
    const right = await fixture.create('chain', RETAINED)
    await right.becomes(ADOPTED)
  })

  test('a node of another mode does not touch the kept volume', async () => {
    await gone(await fixture.running('mode', RETAINED))
    const node = await fixture.create('mode', { ...RETAINED, mode: 'archive' })
    await node.becomes({
      phase: 'Pending',
      conditions: {
        Ready: 'SpecInvalid',
        SpecValid: 'VolumeOfOtherMode',
        VolumeHealthy: 'NoVolume',
        Initialized: 'PlanPending',
        SidecarReady: 'WaitingForPod',
        Reconciling: 'SpecInvalid',
      },
      says: { SpecValid: ['data-mode', 'mode full', 'mode archive'] },
      events: ['VolumeOfOtherMode'],
      parts: NOT_MADE,
    })
  })

  test('a replayer’s volume is adopted by a replayer and not changed by a full node', async () => {
    const { replayer } = REPLAYER
    const tasks = RESTORE_TASKS.filter(task => task !== 'snapshot-restore')
    await gone(await fixture.running('replay', REPLAYER, tasks))
    const read = async (): Promise<unknown> => {
      const claim = await fixture.base.get(persistentVolumeClaims, 'data-replay')
      const { labels, annotations, ownerReferences } = claim?.metadata ?? {}
      return { labels, annotations, ownerReferences, resources: claim?.spec?.resources }
    }
    const kept = await read()
    const node = await fixture.create('replay', { ...GENESIS_SPEC, storage: { size: '2000Gi' } })
    await node.becomes({
      phase: 'Pending',
      conditions: {
        Ready: 'SpecInvalid',
        SpecValid: 'VolumeOfOtherMode',
        VolumeHealthy: 'NoVolume',
        Initialized: 'PlanPending',
        SidecarReady: 'WaitingForPod',
        Reconciling: 'SpecInvalid',
      },
      says: { SpecValid: ['data-replay', 'a replayer, which does not check its state', 'under another name'] },
      events: ['VolumeOfOtherMode'],
      parts: NOT_MADE,
    })
    await node.remove()
    await node.isGone({ parts: KEPT })
    assert.deepEqual(await read(), kept)
    const again = await fixture.create('replay', { ...GENESIS_SPEC, replayer })
    await again.becomes({ ...ADOPTED, tasks: ['config-apply', 'discover-peers', 'config-validate', 'mark-ready'] })
  })

  test('differences of the adopted volume from the spec are reported permanently', async () => {
    await gone(await fixture.running('less', RETAINED))
    const node = await fixture.create('less', {
      ...restoreSpec(),
      storage: { retainOnDelete: true, storageClassName: 'no-such-class', size: '1Gi' },
    })
    const ending = {
      conditions: { SpecValid: 'VolumeAdoptedAsIs' },
      says: {
        SpecValid: [
          'data-less, which existed before the SeiNode, is used unchanged',
          'no-such-class, which does not exist, and it has StorageClass gp3-10k-750',
          'spec.storage.size is 1Gi, and it has 1000Gi',
          'spec.snapshot is s3://snapshots/arctic-1/, and its state began from none',
        ],
      },
    } as const
    await node.becomes({
      ...ending,
      tasks: ['config-apply', 'discover-peers', 'config-validate', 'mark-ready'],
      events: ADOPTED.events,
    })
    await node.deletePod()
    await node.becomes({ ...ending, tasks: ['mark-ready'], parts: { pod: 'new' } })
  })

  test('a kept volume whose bootstrap never ended is bootstrapped from the start', async () => {
    fixture.behave('half', { tasks: failing('config-validate', 1) })
    const failed = await fixture.create('half', RETAINED)
    await failed.becomes({
      phase: 'Failed',
      base: FAILED,
      tasks: ['configure-genesis', 'config-apply', 'config-validate'],
      events: ['PlanStarted', 'TaskFailed'],
    })
    await gone(failed)
    fixture.behave('half', {})
    const node = await fixture.create('half', RETAINED)
    await node.becomes({ tasks: GENESIS_TASKS, events: ['PlanStarted', 'PlanComplete'] })
  })

  test('a failed adoption is reported, and a retry resumes it at its failed task', async () => {
    await gone(await fixture.running('trouble', RETAINED))
    fixture.behave('trouble', { tasks: failing('config-validate', 1) })
    const node = await fixture.create('trouble', { ...RETAINED, peers: [{ static: { addresses: [PEER_A] } }] })
    await node.until('its plan to fail', ({ status }) => status?.initPlan?.phase === 'Failed')
    await node.retry('now')
    await node.becomes({
      tasks: ['config-apply', 'discover-peers', 'config-validate', 'config-validate', 'mark-ready'],
      events: ['VolumeAdopted', 'TaskFailed', 'PlanRetried', 'PlanComplete'],
    })
  })

  test('a node of another name does not adopt the kept volume', async () => {
    const kept = await fixture.running('name', RETAINED)
    await gone(kept)
    const other = await fixture.running('other-name', RETAINED)
    assert.notEqual(other.uids.claim, kept.uids.claim)
    const claim = await fixture.base.get(persistentVolumeClaims, 'data-name')
    assert.equal(claim?.metadata?.uid, kept.uids.claim)
  })
})

async function gone(node: LivingNode): Promise<void> {
  await node.remove()
  await node.isGone({ parts: KEPT })
}
