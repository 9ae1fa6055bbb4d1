/** A validator's keys: from Secrets, onto its volume, and into one running seid alone. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { attachedControlPlane } from '../../devcluster/controlplane/environment.ts'
import { NODE_FINALIZER, VALIDATOR_POD_FINALIZER } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode, SeiNodeSpec } from '../../src/api/seinode.ts'
import { leases, persistentVolumeClaims, pods, secrets, statefulSets } from '../../src/kube/resources.ts'
import { conditionOf, GENESIS_SPEC, OperatorStage } from '../support/operator-stage.ts'
import { until } from '../support/until.ts'

const KEY = 'config/priv_validator_key.json'
const STATE = 'data/priv_validator_state.json'
/** Where the operator of tests keeps what is its own: the namespace of its kubeconfig. */
const OWN_NAMESPACE = 'default'

interface Key {
  readonly json: string
  readonly address: string
}

function newKey(): Key {
  const id = randomBytes(20).toString('hex')
  const priv_key = { type: 'tendermint/PrivKeyEd25519', value: randomBytes(64).toString('base64') }
  const pub_key = { type: 'tendermint/PubKeyEd25519', value: randomBytes(32).toString('base64') }
  return {
    json: JSON.stringify({ address: id.toUpperCase(), pub_key, priv_key }),
    address: `seivalcons1${id.replaceAll('1', 'z').replaceAll('b', 'q')}`,
  }
}

function state(height: number): string {
  return JSON.stringify({ height: String(height), round: 0, step: 3 })
}

