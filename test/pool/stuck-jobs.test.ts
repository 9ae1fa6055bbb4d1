/** Pods of a pool's Jobs that are refused, never start or never end: the cause is quoted, and the pool recovers. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { ProcessExit } from '../../testing/fakes/node/container-process.ts'
import type { ContainerTask } from '../../testing/fakes/node/task-process.ts'
import { events, jobs, nodes, pods, serviceAccounts } from '../../src/kube/resources.ts'
import { kubectl } from '../../testing/kubectl.ts'
import { until } from '../support/until.ts'
import { underPolicy } from './admission.ts'
import { PoolFixture } from './pool-fixture.ts'

const PROXY = 'istio-proxy'
const INJECTION = `[JSONPatch{op: "add", path: "/spec/containers/0", value: Object.spec.containers{name: "${PROXY}", image: "docker.io/istio/proxyv2:1.20"}}]`

/** The proxy of the pool `lingers` runs until the test stops it. */
function linger(task: ContainerTask): Promise<ProcessExit> | undefined {
  if (task.container !== PROXY || !task.pod.startsWith('lingers-')) return undefined
  return new Promise(resolve => {
    task.signal.addEventListener('abort', () => resolve({ exitCode: 143 }))
  })
}

suite('Jobs that are stuck', { concurrency: true }, () => {
  let fixture: PoolFixture
  before(async () => {
    fixture = await PoolFixture.open({ node: { runToCompletion: linger } })
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('a missing ServiceAccount and a quota are quoted, and spec.jobs.resources is what the quota asks for', async () => {
    await using other = await PoolFixture.open()
    await other.base.base.remove(serviceAccounts, 'seid-node')
    const hard = { 'limits.cpu': '400', 'limits.memory': '4000Gi' }
    const metadata = other.base.key('limits')
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard } }
    await kubectl(['create', '-f', '-'], { stdin: JSON.stringify(quota) })
    // As the controller of quotas does, which does not run here.
    const used = { 'limits.cpu': '0', 'limits.memory': '0' }
    const patch = ['patch', 'quota', metadata.name, '-n', metadata.namespace, '--subresource=status', '--type=merge']
    await kubectl([...patch, '-p', JSON.stringify({ status: { hard, used } })])
    const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } }
    const image = 'sei-protocol/seid:v6.4.0'
    const nodeConfiguration = { nodeCount: 1, image, resources, sidecar: { port: 7777, resources } }
    await other.create('refused', 1, { nodeConfiguration })
    const account = await other.untilReason('refused', 'GenesisComplete', 'JobStuck')
    assert.match(
      account.message,
      /^Job refused-genesis: its pod cannot be created \(FailedCreate: Error creating: pods "refused-genesis-.*serviceaccount "seid-node" not found\)/,
    )
    await other.untilEvent('refused', 'JobStuck')
    await other.client.create(serviceAccounts, { metadata: other.base.key('seid-node') })
    await other.until('refused', 'the quota to be quoted', ({ status }) =>
      (status?.conditions?.find(({ type }) => type === 'GenesisComplete')?.message ?? '').includes(
        'failed quota: limits: must specify limits.cpu for: ceremony,patch-genesis,publish',
      ),
    )
    await other.patch('refused', { spec: { jobs: { resources } } })
    await other.untilReady('refused')
    const prep = await other.base.get(jobs, 'refused-prep-0')
    assert.deepEqual(
      prep?.spec?.template.spec?.containers.map(container => container.resources),
      [resources],
    )
    const reported = (await other.eventsOf('refused')).filter(reason => reason === 'JobStuck')
    assert.deepEqual(reported, ['JobStuck'])
  })

  test('a policy that refuses the pod of a preparation is quoted, and the Job continues without it', async () => {
    const message = 'every pod must carry the label team'
    const policy = { kind: 'Validating', expression: 'has(object.metadata.labels.team)', message } as const
    const target = { namespace: fixture.base.namespace, pool: 'labels', job: 'prep-0' }
    await underPolicy(policy, target, message, async () => {
      await fixture.create('labels', 1, { chainId: 'labels-1' })
      const stuck = await fixture.untilReason('labels', 'NodesPrepared', 'JobStuck')
      assert.match(stuck.message, /Job labels-prep-0: its pod cannot be created \(FailedCreate: .*the label team\)/)
      await fixture.untilEvent('labels', 'JobStuck')
    })
    await fixture.untilReady('labels')
  })

  test('a container that admission puts first into the pod does not hide the report of the ceremony', async () => {
    const target = { namespace: fixture.base.namespace, pool: 'injected', job: 'genesis' }
    await underPolicy({ kind: 'Mutating', patch: INJECTION }, target, PROXY, async () => {
      await fixture.create('injected', 1, { chainId: 'injected-1' })
      await fixture.untilReady('injected')
    })
    const { items } = await fixture.client.list(pods, {
      namespace: fixture.base.namespace,
      labelSelector: 'sei.io/nodepool=injected,sei.io/pool-job=genesis',
    })
    assert.deepEqual(
      items.map(({ spec }) => spec?.containers.map(({ name }) => name)),
      [[PROXY, 'publish']],
    )
  })

  test('a container that admission adds and that never ends is named, and the ceremony continues without it', async () => {
    const target = { namespace: fixture.base.namespace, pool: 'lingers', job: 'genesis' }
    await underPolicy({ kind: 'Mutating', patch: INJECTION }, target, PROXY, async () => {
      await fixture.create('lingers', 1, { chainId: 'lingers-1' })
      const stuck = await fixture.untilReason('lingers', 'GenesisComplete', 'JobStuck')
      assert.match(stuck.message, /container istio-proxy, which admission added to pod lingers-genesis-/)
      await fixture.untilEvent('lingers', 'JobStuck')
    })
    await fixture.delete(jobs, 'lingers-genesis')
    await fixture.untilReady('lingers')
  })

  test('a pod that is on a machine and does not start is named with its last warning', async () => {
    const { namespace } = fixture.base
    const machine = `${namespace}-without-kubelet`
    const taints = [{ key: 'test', effect: 'NoSchedule' }]
    const { metadata } = await fixture.client.create(nodes, { metadata: { name: machine }, spec: { taints } })
    const patch = `[JSONPatch{op: "add", path: "/spec/nodeName", value: "${machine}"}]`
    const target = { namespace, pool: 'unstarted', job: 'genesis' }
    await underPolicy({ kind: 'Mutating', patch }, target, machine, async () => {
      await fixture.create('unstarted', 1, { chainId: 'unstarted-1' })
      const pod = await until('the pod of the Job', async () => {
        const { items } = await fixture.client.list(pods, { namespace, labelSelector: 'sei.io/pool-job=genesis' })
        return items.find(({ spec }) => spec?.nodeName === machine)
      })
      const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
      const { name = '', uid = '' } = pod.metadata ?? {}
      await fixture.client.create(events, {
        metadata: fixture.base.key(`${name}.mount`),
        involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
        type: 'Warning',
        reason: 'FailedMount',
        message: 'MountVolume.SetUp failed for volume "genesis": mount failed: exit status 32',
        firstTimestamp: now,
        lastTimestamp: now,
      })
      const stuck = await fixture.untilReason('unstarted', 'GenesisComplete', 'JobStuck')
      assert.match(
        stuck.message,
        /of pod unstarted-genesis-\w+ has run since .* \(FailedMount: MountVolume\.SetUp failed .* exit status 32\)\. Correct the cause. For details, run: kubectl describe pod -n/,
      )
      await fixture.untilEvent('unstarted', 'JobStuck')
    })
    await fixture.delete(jobs, 'unstarted-genesis')
    await fixture.client.delete(nodes, { name: machine }, { uid: metadata?.uid ?? '' })
    await fixture.untilReady('unstarted')
  })
})
