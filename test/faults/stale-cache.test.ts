/** A delayed watch: events that it has not delivered yet must not cost a volume or an object of someone else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { RETRY_ANNOTATION, SIDECAR_PORT } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { networkPolicies, persistentVolumeClaims, pods } from '../../src/kube/resources.ts'
import { ApiProxy } from '../support/api-proxy.ts'
import { conditionOf, GENESIS_SPEC, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'

test('failure mode 38: a volume is kept if retainOnDelete is set just before the pod ends', async () => {
  const { operatorKubeconfigPath } = attachedControlPlane(process.env)
  await using proxy = await ApiProxy.start({ kubeconfigPath: operatorKubeconfigPath })
  await using fixture = await OperatorFixture.open({ operator: { kubeconfig: proxy.kubeconfigPath } })
  await fixture.create('kept', GENESIS_SPEC)
  await fixture.untilRunning('kept')
  const claim = await fixture.get(persistentVolumeClaims, 'data-kept')
  await holdPod(fixture, ['example.com/hold'])
  const { metadata: { uid = '' } = {} } = (await fixture.get(seiNodes, 'kept')) ?? {}
  await fixture.client.delete(seiNodes, fixture.key('kept'), { uid })
  await fixture.untilNode('kept', 'to wait for its pod', ({ status }) => status?.phase === 'Terminating')

  proxy.stallWatches('seinodes')
  await fixture.patch('kept', { spec: { storage: { retainOnDelete: true } } })
  await holdPod(fixture, null)
  await until('SeiNode kept to be gone', async () => ((await fixture.get(seiNodes, 'kept')) ? undefined : true), {
    found: () => fixture.operator.log,
  })
  proxy.resumeWatches('seinodes')

  const { metadata: kept } = (await fixture.get(persistentVolumeClaims, 'data-kept')) ?? {}
  assert.equal(kept?.uid, claim?.metadata?.uid)
  assert.equal(kept?.deletionTimestamp, undefined)
  assert.deepEqual(kept?.ownerReferences ?? [], [])
})

test('failure mode 24: a NetworkPolicy of someone else is not changed even before the watch reports it', async () => {
  const { operatorKubeconfigPath } = attachedControlPlane(process.env)
  await using proxy = await ApiProxy.start({ kubeconfigPath: operatorKubeconfigPath })
  await using fixture = await OperatorFixture.open({
    operator: { kubeconfig: proxy.kubeconfigPath, env: { POD_NAMESPACE: 'operators' } },
  })
  await fixture.create('first')
  await fixture.untilRunning('first')

  proxy.stallWatches('networkpolicies')
  const podSelector = { matchLabels: { app: 'theirs' } }
  await fixture.client.create(networkPolicies, { metadata: fixture.key('second-sidecar'), spec: { podSelector } })
  await fixture.create('second')
  await fixture.untilNode(
    'second',
    'ForeignObject',
    node => conditionOf(node, 'Reconciling')?.reason === 'ForeignObject',
  )
  assert.deepEqual((await fixture.get(networkPolicies, 'second-sidecar'))?.spec?.podSelector, podSelector)
  proxy.resumeWatches('networkpolicies')
})

test('no task reaches the sidecar of another node that has taken the address of a pod', async () => {
  const { operatorKubeconfigPath } = attachedControlPlane(process.env)
  await using proxy = await ApiProxy.start({ kubeconfigPath: operatorKubeconfigPath })
  let failures = 1
  const tasks = (type: string) => (type === 'config-apply' && failures-- > 0 ? { fail: 'not yet' } : undefined)
  await using fixture = await OperatorFixture.open({
    operator: { kubeconfig: proxy.kubeconfigPath },
    node: { sidecarFor: ({ pod }) => (pod === 'moved-0' ? { tasks } : {}) },
  })
  await fixture.create('other')
  await fixture.untilRunning('other')
  await fixture.create('moved')
  await fixture.untilNode('moved', 'Failed', ({ status }) => status?.phase === 'Failed')
  // What it has confirmed a moment ago is forgotten.
  await fixture.operator.kill()
  fixture.operator.start()
  await until('full caches', () => fixture.operator.log.includes('caches synced') || undefined)

  proxy.stallWatches('pods')
  const before = await podOf(fixture, 'moved')
  await fixture.client.delete(pods, fixture.podKey('moved'), { uid: before?.metadata?.uid ?? '' })
  const after = await until('another pod of SeiNode moved', async () => {
    const pod = await podOf(fixture, 'moved')
    const isNew = pod?.metadata?.uid !== before?.metadata?.uid && pod?.status?.podIP !== undefined
    return isNew ? pod : undefined
  })
  const [host, taken] = [before?.status?.podIP, after.status?.podIP]
  assert.notEqual(host, taken)
  const server = fixture.node.sidecarOf(fixture.podKey('other')).createServer()
  await new Promise<void>(resolve => server.listen({ host, port: SIDECAR_PORT }, resolve))
  const executed = fixture.executedBy('other')
  await fixture.patch('moved', { metadata: { annotations: { [RETRY_ANNOTATION]: 'now' } } })
  const words = `pod moved-0 at ${host} has changed: a new pod (uid ${after.metadata?.uid}) has its name. No task is sent`
  await fixture.untilNode('moved', 'to wait for its watch', node =>
    (conditionOf(node, 'SidecarReady')?.message ?? '').includes(words),
  )
  assert.deepEqual(fixture.executedBy('other'), executed)
  await new Promise(resolve => {
    server.close(resolve)
    server.closeAllConnections()
  })

  proxy.resumeWatches('pods')
  await fixture.untilRunning('moved')
  assert.deepEqual(fixture.executedBy('other'), executed)
  assert.deepEqual(fixture.executedBy('moved').slice(2), ['config-apply', 'config-validate', 'mark-ready'])
})

async function podOf(fixture: OperatorFixture, name: string): Promise<Pod | undefined> {
  return fixture.client.get(pods, fixture.podKey(name))
}

async function holdPod(fixture: OperatorFixture, finalizers: readonly string[] | null): Promise<void> {
  await fixture.client.patch(pods, fixture.podKey('kept'), { metadata: { finalizers } }, { type: 'merge' })
}
