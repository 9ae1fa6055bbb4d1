/** What follows from a manifest, on clusters in memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import { platform } from '../../build/testdata/platform.ts'
import { seiNodePool } from '../../build/testdata/pools.ts'
import {
  jobs,
  leases,
  networkPolicies,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  services,
  statefulSets,
} from '../../kube/resources.ts'
import type { KubeObject, Resource } from '../../kube/types.ts'
import { type Prediction, predict, type Wanted } from './predict.ts'
import { simulate } from './simulation/simulate.ts'
import { World } from './simulation/world.ts'
import type { Snapshot } from './snapshot.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')
const PLATFORM = { ...platform, operatorNamespace: 'operators' }
const KINDS: readonly Resource[] = [
  seiNodes,
  seiNodePools,
  persistentVolumeClaims,
  services,
  statefulSets,
  networkPolicies,
  pods,
  podDisruptionBudgets,
  jobs,
  leases,
]
const NODE_UID = newID()
const { signal } = new AbortController()

function newID(): string {
  return crypto.randomUUID()
}

function emptyWorld(): World {
  return new World({ newID, now: () => NOW })
}

function snapshotOf(objects: readonly (readonly [Resource, KubeObject])[]): Snapshot {
  const copy = (): World => {
    const world = emptyWorld()
    for (const [resource, object] of objects) world.load(resource, object)
    return world
  }
  return { copy, mayReadClasses: false, mayReadLeases: true }
}

const EMPTY = snapshotOf([])

/** A cluster in which the objects were applied, and the operator has nothing left to do. */
async function settled(
  wanted: readonly Wanted[],
  edit: (resource: Resource, object: KubeObject) => KubeObject = (_resource, object) => object,
): Promise<Snapshot> {
  const world = emptyWorld()
  for (const each of wanted) {
    if (each.kind === 'SeiNode') world.put(seiNodes, each.object)
    else world.put(seiNodePools, each.object)
  }
  const keys = new Set(wanted.map(({ kind, object }) => `${kind} sei/${object.metadata.name}`))
  const options = { platform: PLATFORM, ownNamespace: 'operators', mayReadClasses: false, newID, now: NOW, signal }
  const { isSettled, failures } = await simulate(world, { ...options, keys })
  assert.deepEqual([isSettled, [...failures]], [true, []])
  return snapshotOf(
    KINDS.flatMap(resource => world.list(resource).map(object => [resource, edit(resource, object)] as const)),
  )
}

async function predicted(wanted: Wanted, snapshot: Snapshot, now = NOW): Promise<Prediction> {
  const options = { platform: PLATFORM, operatorNamespace: 'operators', newID, now, signal }
  const [prediction] = await predict([wanted], snapshot, options)
  assert.ok(prediction)
  assert.deepEqual([prediction.failures, prediction.isSettled], [[], true])
  return prediction
}

function nodeOf(spec: Parameters<typeof seiNode>[1] = {}, generation = 1): Wanted & { readonly object: SeiNode } {
  return { kind: 'SeiNode', object: seiNode('rpc-0', spec, { generation, uid: NODE_UID }) }
}

/** As the API server answers the dry run: with the status that is stored. */
function edited(snapshot: Snapshot, spec: Parameters<typeof seiNode>[1]): Wanted {
  const { status, metadata } = snapshot.copy().get(seiNodes, { namespace: 'sei', name: 'rpc-0' }) ?? {}
  const { object } = nodeOf(spec, 2)
  return {
    kind: 'SeiNode',
    object: { ...object, metadata: { ...metadata, ...object.metadata }, ...(status ? { status } : {}) },
  }
}

function actionsOf({ objects }: Prediction): Readonly<Record<string, string>> {
  return Object.fromEntries(objects.map(({ kind, name, action }) => [`${kind} ${name}`, action]))
}

