/** A SeiNode is deleted in the order in which nothing is lost, by the real garbage collector, whatever state it is in. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNodeSpec } from '../../src/api/seinode.ts'
import { persistentVolumeClaims, pods, serviceAccounts, services, statefulSets } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { conditionOf, GENESIS_SPEC, OperatorStage } from '../support/operator-stage.ts'
import { until } from '../support/until.ts'

/** Long enough to look at a deletion that is under way. */
const TERMINATION_MS = 1_000

/** States in which a node may be when it is deleted, each with how it comes there. */
const STATES: readonly (readonly [name: string, title: string, spec: Partial<SeiNodeSpec>, phase: string])[] = [
  ['running', 'that runs', {}, 'Running'],
  ['paused', 'that is paused', { paused: true }, 'Pending'],
  ['failed', 'whose bootstrap failed', { overrides: { 'no.such_key': '1' } }, 'Failed'],
  ['no-image', 'whose image does not exist', { image: 'sei/does-not-exist:v1' }, 'Pending'],
  ['no-room', 'that does not fit on any cluster node', { resources: { requests: { cpu: '1000000' } } }, 'Pending'],
  [
    'no-class',
    'whose StorageClass does not exist',
    { storage: { retainOnDelete: false, storageClassName: 'no-such' } },
    'Pending',
  ],
  ['no-claim', 'whose prepared volume does not exist', { genesis: { pvc: { dataPVC: 'nowhere' } } }, 'Pending'],
]

