/** Another volume under a node that was bootstrapped: who waits for a person's consent, and what counts as consent. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode, SeiNodeSpec } from '../../src/api/seinode.ts'
import { persistentVolumeClaims, pods, statefulSets } from '../../src/kube/resources.ts'
import { isNotFound } from '../../src/kube/errors.ts'
import { conditionOf, GENESIS_SPEC, isReady, OperatorStage } from '../support/operator-stage.ts'
import { until } from '../support/until.ts'
import { newKey } from '../support/validator-key.ts'

const VALIDATOR: SeiNodeSpec = { ...GENESIS_SPEC, mode: 'validator' }
const ADOPTION = ['config-apply', 'config-validate', 'mark-ready']
const BOOTSTRAP = ['configure-genesis', ...ADOPTION]
const STATE = 'data/priv_validator_state.json'

suite('consent to another volume', () => {
  let stage: OperatorStage
  let edits = 0
  before(async () => {
    stage = await OperatorStage.open()
  })
  after(() => stage[Symbol.asyncDispose]())

  async function claimOf(name: string): Promise<PersistentVolumeClaim> {
    const claim = await stage.get(persistentVolumeClaims, `data-${name}`)
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
    await stage.stage.remove(persistentVolumeClaims, `data-${name}`)
    await stage.stage.remove(pods, `${name}-0`)
    await letGo(`${name}-0`)
    await until(`another claim data-${name}, or none`, async () => {
      const found = await stage.get(persistentVolumeClaims, `data-${name}`)
      return found?.metadata?.uid === claim.metadata?.uid ? undefined : true
    })
    return claim
  }

  /** The operator is down from then on, and no pod is there to use what is restored. */
  async function loseWhileDown(name: string): Promise<void> {
    await stage.operator.kill()
    await stage.stage.remove(statefulSets, name)
    await lose(name)
  }

  /** Where no operator runs, nobody else lets a validator's pod go. */
  async function letGo(pod: string): Promise<void> {
    try {
      await stage.client.patch(pods, stage.key(pod), { metadata: { finalizers: null } }, { type: 'merge' })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  /** As a backup tool brings it back: labels, annotations and files as they were, another UID. */
  async function restore({ metadata, spec }: PersistentVolumeClaim): Promise<PersistentVolumeClaim> {
    const { name = '', namespace = '', labels = {}, annotations = {} } = metadata ?? {}
    const { volumeName: _, ...rest } = spec ?? {}
    const key = stage.key(name)
    await stage.client.create(persistentVolumeClaims, {
      metadata: { name, namespace, labels, annotations },
      spec: rest,
    })
    const bound = await until(`${name} to be bound`, async () => {
      const claim = await stage.client.get(persistentVolumeClaims, key)
      return claim?.status?.phase === 'Bound' ? claim : undefined
    })
    stage.node.homeOf(key).write('config/genesis.json', '{}')
    stage.node.homeOf(key).write('config/priv_validator_key.json', newKey().json)
    stage.node.homeOf(key).write(STATE, '{"height":"7"}')
    return bound
  }

  /** The node once it says that it waits, with the message. */
  async function held(name: string, pattern: RegExp): Promise<SeiNode> {
    const node = await stage.untilNode(name, 'to wait for consent', each => {
      const initialized = conditionOf(each, 'Initialized')
      return initialized?.reason === 'VolumeReplaced' && pattern.test(initialized.message)
    })
    assert.deepEqual(
      ['Ready', 'Progressing'].map(type => conditionOf(node, type)?.reason),
      ['VolumeReplaced', 'VolumeReplaced'],
    )
    return node
  }

  async function accept(name: string, value: string): Promise<void> {
    await stage.patch(name, { metadata: { annotations: { 'sei.io/accept-volume': value } } })
  }

  /** Resolves when the operator has looked at the node as it is now. */
  async function lookedAt(name: string): Promise<void> {
    const { metadata } = await stage.patch(name, {
      spec: { resources: { requests: { cpu: `${++edits}m` } } },
    })
    await stage.untilNode(name, 'to be looked at', each => each.status?.observedGeneration === metadata.generation)
  }

  async function untilEvent(name: string, reason: string): Promise<string> {
    return until(`event ${reason}`, async () => {
      const found = (await stage.eventsOf(name)).find(event => event.reason === reason)
      return found?.message
    })
  }

  for (const [mode, spec] of [
    ['validator', VALIDATOR],
    ['full', GENESIS_SPEC],
  ] as const) {
    test(`failure mode 15: a restored volume under a ${mode} node is left as it is until it is accepted, and then adopted`, async () => {
      const name = `restored-${mode}`
      await stage.create(name, spec)
      await stage.untilRunning(name)
      const backup = await backupOf(name)
      await loseWhileDown(name)
      const claim = await restore(backup)
      const uid = claim.metadata?.uid ?? ''
      const earlier = stage.executedBy(name)
      stage.operator.start()
      const node = await held(name, new RegExp(`data-${name} \\(uid ${uid}\\) is not the one.*${backup.metadata?.uid}`))
      const { message = '' } = conditionOf(node, 'Initialized') ?? {}
      assert.equal(message.includes('What a validator signed'), spec.mode === 'validator')
      assert.match(await untilEvent(name, 'VolumeReplaced'), new RegExp(`sei\\.io/accept-volume to ${uid}`))
      // Neither a retry nor what was said of another claim.
      await stage.patch(name, { metadata: { annotations: { 'sei.io/retry-plan': 'again' } } })
      await accept(name, `${backup.metadata?.uid}, lost:${backup.metadata?.uid}`)
      await lookedAt(name)
      await held(name, new RegExp(uid))
      assert.deepEqual(stage.executedBy(name), earlier)
      assert.deepEqual(written(await claimOf(name)), written(claim))
      await accept(name, uid)
      await stage.untilRunning(name)
      assert.deepEqual(stage.executedBy(name).slice(earlier.length), ADOPTION)
      assert.match(await untilEvent(name, 'VolumeAccepted'), new RegExp(`${uid} .* its state stays`))
      assert.equal(stage.node.homeOf(stage.key(`data-${name}`)).read(STATE), '{"height":"7"}')
    })
  }

  test('failure mode 15: no claim is made in place of a validator’s before that one is given up, and each loss asks anew', async () => {
    await stage.create('lost', VALIDATOR)
    await stage.untilRunning('lost')
    const first = (await lose('lost')).metadata?.uid ?? ''
    await held('lost', new RegExp(`data-lost \\(uid ${first}\\).* is gone.*sei\\.io/accept-volume to lost:${first}`))
    await accept('lost', first)
    await lookedAt('lost')
    await held('lost', /is gone/)
    assert.equal(await stage.get(persistentVolumeClaims, 'data-lost'), undefined)
    const earlier = stage.executedBy('lost').length
    await accept('lost', `lost:${first}`)
    await stage.untilRunning('lost')
    assert.deepEqual(stage.executedBy('lost').slice(earlier), BOOTSTRAP)
    const second = await lose('lost')
    assert.equal(second.metadata?.annotations?.['sei.io/replaces'], first)
    await held('lost', new RegExp(`accept-volume to lost:${second.metadata?.uid}`))
    assert.equal(await stage.get(persistentVolumeClaims, 'data-lost'), undefined)
  })

  test('failure mode 15: an empty claim that the operator made again for a full node is bootstrapped at once', async () => {
    await stage.create('again')
    const { status } = await stage.untilRunning('again')
    const earlier = stage.executedBy('again').length
    const old = await lose('again')
    await stage.untilNode(
      'again',
      'Ready on another volume',
      node => isReady(node) && node.status?.dataVolume?.uid !== status?.dataVolume?.uid,
    )
    assert.deepEqual(stage.executedBy('again').slice(earlier), BOOTSTRAP)
    const { annotations } = (await claimOf('again')).metadata ?? {}
    assert.equal(annotations?.['sei.io/replaces'], old.metadata?.uid)
    assert.equal(annotations?.['sei.io/made-by'], (await stage.get(seiNodes, 'again'))?.metadata.uid)
  })

  test('a node that is held for its volume is deleted, and the volume stays, even one that a backup gave its owner back', async () => {
    await stage.create('refused')
    await stage.untilRunning('refused')
    const backup = await backupOf('refused')
    await loseWhileDown('refused')
    const claim = await restore(backup)
    const ownerReferences = backup.metadata?.ownerReferences ?? []
    assert.equal(ownerReferences.length, 1)
    await stage.client.patch(
      persistentVolumeClaims,
      stage.key('data-refused'),
      { metadata: { ownerReferences } },
      { type: 'merge' },
    )
    stage.operator.start()
    const { metadata } = await held('refused', /data-refused/)
    await stage.client.delete(seiNodes, stage.key('refused'), { uid: metadata.uid ?? '' })
    await until('the node to be gone', async () => ((await stage.get(seiNodes, 'refused')) ? undefined : true))
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
