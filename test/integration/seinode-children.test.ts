/** The objects that a SeiNode is made of, as the API server returns them. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNodeSpec } from '../../src/api/seinode.ts'
import { persistentVolumeClaims, pods, services, statefulSets } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { GENESIS_SPEC, OperatorStage } from '../support/operator-stage.ts'
import { until } from '../support/until.ts'
import { PEER_A } from './seinode-tasks-table.ts'

const SNAPSHOT = { stateSync: {}, trustPeriod: '9999h0m0s' }
const PEERS = [{ static: { addresses: [PEER_A] } }]

/** R14: what a mode is given by default. */
const DEFAULTS: readonly (readonly [
  mode: string,
  spec: Partial<SeiNodeSpec>,
  storageClass: string,
  size: string,
  cpu: string,
  memory: string,
])[] = [
  ['full', {}, 'gp3-10k-750', '1000Gi', '4', '32Gi'],
  ['validator', { mode: 'validator' }, 'gp3-10k-750', '1000Gi', '4', '32Gi'],
  ['archive', { mode: 'archive' }, 'gp3-10k-750', '2000Gi', '8', '48Gi'],
  ['seed', { mode: 'seed' }, 'gp3', '1000Gi', '4', '32Gi'],
  ['replayer', { replayer: { peers: PEERS, snapshot: SNAPSHOT } }, 'gp3', '1000Gi', '4', '32Gi'],
]

const NAMES = [...DEFAULTS.map(([mode]) => mode), 'pooled', 'chosen']

