/** Nodes that the first-generation operator made and left: taken over as they are, by one restart. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { persistentVolumeClaims, services, statefulSets } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { EarlierOperator, type Left, runEarlierInit } from './earlier-operator.ts'
import { FAILED, PAUSED } from './ending.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import type { LivingNode } from './living-node.ts'
import { RETAINED, UPDATE } from './specs.ts'

const COMPLETE: Left = { tasks: GENESIS_TASKS, phase: 'Complete' }
const KEPT = { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' } as const
/** One restart, no bootstrap. */
const TAKEN_OVER = { tasks: ['mark-ready'], events: ['PlanTakenOver'], parts: { pod: 'new' } } as const

/** By someone else than an operator. */
const NOTES = { annotations: { 'example.com/backup': 'nightly' }, labels: { 'example.com/team': 'infra' } }

const LEFT: Readonly<Record<string, Left>> = {
  complete: COMPLETE,
  kept: { ...COMPLETE, spec: RETAINED },
  paused: { ...COMPLETE, spec: { ...GENESIS_SPEC, paused: true } },
  'deleted-kept': { ...COMPLETE, spec: RETAINED },
  deleted: COMPLETE,
  halfway: {
    phase: 'Active',
    tasks: GENESIS_TASKS.slice(0, 2),
    rest: GENESIS_TASKS.slice(2).map(type => ({ type, status: 'Pending' })),
  },
  failed: {
    phase: 'Failed',
    tasks: GENESIS_TASKS.slice(0, 1),
    rest: [
      {
        type: 'config-apply',
        taskID: '8f7b7f5e-2c3d-4c5e-8f7b-7f5e2c3d4c5e',
        status: 'Failed',
        error: 'no space left',
      },
      ...GENESIS_TASKS.slice(2).map(type => ({ type, status: 'Pending' as const })),
    ],
  },
}

