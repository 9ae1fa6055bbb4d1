/** The objects of a SeiNode, as the API server, the scheduler and the StatefulSet controller have them. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { PodSpec } from 'kubernetes-types/core/v1.d.ts'
import { persistentVolumeClaims, pods, services, statefulSets } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { GENESIS_SPEC, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { NodesFixture } from './nodes-fixture.ts'

const ENVIRONMENT = {
  SEI_NODEPOOL_NAME: 'blue',
  SEI_TOLERATION_KEY: 'example.com/kind',
  SEI_TOLERATION_VALUE: 'chain',
  SEI_SERVICE_ACCOUNT: 'runner',
  SEI_STORAGE_CLASS_PERF: 'fast',
  SEI_STORAGE_CLASS_DEFAULT: 'slow',
  SEI_STORAGE_SIZE_DEFAULT: '11Gi',
  SEI_STORAGE_SIZE_ARCHIVE: '22Gi',
  SEI_RESOURCE_CPU_ARCHIVE: '3',
  SEI_RESOURCE_MEM_ARCHIVE: '4Gi',
  SEI_RESOURCE_CPU_DEFAULT: '1',
  SEI_RESOURCE_MEM_DEFAULT: '2Gi',
  SEI_SIDECAR_IMAGE: 'registry.example/seictl:v0.0.25',
}

/** What ENVIRONMENT gives a node of each mode. */
const BY_MODE = {
  full: { storageClass: 'fast', size: '11Gi', requests: { cpu: '1', memory: '2Gi' } },
  archive: { storageClass: 'fast', size: '22Gi', requests: { cpu: '3', memory: '4Gi' } },
  seed: { storageClass: 'slow', size: '11Gi', requests: { cpu: '1', memory: '2Gi' } },
} as const

suite('the objects of a SeiNode', { concurrency: true }, () => {
  test('R3 R4 R5 R6 R7 R8: a node becomes Running once its sidecar has run every task, on objects that belong to it', async () => {
    await using fixture = await NodesFixture.open()
    const { metadata } = (await fixture.running('a')).object ?? assert.fail()
    const claim = await found(fixture.base, persistentVolumeClaims, 'data-a')
    const set = await found(fixture.base, statefulSets, 'a')
    const service = await found(fixture.base, services, 'a')
    const pod = await found(fixture.base, pods, 'a-0')

    const owner = { apiVersion: 'sei.io/v1alpha1', kind: 'SeiNode', name: 'a', uid: metadata.uid }
    for (const object of [claim, set, service]) {
      assert.deepEqual(object.metadata?.ownerReferences, [{ ...owner, controller: true, blockOwnerDeletion: true }])
    }
    assert.deepEqual([claim.status?.phase, claim.spec?.accessModes], ['Bound', ['ReadWriteOnce']])
    assert.deepEqual([set.spec?.replicas, set.spec?.selector], [1, { matchLabels: { 'sei.io/node': 'a' } }])
    assert.deepEqual([service.spec?.clusterIP, service.spec?.publishNotReadyAddresses], ['None', true])
    assert.ok(fixture.base.node.nodeNames.sei.includes(pod.spec?.nodeName ?? ''), 'the pod runs on a Node of its pool')
    assert.equal(containerOf(pod.spec, 'sei-sidecar').restartPolicy, 'Always')
  })

  test("failure mode 26: a pool's label reaches the pod, and other labels of the SeiNode do not", async () => {
    await using fixture = await NodesFixture.open()
    const node = await fixture.create('pooled', GENESIS_SPEC, { labels: { 'sei.io/nodepool': 'devnet', team: 'x' } })
    await node.until('its pod', () => fixture.view.pods.get(fixture.view.key('pooled-0')) !== undefined)
    const { labels } = (await found(fixture.base, pods, 'pooled-0')).metadata ?? {}
    assert.deepEqual([labels?.['sei.io/nodepool'], labels?.['team']], ['devnet', undefined])
    node.forget()
  })

  test('R9 R14: the spec takes precedence over every default', async () => {
    await using base = await OperatorFixture.open()
    const resources = { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '2Gi' } }
    await base.create('chosen', {
      ...GENESIS_SPEC,
      resources,
      storage: { retainOnDelete: true, size: '77Gi', storageClassName: 'gp3' },
      sidecar: { image: 'registry.example/seictl:v0.0.25', port: 7000 },
    })
    await base.untilRunning('chosen')
    const claim = await found(base, persistentVolumeClaims, 'data-chosen')
    assert.deepEqual([claim.spec?.storageClassName, claim.spec?.resources?.requests], ['gp3', { storage: '77Gi' }])
    const { spec } = await found(base, pods, 'chosen-0')
    assert.deepEqual(containerOf(spec, 'seid').resources, resources)
    const sidecar = containerOf(spec, 'sei-sidecar')
    assert.deepEqual(
      [sidecar.image, sidecar.ports?.[0]?.containerPort, sidecar.startupProbe?.httpGet?.port],
      ['registry.example/seictl:v0.0.25', 7000, 7000],
    )
  })

  test('R14: every variable of the operator reaches the objects of a node', async () => {
    await using base = await OperatorFixture.open({ operator: { env: ENVIRONMENT } })
    for (const mode of ['full', 'archive', 'seed'] as const) await base.create(mode, { ...GENESIS_SPEC, mode })
    for (const [mode, expected] of Object.entries(BY_MODE)) {
      const what = `the objects of ${mode}`
      const claim = await until(what, () => base.get(persistentVolumeClaims, `data-${mode}`))
      const pod = (await until(what, () => base.get(statefulSets, mode))).spec?.template.spec
      assert.deepEqual(
        {
          storageClass: claim.spec?.storageClassName,
          size: claim.spec?.resources?.requests?.['storage'],
          requests: containerOf(pod, 'seid').resources?.requests,
        },
        expected,
      )
      const terms = pod?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
      assert.deepEqual(terms?.[0]?.matchExpressions?.[0]?.values, ['blue'])
      assert.deepEqual(pod?.tolerations?.[0], {
        key: 'example.com/kind',
        operator: 'Equal',
        value: 'chain',
        effect: 'NoSchedule',
      })
      assert.equal(pod.serviceAccountName, 'runner')
      assert.equal(containerOf(pod, 'sei-sidecar').image, 'registry.example/seictl:v0.0.25')
    }
  })

  test('R14: one message names every wrong variable, and nothing is started', async () => {
    const env = { ...ENVIRONMENT, SEI_NODEPOOL_NAME: 'a b', SEI_STORAGE_SIZE_DEFAULT: 'much' }
    await using base = await OperatorFixture.open({ operator: { env } })
    await base.operator.exited
    const { log } = base.operator
    assert.equal(log.match(/wrong environment variables/g)?.length, 1, log)
    assert.match(log, /SEI_NODEPOOL_NAME must be .*found "a b".*SEI_STORAGE_SIZE_DEFAULT must be .*found "much"/)
  })
})

async function found<T extends KubeObject>(base: OperatorFixture, resource: Resource<T>, name: string): Promise<T> {
  return (await base.get(resource, name)) ?? assert.fail(`there is no ${resource.kind} ${name}`)
}

function containerOf(spec: PodSpec | undefined, name: string): PodSpec['containers'][number] {
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  return all.find(each => each.name === name) ?? assert.fail(`there is no container ${name}`)
}