suite('deletion of a SeiNode', () => {
  let stage: OperatorStage

  before(async () => {
    stage = await OperatorStage.open({ node: { terminationMs: TERMINATION_MS } })
    await Promise.all(STATES.map(([name, , spec]) => stage.create(name, { ...GENESIS_SPEC, ...spec })))
  })
  after(() => stage[Symbol.asyncDispose]())

  for (const [name, title, , phase] of STATES) {
    test(`failure mode 19: a node ${title} is gone with all that it had`, async () => {
      await stage.untilNode(name, phase, ({ status }) => status?.phase === phase, 60_000)
      await remove(name)
      await untilGone(name)
      assert.deepEqual(await remains(name), [])
    })
  }

  test('the StatefulSet goes first, the volume only after the pod, and nothing comes back', async () => {
    await stage.create('ordered')
    await stage.untilRunning('ordered', 60_000)
    await holdPod('ordered', ['example.com/hold'])
    await remove('ordered')
    const seen: string[] = []
    const terminating = await stage.untilNode('ordered', 'to wait', ({ status }) => status?.phase === 'Terminating')
    assert.match(conditionOf(terminating, 'Progressing')?.message ?? '', /waiting for pod ordered-0/)
    await until('the StatefulSet to be gone', async () =>
      (await stage.get(statefulSets, 'ordered')) ? undefined : true,
    )
    assert.deepEqual(await remains('ordered'), ['PersistentVolumeClaim', 'Pod'])
    await holdPod('ordered', null)
    await until('SeiNode ordered to be gone', async () => {
      const there = await remains('ordered')
      if (there.join(' ') !== seen.at(-1)) seen.push(there.join(' '))
      return (await stage.get(seiNodes, 'ordered')) ? undefined : true
    })
    await untilGone('ordered')
    seen.push((await remains('ordered')).join(' '))
    assertOrder(seen)
    assert.equal(seen.at(-1), '')
  })

  test('failure mode 17: a retained volume outlives its node, and the garbage collector', async () => {
    await stage.create('retained', { ...GENESIS_SPEC, storage: { retainOnDelete: true } })
    const { metadata } = await stage.untilRunning('retained', 60_000)
    const claim = await stage.get(persistentVolumeClaims, 'data-retained')
    // It belongs to the node: once the garbage collector took it, it has seen all that belonged to the node.
    const owner = { apiVersion: 'sei.io/v1alpha1', kind: 'SeiNode', name: 'retained', uid: metadata.uid ?? '' }
    const canary = { ...stage.key('retained-canary'), ownerReferences: [owner] }
    await stage.client.create(serviceAccounts, { metadata: canary })
    await remove('retained')
    await untilGone('retained')
    await until(
      'the garbage collector to have come by',
      async () => ((await stage.get(serviceAccounts, 'retained-canary')) ? undefined : true),
      // It looks for new kinds every half a minute.
      { deadlineMs: 120_000 },
    )
    const kept = await stage.get(persistentVolumeClaims, 'data-retained')
    assert.deepEqual([kept?.metadata?.uid, kept?.status?.phase], [claim?.metadata?.uid, 'Bound'])
    assert.deepEqual([kept?.metadata?.deletionTimestamp, kept?.metadata?.ownerReferences], [undefined, undefined])
    assert.deepEqual(await remains('retained'), ['PersistentVolumeClaim'])
  })

  test('failure mode 17: it does so when retention was asked for while the operator was away', async () => {
    await stage.create('retained-late')
    await stage.untilRunning('retained-late', 60_000)
    await stage.operator.kill()
    await stage.patch('retained-late', { spec: { storage: { retainOnDelete: true } } })
    await remove('retained-late')
    assert.equal(await stage.get(seiNodes, 'retained-late').then(node => node?.metadata.finalizers?.length), 1)
    stage.operator.start()
    await untilGone('retained-late')
    const kept = await stage.get(persistentVolumeClaims, 'data-retained-late')
    assert.deepEqual([kept?.metadata?.deletionTimestamp, kept?.metadata?.ownerReferences], [undefined, undefined])
  })

  test('a deletion that began while the operator was away is carried out when it is back', async () => {
    await stage.create('away')
    await stage.untilRunning('away', 60_000)
    await stage.operator.kill()
    await remove('away')
    assert.deepEqual(await remains('away'), ['PersistentVolumeClaim', 'Pod', 'Service', 'StatefulSet'])
    stage.operator.start()
    await untilGone('away')
    assert.deepEqual(await remains('away'), [])
  })

  test('so is that of a node whose objects lost their labels meanwhile', async () => {
    await stage.create('unlabelled')
    await stage.untilRunning('unlabelled', 60_000)
    await stage.operator.kill()
    await unlabel(statefulSets, 'unlabelled')
    await unlabel(services, 'unlabelled')
    await unlabel(persistentVolumeClaims, 'data-unlabelled')
    await remove('unlabelled')
    const pod = await stage.get(pods, 'unlabelled-0')
    stage.operator.start()
    await until('the StatefulSet to be going', async () => {
      const current = await stage.get(pods, 'unlabelled-0')
      assert.ok(!current || current.metadata?.uid === pod?.metadata?.uid, 'the StatefulSet made another pod')
      return (await stage.get(seiNodes, 'unlabelled')) ? undefined : true
    })
    await untilGone('unlabelled')
    assert.deepEqual(await remains('unlabelled'), [])
  })

  test('a node whose sidecar is dead is deleted all the same', async () => {
    await stage.create('mute')
    await stage.untilRunning('mute', 60_000)
    await stage.node.partition(stage.podKey('mute'), true)
    await stage.node.killSidecar(stage.podKey('mute'))
    await remove('mute')
    await untilGone('mute')
    assert.deepEqual(await remains('mute'), [])
  })

  test('failure mode 27: a prepared volume is never deleted with its node', async () => {
    await stage.stage.claim('data-prepared')
    const home = await until('claim data-prepared to be known', () => {
      try {
        return stage.node.homeOf(stage.key('data-prepared'))
      } catch {
        return undefined
      }
    })
    home.write('config/genesis.json', '{"chain_id":"arctic-1"}')
    const claim = await stage.get(persistentVolumeClaims, 'data-prepared')
    const genesis = { pvc: { dataPVC: 'data-prepared' } }
    await stage.create('prepared', { ...GENESIS_SPEC, genesis, storage: { retainOnDelete: false } })
    await stage.untilRunning('prepared', 60_000)
    await remove('prepared')
    await untilGone('prepared')
    const kept = await stage.get(persistentVolumeClaims, 'data-prepared')
    assert.deepEqual([kept?.metadata?.uid, kept?.metadata?.deletionTimestamp], [claim?.metadata?.uid, undefined])
    assert.equal(kept?.metadata?.ownerReferences, undefined)
    await until('the pod to be gone', async () => ((await stage.get(pods, 'prepared-0')) ? undefined : true))
  })

  test('a deletion in the foreground ends too', async () => {
    await stage.create('foreground')
    await stage.untilRunning('foreground', 60_000)
    await remove('foreground', 'Foreground')
    await untilGone('foreground')
    assert.deepEqual(await remains('foreground'), [])
  })

  /** With a finalizer the pod cannot go. */
  async function holdPod(name: string, finalizers: readonly string[] | null): Promise<void> {
    await stage.client.patch(pods, stage.podKey(name), { metadata: { finalizers } }, { type: 'merge' })
  }

  /** As `kubectl delete` does. */
  async function remove(name: string, propagationPolicy: 'Background' | 'Foreground' = 'Background'): Promise<void> {
    const node = await stage.get(seiNodes, name)
    await stage.client.delete(seiNodes, stage.key(name), { uid: node?.metadata.uid ?? '', propagationPolicy })
  }

  async function untilGone(name: string): Promise<void> {
    await until(
      `SeiNode ${name} and its objects to be gone`,
      async () => {
        if (await stage.get(seiNodes, name)) return undefined
        // Those that the garbage collector takes follow within moments.
        const there = await remains(name)
        return there.filter(kind => kind !== 'PersistentVolumeClaim').length === 0 ? true : undefined
      },
      {
        found: async () => ({
          node: await stage.get(seiNodes, name),
          there: await remains(name),
          log: stage.operator.log,
        }),
      },
    )
    const volume = await stage.get(persistentVolumeClaims, `data-${name}`)
    if (volume?.metadata?.deletionTimestamp === undefined) return
    await until('the volume to be gone', async () =>
      (await stage.get(persistentVolumeClaims, `data-${name}`)) ? undefined : true,
    )
  }

  async function unlabel<T extends KubeObject>(resource: Resource<T>, name: string): Promise<void> {
    const body = { metadata: { labels: { 'sei.io/node': null } } }
    await stage.client.patch(resource, stage.key(name), body, { type: 'merge' })
  }

  /**
   * Kinds of the node's objects that exist. Asked for one after the other, the last to go first: what goes in between is not
   * seen to go before what has to go before it.
   */
  async function remains(name: string): Promise<readonly string[]> {
    const objects: readonly (readonly [resource: Resource, name: string])[] = [
      [persistentVolumeClaims, `data-${name}`],
      [pods, `${name}-0`],
      [services, name],
      [statefulSets, name],
    ]
    const found: string[] = []
    for (const [resource, of] of objects) {
      const object: KubeObject | undefined = await stage.get(resource, of)
      if (object) found.push(resource.kind)
    }
    return found
  }
})

/** Each state has a part of what the one before had, and the volume is there for as long as the pod is. */
function assertOrder(states: readonly string[]): void {
  const told = states.join(' | ')
  let earlier = states[0] ?? ''
  for (const state of states) {
    assert.ok(
      kindsOf(state).every(kind => kindsOf(earlier).includes(kind)),
      `nothing comes back: ${told}`,
    )
    if (kindsOf(state).includes('StatefulSet')) assert.ok(kindsOf(state).includes('Pod'), told)
    if (kindsOf(state).includes('Pod')) assert.ok(kindsOf(state).includes('PersistentVolumeClaim'), told)
    earlier = state
  }
}

function kindsOf(state: string): readonly string[] {
  return state === '' ? [] : state.split(' ')
}