suite('nodes of the first-generation operator', { concurrency: 8 }, () => {
  let fixture: NodesFixture
  const nodes = new Map<string, LivingNode>()

  before(async () => {
    fixture = await NodesFixture.open({ started: false, node: { runToCompletion: runEarlierInit } })
    const earlier = new EarlierOperator(fixture)
    await Promise.all(
      Object.entries(LEFT).map(async ([name, left]) => nodes.set(name, await earlier.leaves(name, left))),
    )
    for (const [resource, name] of [
      [statefulSets, 'complete'],
      [persistentVolumeClaims, 'data-complete'],
    ] as const) {
      const { client } = fixture.base
      await client.patch<KubeObject>(resource, fixture.base.key(name), { metadata: NOTES }, { type: 'merge' })
    }
    await of('deleted-kept').remove()
    await of('deleted').remove()
    fixture.base.operator.start()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('failure mode 32: a complete node is adopted by one restart, without a bootstrap, on its own objects', async () => {
    await of('complete').becomes(TAKEN_OVER)
  })

  test('nothing of the earlier operator is left in the objects, and no field has two owners', async () => {
    await of('complete').until('to be Ready', ({ status }) => status?.conditions?.[0]?.status === 'True')
    const set = await fixture.base.get(statefulSets, 'complete')
    const pod = set?.spec?.template.spec
    const [seid] = pod?.containers ?? []
    assert.equal(pod?.shareProcessNamespace, undefined)
    assert.equal(seid?.startupProbe, undefined)
    assert.deepEqual(seid?.command, ['seid'])
    assert.deepEqual(
      seid?.env?.map(({ name }) => name),
      ['HOME', 'TMPDIR'],
    )
    const ports = (await fixture.base.get(services, 'complete'))?.spec?.ports?.map(({ name }) => name)
    assert.deepEqual(ports, ['evm-rpc', 'evm-ws', 'grpc', 'p2p', 'rpc', 'metrics', 'sidecar'])
    const managers = [
      await managersOf(statefulSets, 'complete'),
      await managersOf(services, 'complete'),
      await managersOf(persistentVolumeClaims, 'data-complete'),
    ]
    assert.ok(!managers.flat().includes('seinode-controller'))
    assert.ok(!managers.flat().includes('manager'))
  })

  test('annotations of users and of programs other than the earlier operator are kept', async () => {
    await of('complete').until('to be taken over', ({ status }) => status?.initPlan?.volumeUID !== undefined)
    const set = await fixture.base.get(statefulSets, 'complete')
    const claim = await fixture.base.get(persistentVolumeClaims, 'data-complete')
    for (const object of [set, claim]) {
      assert.equal(object?.metadata?.annotations?.['example.com/backup'], 'nightly')
      assert.equal(object?.metadata?.labels?.['example.com/team'], 'infra')
    }
  })

  test('failure mode 25: immutable fields of a StatefulSet keep the values of the earlier operator', async () => {
    await of('complete').until('to be taken over', ({ status }) => status?.initPlan?.volumeUID !== undefined)
    const set = await fixture.base.get(statefulSets, 'complete')
    assert.equal(set?.spec?.podManagementPolicy, 'OrderedReady')
    assert.deepEqual(set.spec.selector.matchLabels, { 'sei.io/node': 'complete' })
  })

  test('failure mode 17: with retainOnDelete its volume has no owner from then on, and outlives it', async () => {
    const node = of('kept')
    await node.becomes(TAKEN_OVER)
    const claim = await fixture.base.get(persistentVolumeClaims, 'data-kept')
    assert.equal(claim?.metadata?.ownerReferences, undefined)
    await node.remove('Foreground')
    await node.isGone({ parts: KEPT })
    const again = await fixture.create('kept', RETAINED)
    await again.becomes({ tasks: GENESIS_TASKS.slice(1), events: ['VolumeAdopted', 'PlanComplete'] })
  })

  test('failure mode 17: a node that is deleted before this operator first sees it keeps its volume anyway', async () => {
    await of('deleted-kept').isGone({ parts: KEPT })
  })

  test('without retainOnDelete a node that is deleted before this operator first sees it deletes its volume too', async () => {
    await of('deleted').isGone()
  })

  test('a paused node is not touched; it is adopted when it is resumed', async () => {
    const node = of('paused')
    await node.becomes({ base: PAUSED })
    assert.ok((await managersOf(statefulSets, 'paused')).includes('seinode-controller'))
    await node.change({ paused: false })
    await node.becomes(TAKEN_OVER)
  })

  test('an unfinished plan resumes where it was', async () => {
    const node = of('halfway')
    await replaced(node)
    // What its config-apply wrote was not recorded: the configuration is applied once more.
    await node.becomes({
      tasks: [...GENESIS_TASKS.slice(2), ...UPDATE],
      events: ['PodReplaced', 'PlanTakenOver', 'PlanComplete', 'UpdateStarted', 'ConfigUpdated'],
      parts: { pod: 'new' },
    })
  })

  test('a failed plan is still Failed with its reason, and a retry resumes it at the failed task', async () => {
    const node = of('failed')
    await replaced(node)
    await node.becomes({
      phase: 'Failed',
      base: FAILED,
      events: ['PodReplaced', 'PlanTakenOver'],
      says: { Initialized: ['task config-apply failed: no space left'] },
      parts: { pod: 'new' },
    })
    await node.retry('now')
    await node.becomes({ tasks: GENESIS_TASKS.slice(1), events: ['PlanRetried', 'PlanComplete'] })
  })

  /** The pod of today's template; seid in it starts when it is let. */
  async function replaced(node: LivingNode): Promise<void> {
    await node.until('to have its pod replaced', () => {
      const uid = fixture.view.pods.get(fixture.view.key(`${node.name}-0`))?.metadata?.uid
      return uid !== undefined && uid !== node.uids.pod
    })
    fixture.base.node.setSeidReady(node.pod, true)
  }

  function of(name: string): LivingNode {
    return nodes.get(name) ?? assert.fail(`${name}: it was not left`)
  }

  async function managersOf<T extends KubeObject>(resource: Resource<T>, name: string): Promise<readonly unknown[]> {
    const object = await fixture.base.get(resource, name)
    return (object?.metadata?.managedFields ?? []).map(entry =>
      typeof entry === 'object' && entry !== null && 'manager' in entry ? entry.manager : undefined,
    )
  }
})
