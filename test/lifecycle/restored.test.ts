/** A SeiNode and its claim that are restored from a backup: without a status, with other UIDs, in any order. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode, SeiNodeSpec } from '../../src/api/seinode.ts'
import { isNotFound } from '../../src/kube/errors.ts'
import { persistentVolumeClaims, pods, services, statefulSets } from '../../src/kube/resources.ts'
import { conditionOf, GENESIS_SPEC, isReady, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { newKey } from '../support/validator-key.ts'

const VALIDATOR: SeiNodeSpec = { ...GENESIS_SPEC, mode: 'validator' }
const ADOPTION = ['config-apply', 'config-validate', 'mark-ready']
const STATE = 'data/priv_validator_state.json'
const SIGNED = '{"height":"7"}'
const SNAPSHOT = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'yesterday' }

interface ClaimChanges {
  readonly annotations?: Record<string, string>
  readonly labels?: Record<string, string>
  readonly ownerReferences?: NonNullable<PersistentVolumeClaim['metadata']>['ownerReferences'] & object
  readonly spec?: PersistentVolumeClaim['spec']
}

suite('nodes that are restored from a backup', () => {
  let fixture: OperatorFixture
  before(async () => {
    fixture = await OperatorFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  async function claimOf(name: string): Promise<PersistentVolumeClaim> {
    return (await fixture.get(persistentVolumeClaims, `data-${name}`)) ?? assert.fail(`there is no claim data-${name}`)
  }

  /** Resolves with the claim of a node that has caught up, when its annotations say so. */
  async function backedUp(name: string, spec: SeiNodeSpec): Promise<PersistentVolumeClaim> {
    await fixture.create(name, spec)
    await fixture.untilRunning(name)
    return until(`data-${name} to say that its node has caught up`, async () => {
      const claim = await claimOf(name)
      return claim.metadata?.annotations?.['sei.io/caught-up-at'] === undefined ? undefined : claim
    })
  }

  /** The namespace is lost with all that the node has; the operator is down from then on. */
  async function lose(name: string): Promise<void> {
    await fixture.operator.kill()
    await fixture.patch(name, { metadata: { finalizers: null } })
    await fixture.base.remove(seiNodes, name)
    await fixture.base.remove(statefulSets, name)
    await fixture.base.remove(services, name)
    await takeVolume(name)
  }

  async function takeVolume(name: string): Promise<void> {
    await fixture.base.remove(persistentVolumeClaims, `data-${name}`)
    await letGo(name)
    await fixture.base.remove(pods, `${name}-0`)
    await until(`data-${name} to be gone`, async () =>
      (await fixture.get(persistentVolumeClaims, `data-${name}`)) ? undefined : true,
    )
  }

  /** Where no operator runs, nobody else lets a validator's pod go. */
  async function letGo(name: string): Promise<void> {
    try {
      await fixture.client.patch(pods, fixture.podKey(name), { metadata: { finalizers: null } }, { type: 'merge' })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  /** As a backup tool brings a claim back: labels, annotations and files as they were, another UID. */
  async function restoreClaim(
    { metadata, spec }: PersistentVolumeClaim,
    { annotations, labels, ownerReferences, spec: changes }: ClaimChanges = {},
  ): Promise<string> {
    const { volumeName: _, ...rest } = spec ?? {}
    const key = fixture.key(metadata?.name ?? '')
    await fixture.client.create(persistentVolumeClaims, {
      metadata: {
        ...key,
        labels: labels ?? metadata?.labels ?? {},
        annotations: annotations ?? metadata?.annotations ?? {},
        ...(ownerReferences ? { ownerReferences } : {}),
      },
      spec: { ...rest, ...changes },
    })
    const uid = await until(`${key.name} to be bound`, async () => {
      const claim = await fixture.client.get(persistentVolumeClaims, key)
      return claim?.status?.phase === 'Bound' ? claim.metadata?.uid : undefined
    })
    const home = fixture.node.homeOf(key)
    home.write('config/genesis.json', JSON.stringify({ chain_id: GENESIS_SPEC.chainId }))
    home.write('config/priv_validator_key.json', newKey().json)
    home.write(STATE, SIGNED)
    return uid
  }

  async function untilBlocked(name: string, uid: string): Promise<SeiNode> {
    const node = await fixture.untilNode(name, 'to wait for consent', each =>
      ['Ready', 'Initialized', 'Reconciling'].every(type => conditionOf(each, type)?.reason === 'VolumeReplaced'),
    )
    assert.match(conditionOf(node, 'Initialized')?.message ?? '', new RegExp(`sei\\.io/accept-volume to ${uid}:`))
    return node
  }

  async function accept(name: string, uid: string): Promise<void> {
    await fixture.patch(name, { metadata: { annotations: { 'sei.io/accept-volume': uid } } })
  }

  /** The node runs on that claim, with what was on its volume, and without a bootstrap since `earlier`. */
  async function adopted(name: string, uid: string, earlier: number): Promise<void> {
    const node = await fixture.untilNode(
      name,
      'Ready on the restored claim',
      each => isReady(each) && each.status?.initPlan?.volumeUID === uid,
    )
    assert.deepEqual(fixture.executedBy(name).slice(earlier), ADOPTION)
    assert.equal(fixture.node.homeOf(fixture.key(`data-${name}`)).read(STATE), SIGNED)
    assert.equal((await claimOf(name)).metadata?.ownerReferences?.[0]?.uid, node.metadata.uid)
  }

  for (const isDown of [true, false]) {
    const when = isDown ? 'down' : 'running'

    test(`with the operator ${when}: a restored claim has its annotations, and a full node that is restored later adopts it`, async () => {
      const name = `full-${when}`
      const backup = await backedUp(name, GENESIS_SPEC)
      await lose(name)
      const earlier = fixture.executedBy(name).length
      if (!isDown) fixture.operator.start()
      const uid = await restoreClaim(backup)
      await fixture.create(name)
      if (isDown) fixture.operator.start()
      await adopted(name, uid, earlier)
      await fixture.untilEvent(name, 'VolumeAdopted', /its state is kept/)
      const marked = await until('the claim to be marked as its own', async () => {
        const { metadata } = await claimOf(name)
        return metadata?.annotations?.['sei.io/claim-uid'] === uid ? true : undefined
      })
      assert.ok(marked)
    })

    test(`failure mode 15: with the operator ${when}: a validator that is restored without a status waits for consent to its restored claim`, async () => {
      const name = `validator-${when}`
      const backup = await backedUp(name, VALIDATOR)
      await lose(name)
      const earlier = fixture.executedBy(name).length
      if (!isDown) fixture.operator.start()
      const uid = await restoreClaim(backup)
      const restored = await claimOf(name)
      await fixture.create(name, VALIDATOR)
      if (isDown) fixture.operator.start()
      const node = await untilBlocked(name, uid)
      assert.match(
        conditionOf(node, 'Ready')?.message ?? '',
        /signed nothing since the volume was copied.*its data is kept/,
      )
      await fixture.untilEvent(name, 'VolumeReplaced', new RegExp(uid))
      assert.equal(await fixture.get(statefulSets, name), undefined)
      const { metadata } = await claimOf(name)
      assert.deepEqual(
        [metadata?.labels, metadata?.annotations, metadata?.ownerReferences],
        [restored.metadata?.labels, restored.metadata?.annotations, undefined],
      )
      await accept(name, uid)
      await adopted(name, uid, earlier)
      await fixture.untilEvent(name, 'VolumeAccepted', new RegExp(`${uid} is used.*its state is kept`))
    })
  }

  test('a full node that is restored before its claim starts on an empty one; after a pause it gets the restored claim by consent', async () => {
    const name = 'node-first'
    const backup = await backedUp(name, GENESIS_SPEC)
    await lose(name)
    fixture.operator.start()
    await fixture.create(name)
    await fixture.untilRunning(name)
    const earlier = fixture.executedBy(name).length
    await fixture.patch(name, { spec: { paused: true } })
    await fixture.untilNode(name, 'paused', node => conditionOf(node, 'Paused')?.status === 'True')
    await takeVolume(name)
    const uid = await restoreClaim(backup)
    await fixture.patch(name, { spec: { paused: false } })
    await untilBlocked(name, uid)
    await accept(name, uid)
    await adopted(name, uid, earlier)
  })

  test('failure mode 17: a restored claim that names the SeiNode of the backup as its owner loses that reference at once', async () => {
    const name = 'owned'
    const backup = await backedUp(name, GENESIS_SPEC)
    const [owner] = backup.metadata?.ownerReferences ?? []
    assert.ok(owner)
    await lose(name)
    const earlier = fixture.executedBy(name).length
    // The garbage collector ignores owners of versions that are not served; for others it would be faster than the test.
    const uid = await restoreClaim(backup, { ownerReferences: [{ ...owner, apiVersion: 'sei.io/v1alpha0' }] })
    await fixture.create(name)
    fixture.operator.start()
    await adopted(name, uid, earlier)
  })

  for (const isLabelled of [true, false]) {
    test(`a claim that a user fills from a VolumeSnapshot before the SeiNode is made, ${isLabelled ? 'with' : 'without'} its label, is used by consent and never bootstrapped over`, async () => {
      const name = isLabelled ? 'snapshot-labelled' : 'snapshot-bare'
      const uid = await restoreClaim(
        { metadata: { name: `data-${name}` } },
        {
          labels: isLabelled ? { 'sei.io/node': name } : {},
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'gp3-10k-750',
            resources: { requests: { storage: '1000Gi' } },
            dataSource: SNAPSHOT,
          },
        },
      )
      await fixture.create(name)
      if (isLabelled) await untilBlocked(name, uid)
      else {
        const node = await fixture.untilNode(
          name,
          'to say what stands there',
          each => conditionOf(each, 'Reconciling')?.reason === 'ForeignObject',
        )
        const { message = '' } = conditionOf(node, 'Reconciling') ?? {}
        assert.match(
          message,
          new RegExp(`data-${name} \\(uid ${uid}\\).*sei\\.io/accept-volume to ${uid}: its data is kept`),
        )
        assert.doesNotMatch(message, /delete/)
      }
      assert.equal(await fixture.get(statefulSets, name), undefined)
      await accept(name, uid)
      await adopted(name, uid, 0)
      const { labels } = (await claimOf(name)).metadata ?? {}
      assert.equal(labels?.['sei.io/node'], name)
    })
  }

  test('a validator is warned of an older signing state before it uses such a claim, without the label too', async () => {
    const name = 'validator-bare'
    const uid = await restoreClaim(
      { metadata: { name: `data-${name}` } },
      {
        labels: {},
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'gp3-10k-750',
          resources: { requests: { storage: '1000Gi' } },
          dataSource: SNAPSHOT,
        },
      },
    )
    await fixture.create(name, VALIDATOR)
    const node = await fixture.untilNode(
      name,
      'to say what stands there',
      each => conditionOf(each, 'Reconciling')?.reason === 'ForeignObject',
    )
    const { message = '' } = conditionOf(node, 'Reconciling') ?? {}
    assert.match(message, new RegExp(`older signing state signs twice.*sei\\.io/accept-volume to ${uid}`))
    assert.equal(await fixture.get(statefulSets, name), undefined)
  })

  test('a claim that a user fills from a VolumeSnapshot in place of a lost one is used by consent and never bootstrapped over', async () => {
    const name = 'snapshot-later'
    const backup = await backedUp(name, GENESIS_SPEC)
    await fixture.operator.kill()
    await fixture.base.remove(statefulSets, name)
    await takeVolume(name)
    const earlier = fixture.executedBy(name).length
    const uid = await restoreClaim(backup, { annotations: {}, spec: { dataSource: SNAPSHOT } })
    fixture.operator.start()
    await untilBlocked(name, uid)
    await accept(name, uid)
    await adopted(name, uid, earlier)
  })
})
