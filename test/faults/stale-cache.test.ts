/** A watch that is behind the others: what it has not told yet counts where a volume would go, or an object of someone else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { RETRY_ANNOTATION, SIDECAR_PORT } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { networkPolicies, persistentVolumeClaims, pods } from '../../src/kube/resources.ts'
import { ApiProxy } from '../support/api-proxy.ts'
import { conditionOf, GENESIS_SPEC, OperatorStage } from '../support/operator-stage.ts'
import { until } from '../support/until.ts'

test('failure mode 38: a volume is kept whose node was told so a moment before its pod went', async () => {
  const { operatorKubeconfigPath } = attachedControlPlane(process.env)
  await using proxy = await ApiProxy.start({ kubeconfigPath: operatorKubeconfigPath })
  await using stage = await OperatorStage.open({ operator: { kubeconfig: proxy.kubeconfigPath } })
  await stage.create('kept', GENESIS_SPEC)
  await stage.untilRunning('kept')
  const claim = await stage.get(persistentVolumeClaims, 'data-kept')
  await holdPod(stage, ['example.com/hold'])
  const { metadata: { uid = '' } = {} } = (await stage.get(seiNodes, 'kept')) ?? {}
  await stage.client.delete(seiNodes, stage.key('kept'), { uid })
  await stage.untilNode('kept', 'to wait for its pod', ({ status }) => status?.phase === 'Terminating')

  proxy.stallWatches('seinodes')
  await stage.patch('kept', { spec: { storage: { retainOnDelete: true } } })
  await holdPod(stage, null)
  await until('SeiNode kept to be gone', async () => ((await stage.get(seiNodes, 'kept')) ? undefined : true), {
    found: () => stage.operator.log,
  })
  proxy.resumeWatches('seinodes')

  const { metadata: kept } = (await stage.get(persistentVolumeClaims, 'data-kept')) ?? {}
  assert.equal(kept?.uid, claim?.metadata?.uid)
  assert.equal(kept?.deletionTimestamp, undefined)
  assert.deepEqual(kept?.ownerReferences ?? [], [])
})

test('failure mode 24: a NetworkPolicy of someone else is left alone though the watch has not told of it yet', async () => {
  const { operatorKubeconfigPath } = attachedControlPlane(process.env)
  await using proxy = await ApiProxy.start({ kubeconfigPath: operatorKubeconfigPath })
  await using stage = await OperatorStage.open({
    operator: { kubeconfig: proxy.kubeconfigPath, env: { POD_NAMESPACE: 'operators' } },
  })
  await stage.create('first')
  await stage.untilRunning('first')

  proxy.stallWatches('networkpolicies')
  const podSelector = { matchLabels: { app: 'theirs' } }
  await stage.client.create(networkPolicies, { metadata: stage.key('second-sidecar'), spec: { podSelector } })
  await stage.create('second')
  await stage.untilNode('second', 'ForeignObject', node => conditionOf(node, 'Progressing')?.reason === 'ForeignObject')
  assert.deepEqual((await stage.get(networkPolicies, 'second-sidecar'))?.spec?.podSelector, podSelector)
  proxy.resumeWatches('networkpolicies')
})

test('no task reaches the sidecar of another node that has taken the address of a pod', async () => {
  const { operatorKubeconfigPath } = attachedControlPlane(process.env)
  await using proxy = await ApiProxy.start({ kubeconfigPath: operatorKubeconfigPath })
  let failures = 1
  const tasks = (type: string) => (type === 'config-apply' && failures-- > 0 ? { fail: 'not yet' } : undefined)
  await using stage = await OperatorStage.open({
    operator: { kubeconfig: proxy.kubeconfigPath },
    node: { sidecarFor: ({ pod }) => (pod === 'moved-0' ? { tasks } : {}) },
  })
  await stage.create('other')
  await stage.untilRunning('other')
  await stage.create('moved')
  await stage.untilNode('moved', 'Failed', ({ status }) => status?.phase === 'Failed')
  // What it has confirmed a moment ago is forgotten.
  await stage.operator.kill()
  stage.operator.start()
  await until('full caches', () => stage.operator.log.includes('caches synced') || undefined)

  proxy.stallWatches('pods')
  const before = await podOf(stage, 'moved')
  await stage.client.delete(pods, stage.podKey('moved'), { uid: before?.metadata?.uid ?? '' })
  const after = await until('another pod of SeiNode moved', async () => {
    const pod = await podOf(stage, 'moved')
    const isNew = pod?.metadata?.uid !== before?.metadata?.uid && pod?.status?.podIP !== undefined
    return isNew ? pod : undefined
  })
  const [host, taken] = [before?.status?.podIP, after.status?.podIP]
  assert.notEqual(host, taken)
  const server = stage.node.sidecarOf(stage.podKey('other')).createServer()
  await new Promise<void>(resolve => server.listen({ host, port: SIDECAR_PORT }, resolve))
  const executed = stage.executedBy('other')
  await stage.patch('moved', { metadata: { annotations: { [RETRY_ANNOTATION]: 'now' } } })
  const words = `pod moved-0 at ${host} has changed: a new pod (uid ${after.metadata?.uid}) has its name. No task is sent`
  await stage.untilNode('moved', 'to wait for its watch', node =>
    (conditionOf(node, 'SidecarReady')?.message ?? '').includes(words),
  )
  assert.deepEqual(stage.executedBy('other'), executed)
  await new Promise(resolve => {
    server.close(resolve)
    server.closeAllConnections()
  })

  proxy.resumeWatches('pods')
  await stage.untilRunning('moved')
  assert.deepEqual(stage.executedBy('other'), executed)
  assert.deepEqual(stage.executedBy('moved').slice(2), ['config-apply', 'config-validate', 'mark-ready'])
})

async function podOf(stage: OperatorStage, name: string): Promise<Pod | undefined> {
  return stage.client.get(pods, stage.podKey(name))
}

async function holdPod(stage: OperatorStage, finalizers: readonly string[] | null): Promise<void> {
  await stage.client.patch(pods, stage.podKey('kept'), { metadata: { finalizers } }, { type: 'merge' })
}
