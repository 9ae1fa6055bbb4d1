/** Where a node's pod runs and what it carries, and how a change of that reaches a running node. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import type { Container, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { networkPolicies, nodes, pods, services, statefulSets, storageClasses } from '../../src/kube/resources.ts'
import { PROVISIONER } from '../../testing/fakes/node/cluster-nodes.ts'
import { kubectl } from '../../testing/kubectl.ts'
import { isPodReady } from '../support/fake-node-fixture.ts'
import { conditionOf, GENESIS_SPEC, isReady, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'

const LONG_MS = 120_000
const ZONE = 'topology.kubernetes.io/zone'

suite('the placement of a node', { concurrency: 3 }, () => {
  const nodePool = `place-${randomUUID().slice(0, 8)}`
  let fixture: OperatorFixture
  before(async () => {
    fixture = await OperatorFixture.open({
      node: { nodePool, seiNodes: 2, zones: ['a', 'b'] },
      operator: {
        env: {
          POD_NAMESPACE: 'operators',
          SEI_NODEPOOL_NAME: nodePool,
          SEI_PRIORITY_CLASS: 'system-cluster-critical',
          SEI_IMAGE_PULL_SECRETS: 'one,two',
        },
      },
    })
  })
  after(() => fixture[Symbol.asyncDispose]())

  const podOf = (name: string): Promise<Pod | undefined> => fixture.get(pods, `${name}-0`)

  async function running(name: string, spec: Partial<SeiNode['spec']> = {}): Promise<Pod> {
    await fixture.create(name, { ...GENESIS_SPEC, ...spec })
    await fixture.untilRunning(name, LONG_MS)
    return (await podOf(name)) ?? assert.fail(`there is no pod of ${name}`)
  }

  /** The pod that has replaced an earlier one. */
  function replaced(name: string, { metadata }: Pod): Promise<Pod> {
    return until(
      `another pod of ${name}`,
      async () => {
        const found = await podOf(name)
        return found && found.metadata?.uid !== metadata?.uid && isPodReady(found) ? found : undefined
      },
      { deadlineMs: LONG_MS, found: () => fixture.operator.log },
    )
  }

  /** The node is Ready, and its status is of the spec as it is. */
  function untilSettled(name: string, { metadata: { generation } }: SeiNode): Promise<SeiNode> {
    const isSettled = (node: SeiNode): boolean => {
      const reconciling = conditionOf(node, 'Reconciling')
      return isReady(node) && reconciling?.reason === 'Stable' && reconciling.observedGeneration === generation
    }
    return fixture.untilNode(name, 'Ready with its spec', isSettled, LONG_MS)
  }

  test("the platform's pull secrets and priority hold until the spec names others", async () => {
    const pod = await running('defaults')
    assert.deepEqual(pod.spec?.imagePullSecrets, [{ name: 'one' }, { name: 'two' }])
    assert.equal(pod.spec.priorityClassName, 'system-cluster-critical')
    assert.equal(pod.spec.affinity?.podAntiAffinity, undefined)
    await fixture.patch('defaults', {
      spec: { imagePullSecrets: [{ name: 'own' }], scheduling: { priorityClassName: 'system-node-critical' } },
    })
    const { spec } = await replaced('defaults', pod)
    assert.deepEqual([spec?.imagePullSecrets, spec?.priorityClassName], [[{ name: 'own' }], 'system-node-critical'])
    await fixture.untilRunning('defaults', LONG_MS)
  })

  test('labels, annotations, variables and resources of the spec are those of the pod', async () => {
    const pod = await running('marked', {
      podMetadata: { labels: { 'example.com/team': 'a' }, annotations: { 'example.com/owner': 'on call' } },
      env: [{ name: 'GOMEMLIMIT', value: '30GiB' }],
      sidecar: { port: 7777, env: [{ name: 'AWS_MAX_ATTEMPTS', value: '9' }] },
      resources: { requests: { cpu: 2 }, limits: { memory: '8Gi' } },
      initResources: { requests: { cpu: '100m' }, limits: { memory: '1Gi' } },
    })
    assert.equal(pod.metadata?.labels?.['example.com/team'], 'a')
    assert.equal(pod.metadata.labels['sei.io/node'], 'marked')
    assert.equal(pod.metadata.annotations?.['example.com/owner'], 'on call')
    const { initContainers: [init, sidecar] = [], containers: [seid] = [] } = pod.spec ?? {}
    assert.equal(valueOf(seid, 'GOMEMLIMIT'), '30GiB')
    assert.equal(valueOf(seid, 'HOME'), '/home/sei')
    assert.equal(valueOf(sidecar, 'AWS_MAX_ATTEMPTS'), '9')
    assert.equal(valueOf(init, 'GOMEMLIMIT'), undefined)
    assert.deepEqual(init?.resources, { requests: { cpu: '100m', memory: '1Gi' }, limits: { memory: '1Gi' } })
    assert.deepEqual(seid?.resources?.limits, { memory: '8Gi' })
  })

  test('a NetworkPolicy that selects a label of the spec closes the ports of the node', async () => {
    const selected = { 'example.com/closed': 'yes' }
    const metadata = fixture.key('close')
    const spec = { podSelector: { matchLabels: selected }, policyTypes: ['Ingress'] }
    await fixture.client.create(networkPolicies, { metadata, spec })
    const rulesOf = async (): Promise<number | undefined> =>
      (await fixture.get(networkPolicies, 'closed-sidecar'))?.spec?.ingress?.length
    await fixture.create('closed', { ...GENESIS_SPEC, podMetadata: { labels: selected } })
    await fixture.untilNode('closed', 'Running and Ready', isReady, LONG_MS)
    assert.equal(await rulesOf(), 1, 'the rule of the sidecar alone')
    await fixture.patch('closed', { spec: { podMetadata: null } })
    await until('the other ports to be open', async () => (await rulesOf()) === 3 || undefined, {
      deadlineMs: LONG_MS,
      found: () => fixture.operator.log,
    })
    await fixture.untilRunning('closed', LONG_MS)
  })

  test('labels of the Service come and go, and the pod stays', async () => {
    const pod = await running('served')
    const changed = await fixture.patch('served', {
      spec: { serviceMetadata: { labels: { 'example.com/team': 'a' }, annotations: { 'example.com/host': 'a.b' } } },
    })
    await untilSettled('served', changed)
    const marked = (await fixture.get(services, 'served'))?.metadata
    assert.equal(marked?.labels?.['example.com/team'], 'a')
    assert.equal(marked.labels['sei.io/node'], 'served')
    assert.equal(marked.annotations?.['example.com/host'], 'a.b')
    await untilSettled('served', await fixture.patch('served', { spec: { serviceMetadata: null } }))
    const plain = (await fixture.get(services, 'served'))?.metadata
    assert.deepEqual(
      [plain?.labels?.['example.com/team'], plain?.annotations?.['example.com/host']],
      [undefined, undefined],
    )
    assert.equal((await podOf('served'))?.metadata?.uid, pod.metadata?.uid)
  })

  test('a pod that fits on no machine of its selector is told with the field, and is scheduled when that is corrected', async () => {
    await fixture.create('picky', { ...GENESIS_SPEC, scheduling: { nodeSelector: { 'example.com/disk': 'nvme' } } })
    const { message = '' } =
      conditionOf(await fixture.untilNode('picky', 'awaiting capacity', isAwaiting, LONG_MS), 'Reconciling') ?? {}
    assert.match(message, /didn't match Pod's node affinity\/selector/)
    assert.match(message, /lower spec\.resources, or relax spec\.scheduling/)
    await fixture.patch('picky', { spec: { scheduling: { nodeSelector: { 'example.com/disk': null, [ZONE]: 'b' } } } })
    await fixture.untilRunning('picky', LONG_MS)
    assert.equal((await podOf('picky'))?.spec?.nodeName, fixture.node.nodeNames.sei[1])
  })

  test('a node goes to another NodePool, and back', async () => {
    const other = `other-${nodePool}`
    const name = `${other}-machine`
    const [first = ''] = fixture.node.nodeNames.sei
    const machine = (await fixture.client.get(nodes, { name: first })) ?? assert.fail()
    const labels = { ...machine.metadata?.labels, 'kubernetes.io/hostname': name, 'karpenter.sh/nodepool': other }
    await fixture.client.create(nodes, {
      metadata: { name, labels },
      spec: {},
      ...(machine.status && { status: machine.status }),
    })
    await fixture.client.patch(nodes, { name }, { spec: { taints: [] } }, { type: 'merge' })
    const pod = await running('mover')
    const scheduling = { nodeSelector: { 'karpenter.sh/nodepool': other } }
    await fixture.patch('mover', { spec: { scheduling } })
    await until(
      'the pod to be on the machine of the other NodePool',
      async () => (await podOf('mover'))?.spec?.nodeName === name || undefined,
      { deadlineMs: LONG_MS, found: () => fixture.operator.log },
    )
    // No kubelet runs there: what the node has to go back for.
    const changed = await fixture.patch('mover', { spec: { scheduling: null } })
    await fixture.client.delete(
      nodes,
      { name },
      { uid: (await fixture.client.get(nodes, { name }))?.metadata?.uid ?? '' },
    )
    await kubectl([
      'delete',
      'pod',
      'mover-0',
      '-n',
      fixture.namespace,
      '--force',
      '--grace-period=0',
      '--ignore-not-found',
    ])
    const back = await replaced('mover', pod)
    assert.ok(fixture.node.nodeNames.sei.includes(back.spec?.nodeName ?? ''))
    await untilSettled('mover', changed)
  })

  test('a PriorityClass that is missing is quoted in status, and the node goes on when it is there', async () => {
    const name = `late-${nodePool}`
    await fixture.create('classless', { ...GENESIS_SPEC, scheduling: { priorityClassName: name } })
    const isTold = (node: SeiNode): boolean =>
      (conditionOf(node, 'Stalled')?.message ?? '').includes(`no PriorityClass with name ${name} was found`)
    const told = conditionOf(await fixture.untilNode('classless', 'the class to be named', isTold, LONG_MS), 'Stalled')
    assert.equal(told?.reason, 'PodRefused')
    assert.match(told.message, /Create the PriorityClass, or correct spec\.scheduling\.priorityClassName;/)
    await fixture.untilEvent('classless', 'PodRefused')
    const priorityClass = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value: 1000 }
    await kubectl(['create', '-f', '-'], { stdin: JSON.stringify(priorityClass) })
    try {
      await fixture.untilRunning('classless', LONG_MS)
    } finally {
      await kubectl(['delete', 'priorityclass', name])
    }
  })

  test('nodes of one chain that must be in different zones are', async () => {
    const chain = { chainId: 'zoned-1', genesis: { s3: { uri: 's3://genesis/zoned.json', region: 'us-east-2' } } }
    const topologySpreadConstraints = [{ topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule' as const }]
    const spec = { ...GENESIS_SPEC, ...chain, scheduling: { topologySpreadConstraints } }
    await Promise.all(['zoned-0', 'zoned-1'].map(name => fixture.create(name, spec)))
    const machines = await until(
      'both pods to have a machine',
      async () => {
        const found = await Promise.all(['zoned-0', 'zoned-1'].map(podOf))
        const names = found.flatMap(pod => pod?.spec?.nodeName ?? [])
        return names.length === 2 ? names : undefined
      },
      { deadlineMs: LONG_MS, found: () => fixture.operator.log },
    )
    assert.deepEqual(machines.toSorted(), fixture.node.nodeNames.sei.toSorted())
  })

  test('a required spread that the volume contradicts is named, and the node runs again without it', async () => {
    const storageClassName = `zonal-${nodePool}`
    await fixture.client.create(storageClasses, {
      metadata: { name: storageClassName },
      provisioner: PROVISIONER,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    })
    const labels = { 'example.com/strand': 'yes' }
    const storage = { retainOnDelete: false, storageClassName }
    const scheduling = { nodeSelector: { [ZONE]: 'a' } }
    const spec = { ...GENESIS_SPEC, storage, scheduling, podMetadata: { labels } }
    const names = ['strand-0', 'strand-1']
    await Promise.all(names.map(name => fixture.create(name, spec)))
    await Promise.all(names.map(name => fixture.untilRunning(name, LONG_MS)))
    const constraint = { topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: labels } }
    await fixture.patch('strand-1', {
      spec: { scheduling: { nodeSelector: null, topologySpreadConstraints: [constraint] } },
    })
    const told = await fixture.untilNode('strand-1', 'awaiting capacity', isAwaiting, LONG_MS)
    const { message = '' } = conditionOf(told, 'Reconciling') ?? {}
    assert.match(
      message,
      /Its volume cannot move, and spec\.scheduling\.topologySpreadConstraints \(.*zone\) may not let/,
    )
    await fixture.patch('strand-1', { spec: { scheduling: { topologySpreadConstraints: null } } })
    await fixture.untilRunning('strand-1', LONG_MS)
    assert.equal((await podOf('strand-1'))?.spec?.nodeName, fixture.node.nodeNames.sei[0])
  })

  test("what is the operator's is refused on a running node, and nothing changes", async () => {
    const pod = await running('guarded')
    const refusals = [
      [{ env: [{ name: 'HOME', value: '/' }] }, /must not be a variable of the operator: HOME/],
      [{ env: [{ name: 'SEID_RPC_LADDR', value: 'tcp://0.0.0.0:1' }] }, /must not begin with SEID_/],
      [{ sidecar: { env: [{ name: 'SEI_SIDECAR_PORT', value: '1' }] } }, /must not be a variable of the operator/],
      [
        { podMetadata: { labels: { 'sei.io/node': 'other' } } },
        /labels of the operator and of Kubernetes must not be set/,
      ],
      [{ serviceMetadata: { labels: { 'app.kubernetes.io/name': 'x' } } }, /labels of the operator and of Kubernetes/],
      [{ podMetadata: { annotations: { 'sei.io/config-hash': 'x' } } }, /annotations of the operator must not be set/],
    ] as const
    for (const [change, says] of refusals) await assert.rejects(fixture.patch('guarded', { spec: change }), says)
    assert.equal((await podOf('guarded'))?.metadata?.uid, pod.metadata?.uid)
  })

  test('a change of the placement of a paused node waits until it goes on', async () => {
    const pod = await running('halted')
    await fixture.patch('halted', { spec: { paused: true, podMetadata: { labels: { 'example.com/team': 'b' } } } })
    await fixture.untilNode('halted', 'paused', node => conditionOf(node, 'Paused')?.status === 'True', LONG_MS)
    assert.equal((await podOf('halted'))?.metadata?.uid, pod.metadata?.uid)
    await fixture.patch('halted', { spec: { paused: false } })
    assert.equal((await replaced('halted', pod)).metadata?.labels?.['example.com/team'], 'b')
    await fixture.untilRunning('halted', LONG_MS)
  })

  test('a label that is taken away leaves the template and the pod', async () => {
    const pod = await running('bared', { podMetadata: { labels: { 'example.com/team': 'a' } } })
    assert.equal(pod.metadata?.labels?.['example.com/team'], 'a')
    await fixture.patch('bared', { spec: { podMetadata: null } })
    const later = await replaced('bared', pod)
    assert.equal(later.metadata?.labels?.['example.com/team'], undefined)
    const { template } = (await fixture.get(statefulSets, 'bared'))?.spec ?? {}
    assert.equal(template?.metadata?.labels?.['example.com/team'], undefined)
    await fixture.untilRunning('bared', LONG_MS)
  })
})

function isAwaiting(node: SeiNode): boolean {
  return conditionOf(node, 'Reconciling')?.reason === 'AwaitingCapacity'
}

function valueOf(container: Container | undefined, name: string): string | undefined {
  return container?.env?.find(each => each.name === name)?.value
}
