/** The NetworkPolicy of a SeiNode of no pool, from its creation to its end. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { NetworkPolicy, NetworkPolicySpec } from 'kubernetes-types/networking/v1.d.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { networkPolicies, pods, statefulSets } from '../../src/kube/resources.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { conditionOf, GENESIS_SPEC, OperatorFixture } from '../support/operator-fixture.ts'
import { requestsOf } from '../support/quiet.ts'
import { until } from '../support/until.ts'

const ENV = { POD_NAMESPACE: 'operators' }
const OPERATOR = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'operators' } } }
/** The sidecar to the operator, seid's ports, all others. */
const ALONE = 3
/** The sidecar to the operator: what else is open is said by other policies. */
const AMONG_OTHERS = 1

suite('the NetworkPolicy of a SeiNode', { concurrency: 8 }, () => {
  let fixture: OperatorFixture
  before(async () => {
    fixture = await OperatorFixture.open({ operator: { env: ENV } })
  })
  after(() => fixture[Symbol.asyncDispose]())

  function untilPolicy(of: string, what: string, isMet: (policy: NetworkPolicy) => boolean): Promise<NetworkPolicy> {
    let found: NetworkPolicy | undefined
    return until(
      `the NetworkPolicy of ${of} to ${what}`,
      async () => {
        found = await fixture.get(networkPolicies, `${of}-sidecar`)
        return found && isMet(found) ? found : undefined
      },
      { deadlineMs: 120_000, found: () => ({ found, operator: fixture.operator.log.slice(-4000) }) },
    )
  }

  function untilRules(of: string, count: number): Promise<NetworkPolicy> {
    return untilPolicy(of, `have ${count} rules`, ({ spec }) => spec?.ingress?.length === count)
  }

  /** A policy that a user makes. */
  async function place(name: string, spec: NetworkPolicySpec): Promise<void> {
    await fixture.client.create(networkPolicies, { metadata: fixture.key(name), spec })
  }

  async function remove(name: string): Promise<void> {
    const uid = (await fixture.get(networkPolicies, name))?.metadata?.uid ?? ''
    await fixture.client.delete(networkPolicies, fixture.key(name), { uid })
  }

  async function patchPolicy(of: string, body: object): Promise<void> {
    await fixture.client.patch(networkPolicies, fixture.key(`${of}-sidecar`), body, { type: 'merge' })
  }

  test('it admits the operator to the sidecar, belongs to the node, and costs one request', async () => {
    const node = await fixture.create('made')
    await fixture.untilRunning('made')
    const { metadata, spec } = await untilRules('made', ALONE)
    assert.deepEqual(spec?.ingress?.[0], { from: [OPERATOR], ports: [{ port: 7777, protocol: 'TCP' }] })
    assert.deepEqual(
      metadata?.ownerReferences?.map(({ uid, controller }) => [uid, controller]),
      [[node.metadata.uid, true]],
    )
    const asked = (await requestsOf(fixture)).filter(({ name }) => name === 'made-sidecar')
    assert.equal(asked.length, 1, JSON.stringify(asked))
  })

  test('manual edits and deletions are reverted', async () => {
    await fixture.create('edited')
    const first = await untilRules('edited', ALONE)
    await patchPolicy('edited', { spec: { ingress: [{}] } })
    await untilRules('edited', ALONE)
    // From here on it selects another pod.
    await patchPolicy('edited', { spec: { podSelector: { matchLabels: { 'sei.io/node': 'none' } } } })
    await untilPolicy('edited', 'select its pod again', ({ spec }) =>
      Object.values(spec?.podSelector.matchLabels ?? {}).includes('edited'),
    )
    await remove('edited-sidecar')
    await untilPolicy('edited', 'be made again', ({ metadata }) => metadata?.uid !== first.metadata?.uid)
  })

  test('it opens no port but the sidecar’s while a policy of the user selects the pod for ingress', async () => {
    const podSelector = { matchLabels: { 'sei.io/node': 'guarded' } }
    await place('guard', { podSelector, policyTypes: ['Ingress'] })
    await fixture.create('guarded')
    await untilRules('guarded', AMONG_OTHERS)
    await remove('guard')
    await untilRules('guarded', ALONE)
    await place('guard', { podSelector, policyTypes: ['Ingress'] })
    await untilRules('guarded', AMONG_OTHERS)
    await fixture.client.patch(
      networkPolicies,
      fixture.key('guard'),
      { spec: { podSelector: { matchLabels: { 'sei.io/node': 'another' } } } },
      { type: 'merge' },
    )
    await untilRules('guarded', ALONE)
  })

  test('a policy that selects pods by a label that only the pod has counts, and one for egress does not', async () => {
    await fixture.create('labelled')
    await fixture.untilRunning('labelled')
    await place('outgoing', { podSelector: { matchLabels: { 'sei.io/node': 'labelled' } }, policyTypes: ['Egress'] })
    await place('by-tier', {
      podSelector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['rpc'] }] },
      policyTypes: ['Ingress'],
    })
    await untilRules('labelled', ALONE)
    await fixture.client.patch(
      pods,
      fixture.podKey('labelled'),
      { metadata: { labels: { tier: 'rpc' } } },
      { type: 'merge' },
    )
    await untilRules('labelled', AMONG_OTHERS)
    // By then the operator has seen both.
    await remove('by-tier')
    await untilRules('labelled', ALONE)
  })

  test('sources of the spec are admitted to the sidecar, and nothing restarts', async () => {
    await fixture.create('sourced')
    await fixture.untilRunning('sourced')
    const template = (await fixture.get(statefulSets, 'sourced'))?.spec?.template
    const source = { podSelector: { matchLabels: { app: 'backup' } } }
    await fixture.patch('sourced', { spec: { networkPolicy: { sidecarFrom: [source] } } })
    const { spec } = await untilPolicy(
      'sourced',
      'admit the source',
      each => each.spec?.ingress?.[0]?.from?.length === 2,
    )
    assert.deepEqual(spec?.ingress?.[0]?.from, [OPERATOR, source])
    await fixture.untilNode(
      'sourced',
      'to be up to date',
      ({ metadata, status }) => status?.observedGeneration === metadata.generation,
    )
    assert.deepEqual((await fixture.get(statefulSets, 'sourced'))?.spec?.template, template)
  })

  test('it closes the port of the spec and the one that the pod still has', async () => {
    await fixture.create('moved')
    await fixture.untilRunning('moved')
    // A finalizer keeps the pod, so the two ports are there together.
    const finalizers = { metadata: { finalizers: ['sei.io/test'] } }
    await fixture.client.patch(pods, fixture.podKey('moved'), finalizers, { type: 'merge' })
    await fixture.patch('moved', { spec: { sidecar: { port: 7000 } } })
    await untilPolicy('moved', 'have both ports', policy => sidecarPorts(policy) === '7000,7777')
    await fixture.client.patch(pods, fixture.podKey('moved'), { metadata: { finalizers: null } }, { type: 'merge' })
    await untilPolicy('moved', 'have the new port alone', policy => sidecarPorts(policy) === '7000')
  })

  test('failure mode 24: a policy of someone else with its name is reported and not changed', async () => {
    const podSelector = { matchLabels: { app: 'theirs' } }
    await place('taken-sidecar', { podSelector })
    await fixture.create('taken')
    const node = await fixture.untilNode(
      'taken',
      'ForeignObject',
      seen => conditionOf(seen, 'Reconciling')?.reason === 'ForeignObject',
    )
    assert.match(
      conditionOf(node, 'Reconciling')?.message ?? '',
      /NetworkPolicy taken-sidecar exists and belongs to something/,
    )
    await fixture.untilNode('taken', 'Running', ({ status }) => status?.phase === 'Running')
    assert.deepEqual((await fixture.get(networkPolicies, 'taken-sidecar'))?.spec?.podSelector, podSelector)
    await remove('taken-sidecar')
    await untilRules('taken', ALONE)
    await fixture.untilRunning('taken')
  })

  for (const propagationPolicy of ['Background', 'Orphan'] as const) {
    test(`it is deleted with its node, with ${propagationPolicy}`, async () => {
      const name = `gone-${propagationPolicy.toLowerCase()}`
      const node = await fixture.create(name)
      await untilRules(name, ALONE)
      await fixture.client.delete(seiNodes, fixture.key(name), { uid: node.metadata.uid ?? '', propagationPolicy })
      await until(
        'the policy to be gone',
        async () => !(await fixture.get(networkPolicies, `${name}-sidecar`)) || undefined,
      )
    })
  }
})