suite('the objects of a SeiNode', () => {
  let stage: OperatorStage
  let pod: Pod

  before(async () => {
    stage = await OperatorStage.open()
    await Promise.all([
      ...DEFAULTS.map(([mode, spec]) => stage.create(mode, { ...GENESIS_SPEC, ...spec })),
      stage.client.create(seiNodes, {
        apiVersion: 'sei.io/v1alpha1',
        kind: 'SeiNode',
        metadata: { ...stage.key('pooled'), labels: { 'sei.io/nodepool': 'devnet', team: 'x' } },
        spec: GENESIS_SPEC,
      }),
      stage.create('chosen', {
        ...GENESIS_SPEC,
        resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '2Gi' } },
        storage: { retainOnDelete: true, size: '77Gi', storageClassName: 'gp3' },
        sidecar: { image: 'registry.example/seictl:v0.0.25', port: 7000 },
      }),
    ])
    await Promise.all(NAMES.map(name => stage.untilRunning(name, 60_000)))
    pod = await get(pods, 'full-0')
  })
  after(() => stage[Symbol.asyncDispose]())

  for (const [mode, , storageClass, size, cpu, memory] of DEFAULTS) {
    test(`R5 R14: mode ${mode}: ${size} of ${storageClass}, ReadWriteOnce, ${cpu} CPU and ${memory}`, async () => {
      const claim = await get(persistentVolumeClaims, `data-${mode}`)
      assert.deepEqual(
        [claim.spec?.storageClassName, claim.spec?.resources?.requests, claim.spec?.accessModes],
        [storageClass, { storage: size }, ['ReadWriteOnce']],
      )
      assert.equal(claim.status?.phase, 'Bound')
      const { spec } = await get(pods, `${mode}-0`)
      assert.deepEqual(containerOf(spec, 'seid').resources, { requests: { cpu, memory } })
    })
  }

  test('R9 R14: what the spec names goes before every default', async () => {
    const claim = await get(persistentVolumeClaims, 'data-chosen')
    assert.deepEqual([claim.spec?.storageClassName, claim.spec?.resources?.requests], ['gp3', { storage: '77Gi' }])
    const { spec } = await get(pods, 'chosen-0')
    assert.deepEqual(containerOf(spec, 'seid').resources, {
      requests: { cpu: '500m', memory: '1Gi' },
      limits: { memory: '2Gi' },
    })
    const sidecar = containerOf(spec, 'sei-sidecar')
    assert.deepEqual(
      [sidecar.image, sidecar.ports?.[0]?.containerPort, sidecar.startupProbe?.httpGet?.port],
      ['registry.example/seictl:v0.0.25', 7000, 7000],
    )
    const service = await get(services, 'chosen')
    assert.equal(service.spec?.ports?.find(({ name }) => name === 'sidecar')?.port, 7000)
  })

  test('R4: one StatefulSet of one replica for each node, which selects by the node alone', async () => {
    const { items } = await stage.client.list(statefulSets, { namespace: stage.namespace })
    assert.deepEqual(new Set(items.map(({ metadata }) => metadata?.name)), new Set(NAMES))
    for (const { metadata, spec } of items) {
      assert.deepEqual([spec?.replicas, spec?.serviceName], [1, metadata?.name])
      assert.deepEqual(spec?.selector, { matchLabels: { 'sei.io/node': metadata?.name } })
    }
  })

  test('R3: every object belongs to the SeiNode, by UID, as its controller', async () => {
    const node = await get(seiNodes, 'full')
    const owner = {
      apiVersion: 'sei.io/v1alpha1',
      kind: 'SeiNode',
      name: 'full',
      uid: node.metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    }
    const children = [
      await get(statefulSets, 'full'),
      await get(services, 'full'),
      await get(persistentVolumeClaims, 'data-full'),
    ]
    for (const { metadata } of children) assert.deepEqual(metadata?.ownerReferences, [owner], metadata?.name)
  })

  test('failure mode 17: a volume that is to be retained belongs to nobody', async () => {
    assert.equal((await get(persistentVolumeClaims, 'data-chosen')).metadata?.ownerReferences, undefined)
  })

  test('failure mode 17: the owner of the volume goes and comes with storage.retainOnDelete', async () => {
    assert.equal(await ownersOf('data-seed'), 1)
    await stage.patch('seed', { spec: { storage: { retainOnDelete: true } } })
    await until('the volume to belong to nobody', async () => ((await ownersOf('data-seed')) === 0 ? true : undefined))
    await stage.patch('seed', { spec: { storage: { retainOnDelete: false } } })
    await until('the volume to belong to the node again', async () =>
      (await ownersOf('data-seed')) === 1 ? true : undefined,
    )
  })

  test('R3: the Service is headless, has every port, and names the pod before it is ready', async () => {
    const { spec } = await get(services, 'full')
    assert.deepEqual([spec?.clusterIP, spec?.publishNotReadyAddresses], ['None', true])
    assert.deepEqual(spec?.selector, { 'sei.io/node': 'full' })
    assert.equal(
      spec?.ports?.map(({ name, port }) => `${name} ${port}`).join(', '),
      'evm-rpc 8545, evm-ws 8546, grpc 9090, p2p 26656, rpc 26657, metrics 26660, sidecar 7777',
    )
  })

  test('R6: the pod requires the NodePool, tolerates its taint, and runs there', () => {
    const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    const inPool = { key: 'karpenter.sh/nodepool', operator: 'In', values: ['sei-node'] }
    assert.deepEqual(required?.nodeSelectorTerms, [{ matchExpressions: [inPool] }])
    const tolerated = pod.spec?.tolerations?.filter(({ key }) => key === 'sei.io/workload')
    assert.deepEqual(tolerated, [
      { key: 'sei.io/workload', operator: 'Equal', value: 'sei-node', effect: 'NoSchedule' },
    ])
    assert.ok(stage.node.nodeNames.sei.includes(pod.spec?.nodeName ?? ''))
  })

  test('R7: the sidecar is a restartable init container of the default image and port, which gates seid', () => {
    const sidecar = containerOf(pod.spec, 'sei-sidecar')
    assert.deepEqual(
      pod.spec?.initContainers?.map(({ name, restartPolicy }) => [name, restartPolicy]),
      [
        ['seid-init', undefined],
        ['sei-sidecar', 'Always'],
      ],
    )
    assert.deepEqual(
      [sidecar.image, sidecar.imagePullPolicy, sidecar.command, sidecar.ports?.[0]?.containerPort],
      ['ghcr.io/sei-protocol/seictl:latest', 'Always', ['seictl', 'serve'], 7777],
    )
    assert.deepEqual(sidecar.startupProbe?.httpGet, { path: '/v0/healthz', port: 7777, scheme: 'HTTP' })
  })

  test('the pod is left time to stop, is not moved needlessly, and keeps its files in the volume', () => {
    assert.equal(pod.spec?.terminationGracePeriodSeconds, 120)
    assert.equal(pod.metadata?.annotations?.['karpenter.sh/do-not-disrupt'], 'true')
    assert.equal(pod.spec?.securityContext?.fsGroupChangePolicy, 'OnRootMismatch')
    assert.equal(pod.spec?.serviceAccountName, 'seid-node')
    const claims = pod.spec?.volumes?.flatMap(volume => volume.persistentVolumeClaim?.claimName ?? [])
    assert.deepEqual(claims, ['data-full'])
    assert.equal(containerOf(pod.spec, 'seid').livenessProbe, undefined)
  })

  test("failure mode 26: a pool's label reaches the pod, and other labels of the SeiNode do not", async () => {
    const { metadata } = await get(pods, 'pooled-0')
    assert.deepEqual([metadata?.labels?.['sei.io/nodepool'], metadata?.labels?.['team']], ['devnet', undefined])
    assert.equal(pod.metadata?.labels?.['sei.io/nodepool'], undefined)
  })

  async function ownersOf(claim: string): Promise<number> {
    return (await get(persistentVolumeClaims, claim)).metadata?.ownerReferences?.length ?? 0
  }

  async function get<T extends KubeObject>(resource: Resource<T>, name: string): Promise<T> {
    const object = await stage.get(resource, name)
    assert.ok(object, `there is no ${resource.kind} ${name}`)
    return object
  }
})

function containerOf(spec: PodSpec | undefined, name: string): PodSpec['containers'][number] {
  const found = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].find(each => each.name === name)
  assert.ok(found, `there is no container ${name}`)
  return found
}