function reasonOf({ conditions }: Prediction, type: string): string | undefined {
  return conditions.find(condition => condition.type === type)?.reason
}

const peers = [{ static: { addresses: [`${'ab'.repeat(20)}@a.example.com:26656`] } }]

test('a new node: its objects are created, its bootstrap runs, it is Ready', async () => {
  const prediction = await predicted(nodeOf({ peers }), EMPTY)
  assert.equal(prediction.action, 'create')
  assert.deepEqual(actionsOf(prediction), {
    'PersistentVolumeClaim data-rpc-0': 'create',
    'Service rpc-0': 'create',
    'StatefulSet rpc-0': 'create',
    'NetworkPolicy rpc-0-sidecar': 'create',
  })
  assert.deepEqual(
    prediction.tasks.map(({ part, type }) => [part, type]),
    ['configure-genesis', 'config-apply', 'discover-peers', 'config-validate', 'mark-ready'].map(type => [
      'bootstrap',
      type,
    ]),
  )
  assert.deepEqual([prediction.restarts, reasonOf(prediction, 'Ready')], [[], 'Ready'])
})

test('what is stored already changes nothing', async () => {
  const live = await settled([nodeOf()])
  const prediction = await predicted(edited(live, {}), live)
  assert.deepEqual([prediction.action, prediction.tasks, prediction.restarts], ['none', [], []])
  assert.deepEqual(new Set(Object.values(actionsOf(prediction))), new Set(['none']))
})

test('recurring work that is due is no change', async () => {
  const destination = { s3: { bucket: 'snapshots', region: 'us-east-2' } }
  const spec = { snapshotGeneration: { interval: 1000, keepRecent: 3, schedule: '0 * * * *', destination } }
  const live = await settled([nodeOf(spec)])
  const { action, tasks, recurring } = await predicted(edited(live, spec), live, NOW + 2 * 3_600_000)
  assert.deepEqual([action, tasks, recurring], ['none', [], []])
})

test('another image restarts the pod', async () => {
  const live = await settled([nodeOf()])
  const prediction = await predicted(edited(live, { image: 'seid:next' }), live)
  const changed = prediction.objects.filter(({ action }) => action !== 'none')
  assert.deepEqual(
    changed.map(({ kind, isDueAnyway }) => [kind, isDueAnyway]),
    [['StatefulSet', false]],
  )
  assert.ok(changed[0]?.fields.some(({ path, after }) => path.endsWith('[name=seid].image') && after === 'seid:next'))
  assert.deepEqual(
    prediction.restarts.map(({ pod, isDueAnyway }) => [pod, isDueAnyway]),
    [['rpc-0-0', false]],
  )
})

test('other peers are sent while seid runs, then the pod restarts', async () => {
  const live = await settled([nodeOf()])
  const { tasks, restarts } = await predicted(edited(live, { peers }), live)
  const update = tasks.filter(({ part }) => part === 'update')
  assert.deepEqual(
    update.map(({ type, params }) => [type, params?.['incremental']]),
    [
      ['config-apply', true],
      ['discover-peers', undefined],
      ['config-validate', undefined],
    ],
  )
  assert.deepEqual(
    restarts.map(({ tasksBefore }) => tasksBefore),
    [3],
  )
})

test('a paused node gets nothing', async () => {
  const live = await settled([nodeOf()])
  const prediction = await predicted(edited(live, { image: 'seid:next', paused: true }), live)
  assert.deepEqual([prediction.restarts, reasonOf(prediction, 'Paused')], [[], 'PausedBySpec'])
})

test('a key from a Secret on a new volume waits for consent', async () => {
  const signingKey = { secretName: 'key' }
  const prediction = await predicted(nodeOf({ mode: 'validator', validator: { signingKey } }), EMPTY)
  assert.notEqual(reasonOf(prediction, 'Ready'), 'Ready')
  assert.ok(!prediction.tasks.some(({ type }) => type === 'mark-ready'))
})

