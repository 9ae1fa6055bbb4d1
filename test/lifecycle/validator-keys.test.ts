/** A validator's keys: from Secrets, onto its volume, and into one running seid alone. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { NODE_FINALIZER, VALIDATOR_POD_FINALIZER } from '../../src/api/names.ts'
import { leases, persistentVolumeClaims, pods } from '../../src/kube/resources.ts'
import { conditionOf, type OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { newKey, signingState } from '../support/validator-key.ts'
import { KEY, KeyFixture, OWN_NAMESPACE, STATE, validator } from './key-fixture.ts'

suite('keys of validators', { concurrency: 8 }, () => {
  let keys: KeyFixture
  let fixture: OperatorFixture

  before(async () => {
    keys = await KeyFixture.open()
    fixture = keys.base
  })
  after(() => keys[Symbol.asyncDispose]())

  test('a key from a Secret with its state reaches the volume, the status and the reservation, and seid runs', async () => {
    const key = newKey()
    await keys.placeKey('from-secret-key', key, 4711)
    await fixture.create('from-secret', validator('from-secret-key'))
    const node = await fixture.untilRunning('from-secret')
    assert.equal(keys.read('from-secret', KEY), key.json)
    assert.equal(keys.read('from-secret', STATE), signingState(4711))
    const reservation = `sei-key-${key.address}`
    assert.deepEqual(node.status?.validator, { consensusAddress: key.address, reservation })
    assert.equal(await keys.holderOf(key.address), keys.identity(node))
    const pod = await fixture.get(pods, 'from-secret-0')
    for (const text of [JSON.stringify(pod), JSON.stringify(node), fixture.operator.log]) {
      assert.ok(!text.includes(key.secret))
    }
  })

  test('a key that seid init made is reported and reserved as well', async () => {
    await fixture.create('own-key', validator())
    const node = await fixture.untilRunning('own-key')
    const address = node.status?.validator?.consensusAddress ?? ''
    assert.match(address, /^seivalcons1/)
    assert.equal(await keys.holderOf(address), keys.identity(node))
  })

  test('a missing Secret is reported by a condition and seid does not start; the pod continues when it exists', async () => {
    await fixture.create('late', validator('late-key'))
    const { node, message } = await keys.untilReason('late', 'KeyNotUsable')
    assert.equal(
      message,
      `seid does not start: Secret late-key does not exist, or has no key priv_validator_key.json. Correct Secret ${fixture.namespace}/late-key; the pod retries automatically. For a different key, create another SeiNode with its own volume`,
    )
    assert.equal(conditionOf(node, 'Ready')?.reason, 'KeyNotUsable')
    assert.equal(await keys.hasSeidStarted('late'), false)
    assert.equal((await fixture.untilEvent('late', 'KeyNotUsable')).type, 'Warning')
    const key = newKey()
    await keys.placeKey('late-key', key)
    const running = await fixture.untilRunning('late')
    assert.equal(running.status?.validator?.consensusAddress, key.address)
    // Reported once, however often the pod tried.
    const reported = (await fixture.eventsOf('late')).filter(({ reason }) => reason === 'KeyNotUsable')
    assert.equal(reported.length, 1)
  })

  test('a malformed Secret is named by a condition', async () => {
    await keys.placeSecret('bad-key', { 'priv_validator_key.json': '{"priv_key":' })
    await fixture.create('bad', validator('bad-key'))
    const { message } = await keys.untilReason('bad', 'KeyNotUsable')
    assert.match(message, /priv_validator_key\.json in Secret bad-key is not a key that seid can read/)
    assert.equal(await keys.hasSeidStarted('bad'), false)
  })

  test('a key on the volume is never replaced by the one of a Secret, and taking the Secret back lets the node run', async () => {
    await fixture.create('differs', validator())
    const running = await fixture.untilRunning('differs')
    const own = keys.read('differs', KEY)
    const key = newKey()
    await keys.placeKey('differs-key', key)
    await fixture.patch('differs', { spec: { validator: { signingKey: { secretName: 'differs-key' } } } })
    const { message } = await keys.untilReason('differs', 'KeyNotUsable')
    for (const address of [running.status?.validator?.consensusAddress ?? '?', key.address]) {
      assert.ok(message.includes(address), message)
    }
    assert.equal(keys.read('differs', KEY), own)
    await fixture.patch('differs', { spec: { validator: null } })
    await fixture.untilRunning('differs')
    assert.equal(keys.read('differs', KEY), own)
  })

  test('a key without a record of what it signed starts only when a user says that it has signed nothing', async () => {
    const accept = (uid: string | null) =>
      fixture.patch('stateless', { metadata: { annotations: { 'sei.io/accept-volume': uid } } })
    await keys.placeSecret('stateless-key', { 'priv_validator_key.json': newKey().json })
    await fixture.create('stateless', validator('stateless-key'))
    const { message } = await keys.untilReason('stateless', 'SigningStateMissing')
    const uid = (await fixture.get(persistentVolumeClaims, 'data-stateless'))?.metadata?.uid ?? ''
    assert.ok(
      message.endsWith(
        `kubectl annotate seinode -n ${fixture.namespace} stateless sei.io/accept-volume=unsigned:${uid} --overwrite`,
      ),
      message,
    )
    const { metadata } = await accept(uid)
    await fixture.untilNode(
      'stateless',
      'blocked though the volume was accepted',
      node =>
        node.metadata.resourceVersion !== metadata.resourceVersion ||
        conditionOf(node, 'Reconciling')?.reason === 'SigningStateMissing',
    )
    assert.ok(!fixture.executedBy('stateless').includes('mark-ready'))
    assert.equal(await keys.hasSeidStarted('stateless'), false)
    await accept(`unsigned:${uid}`)
    await fixture.untilRunning('stateless')
    // What was let start is not asked about again, though it has signed nothing yet.
    await accept(null)
    await keys.untilOtherPod('stateless', await keys.deletePod('stateless'))
    await fixture.untilRunning('stateless')
  })

  test('a signing state that is missing beside its key is not recreated', async () => {
    const key = newKey()
    await keys.placeKey('lost-key', key)
    await fixture.create('lost', validator('lost-key'))
    await fixture.untilRunning('lost')
    await keys.removeSecret('lost-key')
    await keys.placeSecret('lost-key', { 'priv_validator_key.json': key.json })
    fixture.node.homeOf(fixture.key('data-lost')).remove('data')
    await keys.deletePod('lost')
    const { message } = await keys.untilReason('lost', 'SigningStateMissing')
    assert.match(message, /since data\/priv_validator_state\.json is lost\. Stop every other node with this key/)
    assert.equal(keys.read('lost', STATE), undefined)
    assert.equal(await keys.hasSeidStarted('lost'), false)
  })

  test('a second node with the same key is blocked, names the first, and runs when that has ended', async () => {
    const key = newKey()
    await keys.placeKey('twin-key', key)
    await fixture.create('twin-a', validator('twin-key'))
    const first = await fixture.untilRunning('twin-a')
    await fixture.create('twin-b', validator('twin-key'))
    const { node, message } = await keys.untilReason('twin-b', 'KeyInUse')
    const ready = conditionOf(node, 'Ready')
    assert.deepEqual([ready?.status, ready?.reason, ready?.message], ['False', 'KeyInUse', message])
    assert.equal(
      message,
      `consensus key ${key.address} is reserved for SeiNode ${fixture.namespace}/twin-a (Lease ${OWN_NAMESPACE}/sei-key-${key.address}), so seid does not start here: two nodes with one key sign twice. Delete the node that must not sign; the reservation is released after the kubelet reports that its seid ended. If the machine of SeiNode ${fixture.namespace}/twin-a is lost, power it off first; the condition Reconciling of that node then says how to confirm it`,
    )
    assert.equal((await fixture.untilEvent('twin-b', 'KeyInUse')).type, 'Warning')
    assert.equal(await keys.holderOf(key.address), keys.identity(first))
    assert.equal(await keys.hasSeidStarted('twin-b'), false)
    await keys.deleteNode('twin-a')
    await keys.gone('twin-a')
    const second = await fixture.untilRunning('twin-b')
    assert.equal(await keys.holderOf(key.address), keys.identity(second))
  })

  test('a Lease that somebody deletes is recreated for its node, and nobody else gets the key', async () => {
    const key = newKey()
    await keys.placeKey('lease-key', key)
    await fixture.create('lease-a', validator('lease-key'))
    const first = await fixture.untilRunning('lease-a')
    await fixture.create('lease-b', validator('lease-key'))
    await keys.untilReason('lease-b', 'KeyInUse')
    await keys.deleteLease(key.address)
    await until('the Lease to be made again', async () => {
      const holder = await keys.holderOf(key.address)
      return holder === keys.identity(first) || undefined
    })
    assert.equal(await keys.hasSeidStarted('lease-b'), false)
    // No mark-ready without it: the node that has it is let start again.
    await fixture.node.restartSidecar(fixture.podKey('lease-a'))
    await fixture.untilRunning('lease-a')
  })

  test('a Lease of a node that nobody sees never expires, and passes on by hand', async () => {
    const key = newKey()
    await keys.placeKey('stray-key', key)
    const name = `sei-key-${key.address}`
    await fixture.client.create(leases, {
      metadata: { namespace: OWN_NAMESPACE, name },
      spec: {
        holderIdentity: 'elsewhere/val/uid-1',
        renewTime: '2020-01-01T00:00:00.000000Z',
        leaseDurationSeconds: 1,
      },
    })
    await fixture.create('stray', validator('stray-key'))
    const { message } = await keys.untilReason('stray', 'KeyInUse')
    assert.ok(message.includes(`outside the watched namespaces ${fixture.namespace}`), message)
    assert.match(message, /First power its machine off, or make sure in another way that no seid runs with this key\./)
    assert.ok(message.endsWith(`kubectl delete lease -n ${OWN_NAMESPACE} ${name}`), message)
    await keys.deleteLease(key.address)
    await fixture.untilRunning('stray')
  })

  test('a Lease from before a restore, under the UID of then, is adopted', async () => {
    const key = newKey()
    await keys.placeKey('restored-key', key)
    await fixture.client.create(leases, {
      metadata: { namespace: OWN_NAMESPACE, name: `sei-key-${key.address}` },
      spec: { holderIdentity: `${fixture.namespace}/restored/uid-before` },
    })
    await fixture.create('restored', validator('restored-key'))
    const node = await fixture.untilRunning('restored')
    assert.equal(await keys.holderOf(key.address), keys.identity(node))
  })

  test('a drain: the pod is removed when its kubelet has reported the end, and the next one runs', async () => {
    await fixture.create('drained', validator())
    await fixture.untilRunning('drained')
    const pod = await keys.deletePod('drained')
    assert.deepEqual(pod.metadata?.finalizers, [VALIDATOR_POD_FINALIZER])
    await keys.untilOtherPod('drained', pod)
    await fixture.untilRunning('drained')
  })

  test('a paused node removes the finalizer of its ended pod, too', async () => {
    await fixture.create('idle', validator())
    await fixture.untilRunning('idle')
    await fixture.patch('idle', { spec: { paused: true } })
    await fixture.untilNode('idle', 'Paused', node => conditionOf(node, 'Paused')?.status === 'True')
    await keys.untilOtherPod('idle', await keys.deletePod('idle'))
  })

  test('a pod that is deleted by force is removed without a user if its kubelet still answers', async () => {
    await fixture.create('forced', validator())
    await fixture.untilRunning('forced')
    await keys.untilOtherPod('forced', await keys.deletePod('forced', 0))
    await fixture.untilRunning('forced')
  })

  test('a pod that is deleted by force while its machine is silent stays, with its reservation, until a user confirms', async () => {
    const key = newKey()
    await keys.placeKey('silent-key', key)
    await fixture.create('silent', validator('silent-key'))
    const node = await fixture.untilRunning('silent')
    fixture.node.setMachineSilent(fixture.podKey('silent'), true)
    const pod = await keys.deletePod('silent', 0)
    // As the garbage collector of pods does for a machine whose Node is deleted.
    const lastTransitionTime = new Date().toISOString()
    const collected = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', lastTransitionTime }
    const status = { phase: 'Failed', conditions: [...(pod.status?.conditions ?? []), collected] }
    await fixture.client.patch(pods, fixture.podKey('silent'), { status }, { type: 'merge', subresource: 'status' })
    const { node: lost, message } = await keys.untilReason('silent', 'MachineLost')
    const confirm = `kubectl delete pod -n ${fixture.namespace} silent-0 --force --grace-period=0 --wait=false && kubectl patch pod -n ${fixture.namespace} silent-0 --type=merge -p '{"metadata":{"finalizers":null}}'`
    assert.ok(message.includes(`First power machine ${pod.spec?.nodeName} off`) && message.endsWith(confirm), message)
    assert.equal(conditionOf(lost, 'Ready')?.reason, 'MachineLost')
    assert.equal((await fixture.get(pods, 'silent-0'))?.metadata?.uid, pod.metadata?.uid)
    assert.equal(await keys.holderOf(key.address), keys.identity(node))

    // Deleting the node waits for the same evidence.
    await keys.deleteNode('silent')
    const leaving = await fixture.untilNode('silent', 'Terminating', each => each.status?.phase === 'Terminating')
    assert.ok(conditionOf(leaving, 'Reconciling')?.message.endsWith(confirm))
    assert.deepEqual(leaving.metadata.finalizers, [NODE_FINALIZER])
    assert.equal(await keys.holderOf(key.address), keys.identity(node))

    await fixture.client.patch(pods, fixture.podKey('silent'), { metadata: { finalizers: null } }, { type: 'merge' })
    await keys.gone('silent')
    assert.equal(await keys.holderOf(key.address), undefined)
  })
})
