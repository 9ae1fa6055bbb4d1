/** Another volume for a bootstrapped node: who waits for a user's consent, and what counts as consent. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode, SeiNodeSpec } from '../../src/api/seinode.ts'
import { persistentVolumeClaims, pods, statefulSets } from '../../src/kube/resources.ts'
import { isNotFound } from '../../src/kube/errors.ts'
import { conditionOf, GENESIS_SPEC, isReady, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { newKey } from '../support/validator-key.ts'

const VALIDATOR: SeiNodeSpec = { ...GENESIS_SPEC, mode: 'validator' }
const ADOPTION = ['config-apply', 'config-validate', 'mark-ready']
const BOOTSTRAP = ['configure-genesis', ...ADOPTION]
const STATE = 'data/priv_validator_state.json'

suite('consent to another volume', () => {
  let fixture: OperatorFixture
  let edits = 0
  before(async () => {
    fixture = await OperatorFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  async function claimOf(name: string): Promise<PersistentVolumeClaim> {
    const claim = await fixture.get(persistentVolumeClaims, `data-${name}`)
    return claim ?? assert.fail(`there is no claim data-${name}`)
  }

  /** The claim once it says all that it will say of its volume. */
  function backupOf(name: string): Promise<PersistentVolumeClaim> {
    return until(`data-${name} to say that its node has caught up`, async () => {
      const claim = await claimOf(name)
      return claim.metadata?.annotations?.['sei.io/caught-up-at'] === undefined ? undefined : claim
    })
  }

  /** The claim goes, with its volume and with the pod that holds it. */
  async function lose(name: string): Promise<PersistentVolumeClaim> {
    const claim = await claimOf(name)
    await fixture.base.remove(persistentVolumeClaims, `data-${name}`)
    await fixture.base.remove(pods, `${name}-0`)
    await letGo(`${name}-0`)
    await until(`another claim data-${name}, or none`, async () => {
      const found = await fixture.get(persistentVolumeClaims, `data-${name}`)
      return found?.metadata?.uid === claim.metadata?.uid ? undefined : true
    })
    return claim
  }

  /** The operator is down from then on, and no pod is there to use what is restored. */
  async function loseWhileDown(name: string): Promise<void> {
    await fixture.operator.kill()
    await fixture.base.remove(statefulSets, name)
    await lose(name)
  }

  /** Where no operator runs, nobody else lets a validator's pod go. */
  async function letGo(pod: string): Promise<void> {
    try {
      await fixture.client.patch(pods, fixture.key(pod), { metadata: { finalizers: null } }, { type: 'merge' })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  /** As a backup tool brings it back: labels, annotations and files as they were, another UID. */
  async function restore({ metadata, spec }: PersistentVolumeClaim): Promise<PersistentVolumeClaim> {
    const { name = '', namespace = '', labels = {}, annotations = {} } = metadata ?? {}
    const { volumeName: _, ...rest } = spec ?? {}
    const key = fixture.key(name)
    await fixture.client.create(persistentVolumeClaims, {
      metadata: { name, namespace, labels, annotations },
      spec: rest,
    })
    const bound = await until(`${name} to be bound`, async () => {
      const claim = await fixture.client.get(persistentVolumeClaims, key)
      return claim?.status?.phase === 'Bound' ? claim : undefined
    })
    fixture.node.homeOf(key).write('config/genesis.json', JSON.stringify({ chain_id: GENESIS_SPEC.chainId }))
    fixture.node.homeOf(key).write('config/priv_validator_key.json', newKey().json)
    fixture.node.homeOf(key).write(STATE, '{"height":"7"}')
    return bound
  }

  /** Resolves with the node when its conditions ask for consent with a matching message. */
  async function untilBlocked(name: string, pattern: RegExp): Promise<SeiNode> {
    const node = await fixture.untilNode(name, 'to wait for consent', each => {
      const initialized = conditionOf(each, 'Initialized')
      return initialized?.reason === 'VolumeReplaced' && pattern.test(initialized.message)
    })
    assert.deepEqual(
      ['Ready', 'Reconciling'].map(type => conditionOf(node, type)?.reason),
      ['VolumeReplaced', 'VolumeReplaced'],
    )
    return node
  }

  async function accept(name: string, value: string): Promise<void> {
    await fixture.patch(name, { metadata: { annotations: { 'sei.io/accept-volume': value } } })
  }

  /** Resolves when the operator has reconciled the current spec. */
  async function untilReconciled(name: string): Promise<void> {
    const { metadata } = await fixture.patch(name, {
      spec: { resources: { requests: { cpu: `${++edits}m` } } },
    })
    await fixture.untilNode(name, 'to be reconciled', each => each.status?.observedGeneration === metadata.generation)
  }

  for (const [mode, spec] of [
    ['validator', VALIDATOR],
    ['full', GENESIS_SPEC],
  ] as const) {
    test(`failure mode 15: a restored volume under a ${mode} node is not changed until it is accepted, and then adopted`, async () => {
      const name = `restored-${mode}`
      await fixture.create(name, spec)
      await fixture.untilRunning(name)
      const backup = await backupOf(name)
      await loseWhileDown(name)
      const claim = await restore(backup)
      const uid = claim.metadata?.uid ?? ''
      const earlier = fixture.executedBy(name)
      fixture.operator.start()
      const node = await untilBlocked(
        name,
        new RegExp(`data-${name} \\(uid ${uid}\\) is not the one.*${backup.metadata?.uid}`),
      )
      const { message = '' } = conditionOf(node, 'Initialized') ?? {}
      assert.equal(message.includes('The signing state of a validator'), spec.mode === 'validator')
      await fixture.untilEvent(name, 'VolumeReplaced', new RegExp(`sei\\.io/accept-volume to ${uid}`))
      // Neither a retry nor what was said of another claim.
      await fixture.patch(name, { metadata: { annotations: { 'sei.io/retry-plan': 'again' } } })
      await accept(name, `${backup.metadata?.uid}, lost:${backup.metadata?.uid}`)
      await untilReconciled(name)
      await untilBlocked(name, new RegExp(uid))
      assert.deepEqual(fixture.executedBy(name), earlier)
      assert.deepEqual(written(await claimOf(name)), written(claim))
      await accept(name, uid)
      await fixture.untilRunning(name)
      assert.deepEqual(fixture.executedBy(name).slice(earlier.length), ADOPTION)
      await fixture.untilEvent(name, 'VolumeAccepted', new RegExp(`${uid} .* its state is kept`))
      assert.equal(fixture.node.homeOf(fixture.key(`data-${name}`)).read(STATE), '{"height":"7"}')
    })
  }

  test('failure mode 15: no claim is made in place of a validator’s before that one is given up, and each loss needs its own consent', async () => {
    await fixture.create('lost', VALIDATOR)
    await fixture.untilRunning('lost')
    const first = (await lose('lost')).metadata?.uid ?? ''
    await untilBlocked(
      'lost',
      new RegExp(`data-lost \\(uid ${first}\\).* no longer exists.*sei\\.io/accept-volume to lost:${first}`),
    )
    await accept('lost', first)
    await untilReconciled('lost')
    await untilBlocked('lost', /no longer exists/)
    assert.equal(await fixture.get(persistentVolumeClaims, 'data-lost'), undefined)
    const earlier = fixture.executedBy('lost').length
    await accept('lost', `lost:${first}`)
    await fixture.untilRunning('lost')
    assert.deepEqual(fixture.executedBy('lost').slice(earlier), BOOTSTRAP)
    const second = await lose('lost')
    assert.equal(second.metadata?.annotations?.['sei.io/replaces'], first)
    await untilBlocked('lost', new RegExp(`accept-volume to lost:${second.metadata?.uid}`))
    assert.equal(await fixture.get(persistentVolumeClaims, 'data-lost'), undefined)
  })

  test('failure mode 15: an empty claim that the operator recreated for a full node is bootstrapped at once', async () => {
    await fixture.create('again')
    const { status } = await fixture.untilRunning('again')
    const earlier = fixture.executedBy('again').length
    const old = await lose('again')
    await fixture.untilNode(
      'again',
      'Ready on another volume',
      node => isReady(node) && node.status?.dataVolume?.uid !== status?.dataVolume?.uid,
    )
    assert.deepEqual(fixture.executedBy('again').slice(earlier), BOOTSTRAP)
    const { annotations } = (await claimOf('again')).metadata ?? {}
    assert.equal(annotations?.['sei.io/replaces'], old.metadata?.uid)
    assert.equal(annotations?.['sei.io/made-by'], (await fixture.get(seiNodes, 'again'))?.metadata.uid)
  })

  test('a node that is blocked for its volume is deleted, and the volume is kept, even if a backup restored its owner reference', async () => {
    await fixture.create('refused')
    await fixture.untilRunning('refused')
    const backup = await backupOf('refused')
    await loseWhileDown('refused')
    const claim = await restore(backup)
    const ownerReferences = backup.metadata?.ownerReferences ?? []
    assert.equal(ownerReferences.length, 1)
    await fixture.client.patch(
      persistentVolumeClaims,
      fixture.key('data-refused'),
      { metadata: { ownerReferences } },
      { type: 'merge' },
    )
    fixture.operator.start()
    const { metadata } = await untilBlocked('refused', /data-refused/)
    await fixture.client.delete(seiNodes, fixture.key('refused'), { uid: metadata.uid ?? '' })
    await until('the node to be gone', async () => ((await fixture.get(seiNodes, 'refused')) ? undefined : true))
    const left = await claimOf('refused')
    assert.deepEqual([left.metadata?.uid, left.metadata?.deletionTimestamp], [claim.metadata?.uid, undefined])
    assert.equal(left.metadata?.ownerReferences, undefined)
  })
})

/** What is the operator's to write on a claim. */
function written({ metadata, spec }: PersistentVolumeClaim): unknown {
  const { labels, annotations, ownerReferences } = metadata ?? {}
  return { labels, annotations, ownerReferences, size: spec?.resources?.requests }
}
