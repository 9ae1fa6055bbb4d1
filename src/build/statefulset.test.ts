/** The StatefulSet runs one pod, where and how it must run. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Container, PodSpec } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../api/seinode.ts'
import { buildStatefulSet } from './statefulset.ts'
import { goldenNodes, seiNode } from './testdata/nodes.ts'
import { platform } from './testdata/platform.ts'

function podOf(node: SeiNode): PodSpec {
  const pod = buildStatefulSet(node, platform).spec?.template.spec
  assert.ok(pod)
  return pod
}

function allContainers(node: SeiNode): readonly Container[] {
  const pod = podOf(node)
  return [...(pod.initContainers ?? []), ...pod.containers]
}

for (const [name, node] of goldenNodes) {
  test(`R4: ${name} is one StatefulSet of one replica that makes no claims of its own`, () => {
    const { spec } = buildStatefulSet(node, platform)
    assert.equal(spec?.replicas, 1)
    assert.equal(spec.volumeClaimTemplates, undefined)
    assert.deepEqual(spec.selector, { matchLabels: { 'sei.io/node': name } })
    assert.equal(spec.template.metadata?.labels?.['sei.io/node'], name)
  })

  // It names a NodePool of its own.
  if (name !== 'placed')
    test(`R6: the pod of ${name} requires the platform's nodes and tolerates their taint`, () => {
      const pod = podOf(node)
      const required = pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
      assert.deepEqual(required?.nodeSelectorTerms, [
        { matchExpressions: [{ key: 'karpenter.sh/nodepool', operator: 'In', values: ['sei-node'] }] },
      ])
      const toleration = { key: 'sei.io/workload', operator: 'Equal', value: 'sei-node', effect: 'NoSchedule' }
      assert.deepEqual(pod.tolerations, [toleration])
    })

  test(`R7: in ${name} seid-init comes first, then the sidecar as a restartable init container, then seid`, () => {
    assert.deepEqual(
      allContainers(node).map(container => [container.name, container.restartPolicy]),
      [
        ['seid-init', undefined],
        // What the operator has to know before it lets seid start.
        ...(node.spec.haltHeight === undefined ? [] : [['seid-height', undefined]]),
        ['sei-sidecar', 'Always'],
        ['seid', undefined],
      ],
    )
  })

  test(`failure mode 35: the containers of ${name} may gain no privileges, share one user who is not root, and own the volume without hours of chown`, () => {
    const { securityContext } = podOf(node)
    assert.equal(securityContext?.runAsNonRoot, true)
    assert.equal(securityContext.runAsUser, 65532)
    assert.equal(securityContext.fsGroupChangePolicy, 'OnRootMismatch')
    for (const container of allContainers(node)) {
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      })
    }
  })
}

test('the platform decides about nodes, taint and ServiceAccount', () => {
  const other = { ...platform, nodepoolName: 'p', tolerationKey: 'k', tolerationValue: 'v', serviceAccount: 's' }
  const pod = buildStatefulSet(seiNode('n'), other).spec?.template.spec
  assert.match(JSON.stringify(pod?.affinity), /"values":\["p"\]/)
  assert.deepEqual(pod?.tolerations, [{ key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' }])
  assert.equal(pod?.serviceAccountName, 's')
})

test('failure modes 30 and 31: a pod has two minutes to stop, and Karpenter does not move it', () => {
  const template = buildStatefulSet(seiNode('n'), platform).spec?.template
  assert.equal(template?.spec?.terminationGracePeriodSeconds, 120)
  assert.equal(template?.metadata?.annotations?.['karpenter.sh/do-not-disrupt'], 'true')
})

test("a pool's label reaches the pods of its nodes, where its NetworkPolicy selects them", () => {
  const node = seiNode('devnet-0', {}, { labels: { 'sei.io/nodepool': 'devnet', team: 'x' } })
  const labels = buildStatefulSet(node, platform).spec?.template.metadata?.labels
  assert.equal(labels?.['sei.io/nodepool'], 'devnet')
  assert.equal(labels['team'], undefined)
})

for (const { chainId, label } of [
  { chainId: 'my_chain-1', label: 'my_chain-1' },
  // Such a label value would be refused.
  { chainId: 'chain-', label: undefined },
]) {
  test(`the label of chain ${chainId} is ${label}`, () => {
    const { metadata } = buildStatefulSet(seiNode('n', { chainId, genesis: { pvc: { dataPVC: 'p' } } }), platform)
    assert.equal(metadata?.labels?.['sei.io/chain-id'], label)
  })
}

test('a pod that was never ready is replaced when its image is corrected: pods are managed in parallel', () => {
  assert.equal(buildStatefulSet(seiNode('n'), platform).spec?.podManagementPolicy, 'Parallel')
})

test('a StatefulSet that is adopted keeps what cannot be changed', () => {
  const live: StatefulSet = {
    spec: {
      podManagementPolicy: 'OrderedReady',
      revisionHistoryLimit: 10,
      serviceName: 'n',
      selector: {},
      template: {},
    },
  }
  const { spec } = buildStatefulSet(seiNode('n'), platform, { live })
  assert.equal(spec?.podManagementPolicy, 'OrderedReady')
  assert.equal(spec.revisionHistoryLimit, 10)
})

test("labels of the user do not take a pod out of an adopted StatefulSet's selector", () => {
  const selector = { matchLabels: { app: 'seid' } }
  const live: StatefulSet = { spec: { selector, serviceName: 'old', template: {} } }
  const node = seiNode('mainnet-0', { podMetadata: { labels: { app: 'mine', team: 'chain' } } })
  const labels = buildStatefulSet(node, platform, { live }).spec?.template.metadata?.labels
  assert.deepEqual([labels?.['app'], labels?.['team']], ['seid', 'chain'])
})

test('a node that was never stored has no objects', () => {
  const { uid: _, ...metadata } = seiNode('n').metadata
  assert.throws(() => buildStatefulSet({ ...seiNode('n'), metadata }, platform), /expected a stored SeiNode/)
})
