/** What the environment of the operator changes in a node's objects. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { persistentVolumeClaims, statefulSets } from '../../src/kube/resources.ts'
import { GENESIS_SPEC, OperatorStage } from '../support/operator-stage.ts'
import { until } from '../support/until.ts'

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

test('R14: every variable reaches the objects of a node', async () => {
  await using stage = await OperatorStage.open({ operator: { env: ENVIRONMENT } })
  await stage.create('full')
  await stage.create('archive', { ...GENESIS_SPEC, mode: 'archive' })
  await stage.create('seed', { ...GENESIS_SPEC, mode: 'seed' })

  const found = await Promise.all(
    ['full', 'archive', 'seed'].map(async name => {
      const what = `the objects of ${name}`
      const claim = await until(what, () => stage.get(persistentVolumeClaims, `data-${name}`))
      const pod = (await until(what, () => stage.get(statefulSets, name))).spec?.template.spec
      return {
        volume: [claim.spec?.storageClassName, claim.spec?.resources?.requests?.['storage']],
        requests: pod?.containers[0]?.resources?.requests,
        pod,
      }
    }),
  )
  assert.deepEqual(
    found.map(({ volume }) => volume),
    [
      ['fast', '11Gi'],
      ['fast', '22Gi'],
      ['slow', '11Gi'],
    ],
  )
  assert.deepEqual(
    found.map(({ requests }) => requests),
    [
      { cpu: '1', memory: '2Gi' },
      { cpu: '3', memory: '4Gi' },
      { cpu: '1', memory: '2Gi' },
    ],
  )
  for (const { pod } of found) {
    const terms = pod?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
    assert.deepEqual(terms, [
      { matchExpressions: [{ key: 'karpenter.sh/nodepool', operator: 'In', values: ['blue'] }] },
    ])
    assert.deepEqual(pod?.tolerations, [
      { key: 'example.com/kind', operator: 'Equal', value: 'chain', effect: 'NoSchedule' },
    ])
    assert.equal(pod.serviceAccountName, 'runner')
    assert.equal(pod.initContainers?.[1]?.image, 'registry.example/seictl:v0.0.25')
  }
})

test('R14: one message names every wrong variable, and nothing is started', async () => {
  const env = { ...ENVIRONMENT, SEI_NODEPOOL_NAME: 'a b', SEI_STORAGE_SIZE_DEFAULT: 'much' }
  await using stage = await OperatorStage.open({ operator: { env }, started: false })
  stage.operator.start()
  await stage.operator.exited
  const lines = stage.operator.log.trim().split('\n')
  assert.equal(lines.filter(line => line.includes('wrong environment variables')).length, 1, stage.operator.log)
  assert.match(
    stage.operator.log,
    /SEI_NODEPOOL_NAME must be .*found "a b".*SEI_STORAGE_SIZE_DEFAULT must be .*found "much"/,
  )
})