suite('keys of validators', { concurrency: 8 }, () => {
  let stage: OperatorStage

  before(async () => {
    stage = await OperatorStage.open({ node: { crashBackoff: { initialMs: 500, maxMs: 1000 } } })
  })
  after(() => stage[Symbol.asyncDispose]())

  async function place(name: string, files: Readonly<Record<string, string>>): Promise<void> {
    const data = Object.entries(files).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
    await stage.client.create(secrets, { metadata: stage.key(name), data: Object.fromEntries(data) })
  }

  /** A Secret with the key, and a state above 0 unless it is left out. */
  async function placeKey(name: string, key: Key, height: number | undefined = 100): Promise<void> {
    const supplied = height === undefined ? {} : { 'priv_validator_state.json': state(height) }
    await place(name, { 'priv_validator_key.json': key.json, ...supplied })
  }

  function validator(secretName?: string): SeiNodeSpec {
    const signingKey = secretName === undefined ? {} : { validator: { signingKey: { secretName } } }
    return { ...GENESIS_SPEC, mode: 'validator', ...signingKey }
  }

  function untilReason(name: string, reason: string): Promise<SeiNode> {
    return stage.untilNode(name, `Progressing ${reason}`, node => conditionOf(node, 'Progressing')?.reason === reason)
  }

  function read(name: string, path: string): string | undefined {
    return stage.node.homeOf(stage.key(`data-${name}`)).read(path)
  }

  const holderOf = async (address: string): Promise<string | undefined> =>
    (await stage.client.get(leases, { namespace: OWN_NAMESPACE, name: `sei-key-${address}` }))?.spec?.holderIdentity

  const identity = ({ metadata }: SeiNode): string => `${stage.namespace}/${metadata.name}/${metadata.uid}`

  async function remove(name: string): Promise<void> {
    const { metadata } = (await stage.get(seiNodes, name)) ?? {}
    await stage.client.delete(seiNodes, stage.key(name), { uid: metadata?.uid ?? '' })
  }

  async function gone(name: string): Promise<void> {
    await until(`SeiNode ${name} to be gone`, async () => ((await stage.get(seiNodes, name)) ? undefined : true), {
      found: async () => ({ node: (await stage.get(seiNodes, name))?.status, operator: stage.operator.log }),
    })
  }

  function seidStarted(pod: Pod | undefined): boolean {
    return pod?.status?.containerStatuses?.some(({ containerID }) => containerID !== undefined) === true
  }

  test('a key from a Secret with its state reaches the volume, the status and the reservation, and seid runs', async () => {
    const key = newKey()
    await placeKey('from-secret-key', key, 4711)
    await stage.create('from-secret', validator('from-secret-key'))
    const node = await stage.untilRunning('from-secret')
    assert.equal(read('from-secret', KEY), key.json)
    assert.equal(read('from-secret', STATE), state(4711))
    assert.deepEqual(node.status?.validator, {
      consensusAddress: key.address,
      reservation: `sei-key-${key.address}`,
    })
    assert.equal(await holderOf(key.address), identity(node))
    const value = String((JSON.parse(key.json) as { priv_key: { value: string } }).priv_key.value)
    const pod = await stage.get(pods, 'from-secret-0')
    for (const text of [JSON.stringify(pod), JSON.stringify(node), stage.operator.log]) assert.ok(!text.includes(value))
  })

  test('a key that seid init made is reported and reserved as well', async () => {
    await stage.create('own-key', validator())
    const node = await stage.untilRunning('own-key')
    const address = node.status?.validator?.consensusAddress ?? ''
    assert.match(address, /^seivalcons1/)
    assert.equal(await holderOf(address), identity(node))
  })

  test('a Secret that is missing is a condition and seid does not start; the pod goes on when it is there', async () => {
    await stage.create('late', validator('late-key'))
    const held = await untilReason('late', 'KeyNotUsable')
    assert.equal(
      conditionOf(held, 'Progressing')?.message,
      `seid is not started: Secret late-key does not exist, or has no key priv_validator_key.json. Correct Secret ${stage.namespace}/late-key; the pod tries again by itself. For another key create another SeiNode on a volume of its own`,
    )
    assert.equal(conditionOf(held, 'Ready')?.reason, 'KeyNotUsable')
    assert.equal(seidStarted(await stage.get(pods, 'late-0')), false)
    const told = (await stage.eventsOf('late')).filter(({ reason }) => reason === 'KeyNotUsable')
    assert.equal(told.length, 1)
    const key = newKey()
    await placeKey('late-key', key)
    const node = await stage.untilRunning('late')
    assert.equal(node.status?.validator?.consensusAddress, key.address)
  })

  test('a malformed Secret is a condition that says which', async () => {
    await place('bad-key', { 'priv_validator_key.json': '{"priv_key":' })
    await stage.create('bad', validator('bad-key'))
    const held = await untilReason('bad', 'KeyNotUsable')
    assert.match(conditionOf(held, 'Progressing')?.message ?? '', /in Secret bad-key is not a key that seid can read/)
    assert.equal(seidStarted(await stage.get(pods, 'bad-0')), false)
  })

  test('a key on the volume is never replaced by that of a Secret', async () => {
    await stage.create('differs', validator())
    const before = await stage.untilRunning('differs')
    const own = read('differs', KEY)
    const key = newKey()
    await placeKey('differs-key', key)
    await stage.patch('differs', { spec: { validator: { signingKey: { secretName: 'differs-key' } } } })
    const held = await untilReason('differs', 'KeyNotUsable')
    const message = conditionOf(held, 'Progressing')?.message ?? ''
    assert.ok(message.includes(before.status?.validator?.consensusAddress ?? '?') && message.includes(key.address), message)
    assert.equal(read('differs', KEY), own)
    await stage.patch('differs', { spec: { validator: null } })
    await stage.untilRunning('differs')
    assert.equal(read('differs', KEY), own)
  })

  test('a key without a record of what it signed starts only when a person accepts the volume', async () => {
    const key = newKey()
    await place('stateless-key', { 'priv_validator_key.json': key.json })
    await stage.create('stateless', validator('stateless-key'))
    const held = await untilReason('stateless', 'SigningStateMissing')
    const claim = await stage.get(persistentVolumeClaims, 'data-stateless')
    const consent = `kubectl annotate seinode -n ${stage.namespace} stateless sei.io/accept-volume=${claim?.metadata?.uid}`
    const message = conditionOf(held, 'Progressing')?.message ?? ''
    assert.ok(message.endsWith(consent), message)
    await stage.patch('stateless', { metadata: { annotations: { 'sei.io/accept-volume': 'another-volume' } } })
    await untilReason('stateless', 'SigningStateMissing')
    assert.ok(!stage.executedBy('stateless').includes('mark-ready'))
    assert.equal(seidStarted(await stage.get(pods, 'stateless-0')), false)
    await stage.patch('stateless', { metadata: { annotations: { 'sei.io/accept-volume': claim?.metadata?.uid } } })
    await stage.untilRunning('stateless')
    // What was let start is not asked about again while it has signed nothing.
    await stage.patch('stateless', { metadata: { annotations: { 'sei.io/accept-volume': null } } })
    await stage.node.restartSidecar(stage.podKey('stateless'))
    await stage.untilRunning('stateless')
  })

  test('a state that is lost from beside its key is not made anew', async () => {
    const key = newKey()
    await placeKey('lost-key', key)
    await stage.create('lost', validator('lost-key'))
    await stage.untilRunning('lost')
    const { metadata } = (await stage.get(secrets, 'lost-key')) ?? {}
    await stage.client.delete(secrets, stage.key('lost-key'), { uid: metadata?.uid ?? '' })
    await place('lost-key', { 'priv_validator_key.json': key.json })
    stage.node.homeOf(stage.key('data-lost')).remove('data')
    const pod = await stage.get(pods, 'lost-0')
    await stage.client.delete(pods, stage.podKey('lost'), { uid: pod?.metadata?.uid ?? '' })
    const held = await untilReason('lost', 'SigningStateMissing')
    assert.match(conditionOf(held, 'Progressing')?.message ?? '', /since data\/priv_validator_state\.json is lost/)
    assert.equal(read('lost', STATE), undefined)
  })

  test('a second node with the same key is held, says by whom, and runs when the first has ended', async () => {
    const key = newKey()
    await placeKey('twin-key', key)
    await stage.create('twin-a', validator('twin-key'))
    const first = await stage.untilRunning('twin-a')
    await stage.create('twin-b', validator('twin-key'))
    const held = await untilReason('twin-b', 'KeyInUse')
    const { reason, status, message } = conditionOf(held, 'Ready') ?? {}
    assert.deepEqual([status, reason], ['False', 'KeyInUse'])
    assert.equal(
      message,
      `consensus key ${key.address} is reserved for SeiNode ${stage.namespace}/twin-a (Lease ${OWN_NAMESPACE}/sei-key-${key.address}), so seid is not started here: two nodes with one key sign twice. Delete the node that is not to sign; the reservation is free when the kubelet has reported that its seid ended. If the machine of SeiNode ${stage.namespace}/twin-a is lost, power it off first; the condition Progressing of that node then says how to confirm it`,
    )
    assert.ok((await stage.eventsOf('twin-b')).some(event => event.reason === 'KeyInUse' && event.type === 'Warning'))
    assert.equal(await holderOf(key.address), identity(first))
    assert.equal(seidStarted(await stage.get(pods, 'twin-b-0')), false)
    await remove('twin-a')
    await gone('twin-a')
    const second = await stage.untilRunning('twin-b')
    assert.equal(await holderOf(key.address), identity(second))
  })

  test('a Lease that somebody deletes is made again for its node, and gives nobody else the key', async () => {
    const key = newKey()
    await placeKey('lease-key', key)
    await stage.create('lease-a', validator('lease-key'))
    const first = await stage.untilRunning('lease-a')
    await stage.create('lease-b', validator('lease-key'))
    await untilReason('lease-b', 'KeyInUse')
    const name = `sei-key-${key.address}`
    const lease = await stage.client.get(leases, { namespace: OWN_NAMESPACE, name })
    await stage.client.delete(leases, { namespace: OWN_NAMESPACE, name }, { uid: lease?.metadata?.uid ?? '' })
    await until('the Lease to be made again', async () => ((await holderOf(key.address)) === identity(first) ? true : undefined))
    assert.equal(seidStarted(await stage.get(pods, 'lease-b-0')), false)
  })

  test('a Lease of a node that nobody sees passes on only by hand', async () => {
    const key = newKey()
    await placeKey('stray-key', key)
    const name = `sei-key-${key.address}`
    const stray = await stage.client.create(leases, {
      metadata: { namespace: OWN_NAMESPACE, name },
      spec: { holderIdentity: 'elsewhere/val/uid-1', renewTime: '2020-01-01T00:00:00.000000Z', leaseDurationSeconds: 1 },
    })
    await stage.create('stray', validator('stray-key'))
    const held = await untilReason('stray', 'KeyInUse')
    const message = conditionOf(held, 'Progressing')?.message ?? ''
    assert.ok(message.includes(`in a namespace other than ${stage.namespace}, which this operator does not watch`), message)
    assert.ok(message.indexOf('First power its machine off') > 0 && message.endsWith(`kubectl delete lease -n ${OWN_NAMESPACE} ${name}`), message)
    await stage.client.delete(leases, { namespace: OWN_NAMESPACE, name }, { uid: stray.metadata?.uid ?? '' })
    await stage.untilRunning('stray')
  })

  test('a Lease from before a restore, under the UID of then, is taken over', async () => {
    const key = newKey()
    await placeKey('restored-key', key)
    await stage.client.create(leases, {
      metadata: { namespace: OWN_NAMESPACE, name: `sei-key-${key.address}` },
      spec: { holderIdentity: `${stage.namespace}/restored/uid-before` },
    })
    await stage.create('restored', validator('restored-key'))
    const node = await stage.untilRunning('restored')
    assert.equal(await holderOf(key.address), identity(node))
  })

  test('a drain: the pod goes when its kubelet has reported the end, and the next one runs', async () => {
    const key = newKey()
    await placeKey('drained-key', key)
    await stage.create('drained', validator('drained-key'))
    await stage.untilRunning('drained')
    const pod = await stage.get(pods, 'drained-0')
    assert.deepEqual(pod?.metadata?.finalizers, [VALIDATOR_POD_FINALIZER])
    await stage.client.delete(pods, stage.podKey('drained'), { uid: pod?.metadata?.uid ?? '' })
    await until('another pod', async () => {
      const next = await stage.get(pods, 'drained-0')
      return next && next.metadata?.uid !== pod?.metadata?.uid ? true : undefined
    })
    await stage.untilRunning('drained')
  })

  test('a paused node lets its ended pod go, too', async () => {
    await stage.create('idle', validator())
    await stage.untilRunning('idle')
    await stage.patch('idle', { spec: { paused: true } })
    await stage.untilNode('idle', 'Paused', node => conditionOf(node, 'Paused')?.status === 'True')
    const pod = await stage.get(pods, 'idle-0')
    await stage.client.delete(pods, stage.podKey('idle'), { uid: pod?.metadata?.uid ?? '' })
    await until('another pod', async () => {
      const next = await stage.get(pods, 'idle-0')
      return next && next.metadata?.uid !== pod?.metadata?.uid ? true : undefined
    })
  })

  test('a pod that is deleted by force while its machine is silent stays, and nothing else runs its key until a person confirms', async () => {
    const key = newKey()
    await placeKey('silent-key', key)
    await stage.create('silent', validator('silent-key'))
    const node = await stage.untilRunning('silent')
    stage.node.setMachineSilent(stage.podKey('silent'), true)
    const pod = await stage.get(pods, 'silent-0')
    const uid = pod?.metadata?.uid ?? ''
    await stage.client.delete(pods, stage.podKey('silent'), { uid, gracePeriodSeconds: 0 })
    // As the garbage collector of pods does for a machine whose Node is gone.
    await stage.client.patch(
      pods,
      stage.podKey('silent'),
      {
        status: {
          phase: 'Failed',
          conditions: [
            ...(pod?.status?.conditions ?? []),
            { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', lastTransitionTime: new Date().toISOString() },
          ],
        },
      },
      { type: 'merge', subresource: 'status' },
    )
    const lost = await untilReason('silent', 'MachineLost')
    const message = conditionOf(lost, 'Progressing')?.message ?? ''
    const confirm = `kubectl patch pod -n ${stage.namespace} silent-0 --type=merge -p '{"metadata":{"finalizers":null}}'`
    assert.ok(message.endsWith(confirm) && message.includes(`First power machine ${pod?.spec?.nodeName} off`), message)
    assert.equal(conditionOf(lost, 'Ready')?.reason, 'MachineLost')
    assert.equal((await stage.get(pods, 'silent-0'))?.metadata?.uid, uid)
    assert.equal(await holderOf(key.address), identity(node))

    // Deleting the node waits for the same evidence.
    await remove('silent')
    const leaving = await stage.untilNode('silent', 'Terminating', ({ status }) => status?.phase === 'Terminating')
    assert.ok(conditionOf(leaving, 'Progressing')?.message.endsWith(confirm))
    assert.deepEqual(leaving.metadata.finalizers, [NODE_FINALIZER])
    assert.equal(await holderOf(key.address), identity(node))

    await stage.client.patch(pods, stage.podKey('silent'), { metadata: { finalizers: null } }, { type: 'merge' })
    await gone('silent')
    assert.equal(await holderOf(key.address), undefined)
  })

  test('a pod that is deleted by force goes by itself where its kubelet still answers', async () => {
    await stage.create('forced', validator())
    await stage.untilRunning('forced')
    const pod = await stage.get(pods, 'forced-0')
    const uid = pod?.metadata?.uid ?? ''
    await stage.client.delete(pods, stage.podKey('forced'), { uid, gracePeriodSeconds: 0 })
    await until('another pod', async () => {
      const next = await stage.get(pods, 'forced-0')
      return next && next.metadata?.uid !== uid ? true : undefined
    })
    await stage.untilRunning('forced')
  })

  test('two nodes that run one key: both say so, and the one without the reservation goes to 0 replicas, and comes back', async () => {
    const key = newKey()
    await placeKey('rival-key', key)
    // Each under an operator's reservations of its own, as two installs that become one.
    const name = `sei-key-${key.address}`
    await stage.create('rival-a', validator('rival-key'))
    const a = await stage.untilRunning('rival-a')
    const b = await secondRuns('rival-b', key, name, a)
    await untilEvent('rival-a', 'KeyConflict')
    await untilEvent('rival-b', 'KeyConflict')
    await until('rival-b to be stopped', async () => {
      const set = await stage.get(statefulSets, 'rival-b')
      const pod = await stage.get(pods, 'rival-b-0')
      return set?.spec?.replicas === 0 && !pod ? true : undefined
    })
    const stopped = await untilReason('rival-b', 'KeyInUse')
    assert.match(conditionOf(stopped, 'Progressing')?.message ?? '', /Its StatefulSet stays at 0 replicas until then/)
    assert.equal(await holderOf(key.address), identity(a))
    await stage.untilRunning('rival-a')
    await remove('rival-a')
    await gone('rival-a')
    await stage.untilRunning('rival-b')
    assert.equal(await holderOf(key.address), identity(b))
  })

  /** Lets a node run with the key although another does, and then gives the reservation back. */
  async function secondRuns(nodeName: string, { address }: Key, leaseName: string, first: SeiNode): Promise<SeiNode> {
    const at = { namespace: OWN_NAMESPACE, name: leaseName }
    const own = newKey()
    await placeKey(`${nodeName}-key`, own)
    await stage.create(nodeName, validator(`${nodeName}-key`))
    const node = await stage.untilRunning(nodeName)
    assert.equal(await holderOf(own.address), identity(node))
    await stage.operator.kill()
    // What the older operator of the other install had on record for it.
    const live = await stage.get(seiNodes, nodeName)
    await stage.client.replace(
      seiNodes,
      { ...live, apiVersion: 'sei.io/v1alpha1', kind: 'SeiNode', metadata: { ...live?.metadata, name: nodeName }, spec: live?.spec ?? GENESIS_SPEC, status: { ...live?.status, validator: { consensusAddress: address, reservation: leaseName } } },
      { subresource: 'status' },
    )
    const pod = await stage.get(pods, `${nodeName}-0`)
    const init = (pod?.status?.initContainerStatuses ?? []).map(status =>
      status.name === 'seid-init' && status.state?.terminated
        ? { ...status, state: { terminated: { ...status.state.terminated, message: `address ${address}\nstate 100\n` } } }
        : status,
    )
    await stage.client.patch(
      pods,
      stage.podKey(nodeName),
      { status: { initContainerStatuses: init } },
      { type: 'merge', subresource: 'status' },
    )
    assert.equal((await stage.client.get(leases, at))?.spec?.holderIdentity, identity(first))
    stage.operator.start()
    return node
  }

  async function untilEvent(name: string, reason: string): Promise<void> {
    await until(`event ${reason} of ${name}`, async () => {
      const found = (await stage.eventsOf(name)).find(event => event.reason === reason)
      return found ? true : undefined
    }, { found: async () => ({ status: (await stage.get(seiNodes, name))?.status, operator: stage.operator.log }) })
  }
})

suite('keys of validators, in another operator', () => {
  test('an operator of some namespaces reserves keys with its Role alone', async () => {
    const plane = attachedControlPlane(process.env)
    assert.ok(plane.operatorKubeconfigPath)
  })
})
