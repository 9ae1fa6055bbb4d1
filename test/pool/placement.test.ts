/** Where the validators of a pool run, by the real scheduler, and how a change of that reaches them. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { jobs, pods, services } from '../../src/kube/resources.ts'
import { kubectl } from '../../testing/kubectl.ts'
import { isPodReady } from '../support/fake-node-fixture.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { conditionOf } from '../support/operator-fixture.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { until } from '../support/until.ts'
import { downTogether } from './down-together.ts'
import { counts, PoolMachines } from './machines.ts'
import type { PoolFixture } from './pool-fixture.ts'

const IMAGE = 'sei-protocol/seid:v6.4.0'
const NAMES = ['net-0', 'net-1', 'net-2', 'net-3']
const LONG = { deadlineMs: 120_000 }

function configured(nodeConfiguration: object): unknown {
  return { spec: { nodeConfiguration } }
}

async function podsOf(pools: PoolFixture, names = NAMES): Promise<readonly (Pod | undefined)[]> {
  return Promise.all(names.map(name => pools.base.get(pods, `${name}-0`)))
}

function isSpread({ spec }: Pod): boolean {
  return spec?.affinity?.podAntiAffinity !== undefined
}

/** Resolves when the pod of each node, with what is asked for, is Ready. */
async function untilAll(pools: PoolFixture, what: string, is: (pod: Pod) => boolean): Promise<void> {
  const isDone = (pod: Pod | undefined): boolean => pod !== undefined && isPodReady(pod) && is(pod)
  await until(`every pod ${what}`, async () => (await podsOf(pools)).every(isDone) || undefined, {
    ...LONG,
    found: () => pools.base.operator.log,
  })
}