test('what the operator does anyway is told apart', async () => {
  const live = await settled([nodeOf()], (resource, object) => {
    if (resource.kind !== 'Service') return object
    return { ...object, metadata: { ...object.metadata, labels: { 'sei.io/node': 'rpc-0' } } }
  })
  const { action, objects } = await predicted(edited(live, {}), live)
  assert.equal(action, 'none')
  assert.deepEqual(
    objects.filter(({ isDueAnyway }) => isDueAnyway).map(({ kind }) => kind),
    ['Service'],
  )
})

test('a pool: one ceremony, a Job for each volume, then its nodes', async () => {
  const prediction = await predicted({ kind: 'SeiNodePool', object: seiNodePool('net') }, EMPTY)
  const names = seiNodePool('net').spec.nodeConfiguration.nodeCount
  const kinds = Map.groupBy(prediction.objects, ({ kind }) => kind)
  assert.deepEqual(Object.fromEntries([...kinds].map(([kind, found]) => [kind, found.length])), {
    SeiNode: names,
    PersistentVolumeClaim: names + 1,
    Service: names,
    StatefulSet: names,
    NetworkPolicy: 1,
    PodDisruptionBudget: 1,
    Job: names + 1,
  })
  assert.equal(prediction.jobs[0], 'net-genesis')
})

type Edit = Parameters<typeof settled>[1]

/** The pods that restart for another image of a pool, in order. */
async function rolled(edit?: Edit): Promise<readonly string[]> {
  const object = seiNodePool('net')
  const live = await settled([{ kind: 'SeiNodePool', object }], edit)
  const stored = live.copy().get(seiNodePools, { namespace: 'sei', name: 'net' })
  assert.ok(stored)
  const nodeConfiguration = { ...stored.spec.nodeConfiguration, image: 'seid:next' }
  const wanted = { ...stored, spec: { ...stored.spec, nodeConfiguration } }
  const { restarts } = await predicted({ kind: 'SeiNodePool', object: wanted }, live)
  return restarts.map(({ pod }) => pod)
}

/** As seids that the cluster started. */
function asLive(resource: Resource, object: KubeObject): KubeObject {
  return resource.kind === 'Pod' ? JSON.parse(JSON.stringify(object).replaceAll('simulated://', 'live://')) : object
}

test('the nodes of a pool restart one by one', async () => {
  assert.deepEqual(await rolled(), ['net-0-0', 'net-1-0', 'net-2-0', 'net-3-0'])
})

test('the node of a pool that is down is the first to restart', async () => {
  const restarts = await rolled((resource, each) => {
    if (resource.kind !== 'Pod' || each.metadata?.name !== 'net-2-0') return each
    return Object.assign(each, { status: { phase: 'Pending' } })
  })
  assert.deepEqual(restarts, ['net-2-0', 'net-0-0', 'net-1-0', 'net-3-0'])
})

test('while a validator does not follow the chain, none that votes restarts', async () => {
  const restarts = await rolled((resource, each) => {
    if (resource.kind !== 'SeiNode' || each.metadata?.name !== 'net-2') return asLive(resource, each)
    return JSON.parse(JSON.stringify(each).replaceAll('"state":"Following"', '"state":"CatchingUp"'))
  })
  assert.deepEqual(restarts[0], 'net-2-0')
})

test('all validators of a chain that has stood still for long restart at once', async () => {
  const restarts = await rolled((resource, each) => {
    if (resource.kind !== 'SeiNode') return asLive(resource, each)
    const halted = '"chain":{"state":"ChainHalted","since":"2026-11-27T11:00:00.000Z"'
    return JSON.parse(JSON.stringify(each).replace(/"chain":\{"state":"Following","since":"[^"]*"/, halted))
  })
  assert.deepEqual(restarts.toSorted(), ['net-0-0', 'net-1-0', 'net-2-0', 'net-3-0'])
})