suite('the setting SEI_NODE_NETWORK_POLICIES', () => {
  let fixture: OperatorFixture
  let operator: OperatorProcess
  before(async () => {
    fixture = await OperatorFixture.open({ operator: { env: { SEI_NODE_NETWORK_POLICIES: 'false', ...ENV } } })
    operator = fixture.operator
    await fixture.create('rpc', GENESIS_SPEC)
    await fixture.untilRunning('rpc')
  })
  after(async () => {
    await operator.stop()
    await fixture[Symbol.asyncDispose]()
  })

  async function succeedWith(env: Readonly<Record<string, string>>): Promise<void> {
    await operator.kill()
    operator = new OperatorProcess({
      kubeconfig: attachedControlPlane(process.env).operatorKubeconfigPath,
      namespaces: [fixture.namespace],
      env,
    })
    operator.start()
  }

  function untilThere(isThere: boolean): Promise<unknown> {
    return until(
      `the policy to be ${isThere ? 'there' : 'gone'}`,
      async () => ((await fixture.get(networkPolicies, 'rpc-sidecar')) !== undefined) === isThere || undefined,
      { deadlineMs: 120_000, found: () => operator.log },
    )
  }

  test('an existing node gets its policy when the setting is enabled, and keeps its pod', async () => {
    assert.equal(await fixture.get(networkPolicies, 'rpc-sidecar'), undefined)
    const pod = await fixture.get(pods, 'rpc-0')
    await succeedWith(ENV)
    await untilThere(true)
    await fixture.untilRunning('rpc')
    assert.equal((await fixture.get(pods, 'rpc-0'))?.metadata?.uid, pod?.metadata?.uid)
  })

  test('existing policies are removed if the setting is disabled or the operator runs outside the cluster', async () => {
    await succeedWith({ ...ENV, SEI_NODE_NETWORK_POLICIES: 'false' })
    await untilThere(false)
    await succeedWith(ENV)
    await untilThere(true)
    await succeedWith({})
    await untilThere(false)
  })
})

function sidecarPorts({ spec }: NetworkPolicy): string | undefined {
  return spec?.ingress?.[0]?.ports?.map(({ port }) => port).join(',')
}
