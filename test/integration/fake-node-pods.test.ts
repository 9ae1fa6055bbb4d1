/** Jobs, placement and deletion on the fake node, beside the real controllers. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import { jobs, persistentVolumeClaims, pods, statefulSets } from '../../src/kube/resources.ts'
import { Stage, containerOf, gatedPod, onSeiNodes } from '../support/fake-node-fixture.ts'

let stage: Stage

before(async () => {
  stage = await Stage.open({
    taskMs: 5,
    crashBackoff: { initialMs: 50, maxMs: 100 },
    runToCompletion: ({ container, env }) => {
      if (container === 'fails') return { exitCode: Number(env['CODE']), message: 'as told' }
      if (container === 'hangs') return new Promise(() => {})
      return undefined
    },
  })
})

after(() => stage.close())

function job(name: string, container: string, changes: { command?: string[]; claim?: string } = {}): Promise<Job> {
  const { command = ['true'], claim } = changes
  const mounts = claim === undefined ? [] : [{ name: 'data', mountPath: '/data' }]
  return stage.client.create(jobs, {
    metadata: stage.key(name),
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          ...onSeiNodes(),
          restartPolicy: 'Never',
          containers: [
            { name: container, image: 'seid', command, env: [{ name: 'CODE', value: '3' }], volumeMounts: mounts },
          ],
          volumes: claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  })
}

test('a Job completes', async () => {
  await job('succeeds', 'any')
  const done = await stage.until('Complete', jobs, 'succeeds', ({ status }) => status?.succeeded === 1)
  assert.equal(done.status?.conditions?.find(({ type }) => type === 'Complete')?.status, 'True')
})

test('a Job whose container ends with another code than 0 fails, and its pod tells the code', async () => {
  await job('broken', 'fails')
  await stage.until('Failed', jobs, 'broken', ({ status }) => status?.failed === 1)
  const { items } = await stage.client.list(pods, { namespace: stage.namespace, labelSelector: 'job-name=broken' })
  const exit = items[0]?.status?.containerStatuses?.[0]?.state?.terminated
  assert.deepEqual([items[0]?.status?.phase, exit?.exitCode, exit?.message], ['Failed', 3, 'as told'])
})

test('a Job that runs seid init leaves a seid home on its volume', async () => {
  await stage.claim('prepared')
  await job('prepare', 'init', {
    command: ['seid', 'init', 'm', '--chain-id', 'devnet-1', '--home', '/data'],
    claim: 'prepared',
  })
  await stage.until('Complete', jobs, 'prepare', ({ status }) => status?.succeeded === 1)
  assert.match(stage.node.homeOf(stage.key('prepared')).read('config/genesis.json') ?? '', /devnet-1/)
})

test('a Job deleted while it runs takes its pod along', async () => {
  await job('endless', 'hangs')
  const selector = { namespace: stage.namespace, labelSelector: 'job-name=endless' }
  await stage.until('one active pod', jobs, 'endless', ({ status }) => status?.active === 1)
  const { items } = await stage.client.list(pods, selector)
  await stage.remove(jobs, 'endless')
  await stage.gone(jobs, 'endless')
  await stage.gone(pods, items[0]?.metadata?.name ?? '')
})

test('a pod without the toleration and the affinity lands on the general Node', async () => {
  await stage.claim('lost')
  const { tolerations: _, affinity: __, ...spec } = gatedPod('lost')
  await stage.pod('lost', spec)
  const pod = await stage.until('a Node', pods, 'lost', ({ spec: placed }) => placed?.nodeName !== undefined)
  assert.equal(pod.spec?.nodeName, stage.node.nodeNames.general)
})

test('a deleted pod ends, and the StatefulSet makes another with the same volume and a new address', async () => {
  const claim = await stage.claim('data-again')
  await stage.statefulSet('again')
  const first = await stage.until('an address', pods, 'again-0', pod => pod.status?.podIP !== undefined)
  await stage.remove(pods, 'again-0')
  const second = await stage.until(
    'another pod with an address',
    pods,
    'again-0',
    pod => pod.metadata?.uid !== first.metadata?.uid && pod.status?.podIP !== undefined,
  )
  assert.notEqual(second.status?.podIP, first.status?.podIP)
  const now = await stage.client.get(persistentVolumeClaims, stage.key('data-again'))
  assert.equal(now?.metadata?.uid, claim.metadata?.uid)
})

test('a StatefulSet that is deleted takes its pod along, and nothing listens at its address any more', async () => {
  await stage.claim('data-end')
  await stage.statefulSet('end')
  const pod = await stage.until('a sidecar', pods, 'end-0', ({ status }) => status?.podIP !== undefined)
  assert.equal(containerOf(pod, 'sei-sidecar')?.started, false)
  await stage.remove(statefulSets, 'end')
  await stage.gone(pods, 'end-0')
  await assert.rejects(stage.submit(pod, 'mark-ready'), (error: Error) => /ECONNREFUSED/.test(String(error.cause)))
})