suite('the machines of a pool', { concurrency: 2 }, () => {
  test('on four equal machines there is one validator on each, and the Jobs that make their volumes were spread as well', async () => {
    await using at = await PoolMachines.open({ count: 4 })
    await at.pools.create('net', 4)
    await at.pools.untilReady('net')
    for (const which of ['preparations', 'validators'] as const) {
      const places = await at.placesOf('net', which)
      assert.deepEqual(
        counts(places.map(({ machine }) => machine)),
        [1, 1, 1, 1],
        `${which}: ${JSON.stringify(places)}`,
      )
    }
  })

  test('over three zones the volumes are made in all of them, and the validators stay with their volumes on machines of their own', async () => {
    await using at = await PoolMachines.open({ count: 6, zones: ['a', 'b', 'c'] })
    const storageClassName = await at.zonalClass()
    await at.pools.create('net', 4, { storage: { storageClassName } })
    await at.pools.untilReady('net')
    const prepared = await at.placesOf('net', 'preparations')
    const validators = await at.placesOf('net', 'validators')
    assert.deepEqual(counts(prepared.map(({ zone }) => zone)), [2, 1, 1])
    assert.deepEqual(counts(validators.map(({ zone }) => zone)), [2, 1, 1])
    assert.deepEqual(counts(validators.map(({ machine }) => machine)), [1, 1, 1, 1])
  })

  test('two machines are enough for four validators, which are two on each', async () => {
    await using at = await PoolMachines.open({ count: 2, zones: ['a', 'b'] })
    await at.pools.create('net', 4)
    await at.pools.untilReady('net')
    const validators = await at.placesOf('net', 'validators')
    assert.deepEqual(counts(validators.map(({ machine }) => machine)), [2, 2])
  })

  test('a zone that is full is left out', async () => {
    await using at = await PoolMachines.open({ count: 4, zones: ['a', 'b'] })
    const [full, , alsoFull] = at.machines
    await at.cordon(full ?? '')
    await at.cordon(alsoFull ?? '')
    await at.pools.create('net', 4, { storage: { storageClassName: await at.zonalClass() } })
    await at.pools.untilReady('net')
    const validators = await at.placesOf('net', 'validators')
    assert.deepEqual(counts(validators.map(({ zone }) => zone)), [4])
    assert.deepEqual(counts(validators.map(({ machine }) => machine)), [2, 2])
  })

  test('a validator whose volume is in a zone with one machine is scheduled there again, beside another one', async () => {
    await using at = await PoolMachines.open({ count: 4, zones: ['a', 'a', 'b', 'b'] })
    const [first = '', second = '', third = ''] = at.machines
    await at.pools.create('net', 4, { storage: { storageClassName: await at.zonalClass() } })
    await at.pools.untilReady('net')
    const places = await at.placesOf('net', 'validators')
    const moved = places.find(({ machine }) => machine === first)
    assert.ok(moved, JSON.stringify(places))
    await at.cordon(first)
    await at.cordon(third)
    const { uid = '' } = (await at.pools.base.get(pods, moved.pod))?.metadata ?? {}
    await at.pools.client.delete(pods, at.pools.base.key(moved.pod), { uid })
    const pod = await until(
      'the pod to be back',
      async () => {
        const found = await at.pools.base.get(pods, moved.pod)
        return found && found.metadata?.uid !== uid && isPodReady(found) ? found : undefined
      },
      LONG,
    )
    assert.equal(pod.spec?.nodeName, second)
  })

  test('a spread that is asked for holds for the Jobs that make the volumes as well', async () => {
    await using at = await PoolMachines.open({ count: 4, zones: ['a', 'b', 'b', 'b'] })
    const zone = { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' } as const
    const scheduling = { topologySpreadConstraints: [zone] }
    await at.pools.create('net', 4, {
      nodeConfiguration: { nodeCount: 4, image: IMAGE, scheduling },
      storage: { storageClassName: await at.zonalClass() },
    })
    await at.pools.untilReady('net')
    for (const which of ['preparations', 'validators'] as const) {
      const places = await at.placesOf('net', which)
      assert.deepEqual(counts(places.map(({ zone: found }) => found)), [2, 2], `${which}: ${JSON.stringify(places)}`)
    }
  })

  test('Jobs that fit on no machine are made anew for others, and the pool goes on', async () => {
    await using at = await PoolMachines.open({ count: 2 })
    const scheduling = { nodeSelector: { 'example.com/disk': 'nvme' } }
    await at.pools.create('net', 1, { nodeConfiguration: { nodeCount: 1, image: IMAGE, scheduling } })
    const waiting = await until('the Job of the ceremony', () => at.pools.base.get(jobs, 'net-genesis'), LONG)
    await at.label(at.machines[1] ?? '', { 'example.com/disk': 'ssd' })
    await at.pools.patch('net', configured({ scheduling: { nodeSelector: { 'example.com/disk': 'ssd' } } }))
    await at.pools.untilReady('net')
    assert.notEqual(await at.pools.jobUID('net-genesis'), waiting.metadata?.uid)
    const places = [...(await at.placesOf('net', 'preparations')), ...(await at.placesOf('net', 'validators'))]
    assert.deepEqual([...new Set(places.map(({ machine }) => machine))], [at.machines[1]])
  })

  test('an operator that begins to spread validators restarts them one after the other, as its other changes', async () => {
    await using at = await PoolMachines.open({ count: 4, operator: { env: { SEI_SPREAD_VALIDATORS: 'false' } } })
    await at.pools.create('net', 4)
    await at.pools.untilReady('net')
    assert.ok((await podsOf(at.pools)).every(pod => pod && !isSpread(pod)))
    await using view = await NamespaceView.open(at.pools.client, at.pools.base.namespace)
    const together = downTogether(
      view,
      NAMES.map(name => `${name}-0`),
    )
    const causes = new Set<string>()
    view.nodes.subscribe(({ object }) => {
      const { cause } = object.status?.rollout ?? {}
      if (cause !== undefined) causes.add(cause)
    })
    await at.pools.base.operator.kill()
    const next = new OperatorProcess({
      kubeconfig: attachedControlPlane(process.env).operatorKubeconfigPath,
      namespaces: [at.pools.base.namespace],
      env: { SEI_NODEPOOL_NAME: at.nodePool },
    })
    next.start()
    try {
      await untilAll(at.pools, 'to be spread', isSpread)
      await at.pools.untilReady('net')
    } finally {
      await next.stop()
    }
    assert.deepEqual([...together], [])
    assert.deepEqual([...causes], ['Operator'])
  })
})

suite('changes of the placement of a pool', () => {
  test('pods of Jobs and nodes get pull secrets, priority and labels; a change reaches one node after the other, one of Services restarts none', async () => {
    await using at = await PoolMachines.open({ count: 2 })
    const { pools } = at
    await pools.create('net', 4, {
      nodeConfiguration: {
        nodeCount: 4,
        image: IMAGE,
        scheduling: { priorityClassName: 'system-cluster-critical' },
        imagePullSecrets: [{ name: 'registry' }],
        podMetadata: { labels: { 'example.com/team': 'a' } },
        env: [{ name: 'GOGC', value: '50' }],
      },
      jobs: { podMetadata: { annotations: { 'sidecar.istio.io/inject': 'false' } } },
    })
    await pools.untilReady('net')
    const { items } = await pools.client.list(pods, {
      namespace: pools.base.namespace,
      labelSelector: 'example.com/team=a',
    })
    assert.equal(items.length, 9, 'of the ceremony, four preparations and four nodes')
    for (const { metadata, spec } of items) {
      assert.deepEqual(spec?.imagePullSecrets, [{ name: 'registry' }], metadata?.name)
      assert.equal(spec.priorityClassName, 'system-cluster-critical', metadata?.name)
      const isJob = metadata?.labels?.['sei.io/pool-job'] !== undefined
      assert.equal(metadata?.annotations?.['sidecar.istio.io/inject'], isJob ? 'false' : undefined)
    }

    const before = await pools.podUIDs(NAMES)
    await pools.patch('net', configured({ serviceMetadata: { labels: { 'example.com/team': 'a' } } }))
    await until(
      'every Service to have the label',
      async () => {
        const found = await Promise.all(NAMES.map(name => pools.base.get(services, name)))
        return found.every(service => service?.metadata?.labels?.['example.com/team'] === 'a') || undefined
      },
      { ...LONG, found: () => pools.base.operator.log },
    )
    await pools.untilReady('net')
    assert.deepEqual(await pools.podUIDs(NAMES), before)

    await using view = await NamespaceView.open(pools.client, pools.base.namespace)
    const together = downTogether(
      view,
      NAMES.map(name => `${name}-0`),
    )
    const tolerations = [{ key: 'example.com/kind', operator: 'Exists', effect: 'NoSchedule' }]
    await pools.patch('net', configured({ scheduling: { tolerations } }))
    await untilAll(pools, 'to tolerate the taint', ({ spec }) =>
      Boolean(spec?.tolerations?.some(({ key }) => key === 'example.com/kind')),
    )
    await pools.untilReady('net')
    assert.deepEqual([...together], [])
  })

  test('a PriorityClass that is missing stops the rollout at one node, whose status quotes it; the class lets it go on', async () => {
    await using at = await PoolMachines.open({ count: 2 })
    const { pools } = at
    await pools.create('net', 4)
    await pools.untilReady('net')
    const name = `missing-${at.nodePool}`
    await pools.patch('net', configured({ scheduling: { priorityClassName: name } }))
    const halted = await pools.untilReason('net', 'Reconciling', 'RolloutHalted')
    assert.match(halted.message, /the rollout is halted at net-[0-3]/)
    const refused = await until(
      'a node whose pod is refused',
      async () => {
        const found = await Promise.all(NAMES.map(node => pools.seiNode(node)))
        const messages = found.map(node => conditionOf(node, 'Stalled')?.message ?? '')
        return messages.find(message => message.includes(`no PriorityClass with name ${name} was found`))
      },
      { ...LONG, found: () => pools.base.operator.log },
    )
    assert.match(refused, /the StatefulSet cannot create its pod \(FailedCreate: /)
    const running = (await podsOf(pools)).filter(pod => pod !== undefined)
    assert.equal(running.length, 3)
    const priorityClass = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value: 1000 }
    await kubectl(['create', '-f', '-'], { stdin: JSON.stringify(priorityClass) })
    try {
      await untilAll(pools, 'to have the class', ({ spec }) => spec?.priorityClassName === name)
      await pools.untilReady('net')
    } finally {
      await kubectl(['delete', 'priorityclass', name])
    }
  })
})
