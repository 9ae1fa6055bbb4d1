/** A watch that is behind the others: what it has not told yet counts where a volume would go, or an object of someone else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attachedControlPlane } from '../../devcluster/controlplane/environment.ts'
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

async function holdPod(stage: OperatorStage, finalizers: readonly string[] | null): Promise<void> {
  await stage.client.patch(pods, stage.podKey('kept'), { metadata: { finalizers } }, { type: 'merge' })
}
