/** Jobs, placement and deletion on the fake node, beside the real controllers. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import { jobs, persistentVolumeClaims, pods, statefulSets } from '../../src/kube/resources.ts'
import { FakeNodeFixture, containerOf, gatedPod, onSeiNodes } from '../support/fake-node-fixture.ts'

let fixture: FakeNodeFixture

before(async () => {
  fixture = await FakeNodeFixture.open({
    taskMs: 5,
    crashBackoff: { initialMs: 50, maxMs: 100 },
    runToCompletion: ({ container, env }) => {
      if (container === 'fails') return { exitCode: Number(env['CODE']), message: 'as told' }
      if (container === 'hangs') return new Promise(() => {})
      return undefined
    },
  })
})

after(() => fixture.close())

function job(name: string, container: string, changes: { command?: string[]; claim?: string } = {}): Promise<Job> {
  const { command = ['true'], claim } = changes
  const mounts = claim === undefined ? [] : [{ name: 'data', mountPath: '/data' }]
  return fixture.client.create(jobs, {
    metadata: fixture.key(name),
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
  const done = await fixture.until('Complete', jobs, 'succeeds', ({ status }) => status?.succeeded === 1)
  assert.equal(done.status?.conditions?.find(({ type }) => type === 'Complete')?.status, 'True')
})

test('a Job whose container ends with another code than 0 fails, and its pod tells the code', async () => {
  await job('broken', 'fails')
  await fixture.until('Failed', jobs, 'broken', ({ status }) => status?.failed === 1)
  const { items } = await fixture.client.list(pods, { namespace: fixture.namespace, labelSelector: 'job-name=broken' })
  const exit = items[0]?.status?.containerStatuses?.[0]?.state?.terminated
  assert.deepEqual([items[0]?.status?.phase, exit?.exitCode, exit?.message], ['Failed', 3, 'as told'])
})

test('a Job that runs seid init leaves a seid home on its volume', async () => {
  await fixture.claim('prepared')
  await job('prepare', 'init', {
    command: ['seid', 'init', 'm', '--chain-id', 'devnet-1', '--home', '/data'],
    claim: 'prepared',
  })
  await fixture.until('Complete', jobs, 'prepare', ({ status }) => status?.succeeded === 1)
  assert.match(fixture.node.homeOf(fixture.key('prepared')).read('config/genesis.json') ?? '', /devnet-1/)
})

test('a Job deleted while it runs takes its pod along', async () => {
  await job('endless', 'hangs')
  const selector = { namespace: fixture.namespace, labelSelector: 'job-name=endless' }
  await fixture.until('one active pod', jobs, 'endless', ({ status }) => status?.active === 1)
  const { items } = await fixture.client.list(pods, selector)
  await fixture.remove(jobs, 'endless')
  await fixture.gone(jobs, 'endless')
  await fixture.gone(pods, items[0]?.metadata?.name ?? '')
})

test('a pod without the toleration and the affinity lands on the general Node', async () => {
  await fixture.claim('lost')
  const { tolerations: _, affinity: __, ...spec } = gatedPod('lost')
  await fixture.pod('lost', spec)
  const pod = await fixture.until('a Node', pods, 'lost', ({ spec: placed }) => placed?.nodeName !== undefined)
  assert.equal(pod.spec?.nodeName, fixture.node.nodeNames.general)
})

test('a deleted pod ends, and the StatefulSet makes another with the same volume and a new address', async () => {
  const claim = await fixture.claim('data-again')
  await fixture.statefulSet('again')
  const first = await fixture.until('an address', pods, 'again-0', pod => pod.status?.podIP !== undefined)
  await fixture.remove(pods, 'again-0')
  const second = await fixture.until(
    'another pod with an address',
    pods,
    'again-0',
    pod => pod.metadata?.uid !== first.metadata?.uid && pod.status?.podIP !== undefined,
  )
  assert.notEqual(second.status?.podIP, first.status?.podIP)
  const now = await fixture.client.get(persistentVolumeClaims, fixture.key('data-again'))
  assert.equal(now?.metadata?.uid, claim.metadata?.uid)
})

test('a StatefulSet that is deleted takes its pod along, and nothing listens at its address any more', async () => {
  await fixture.claim('data-end')
  await fixture.statefulSet('end')
  const pod = await fixture.until('a sidecar', pods, 'end-0', ({ status }) => status?.podIP !== undefined)
  assert.equal(containerOf(pod, 'sei-sidecar')?.started, false)
  await fixture.remove(statefulSets, 'end')
  await fixture.gone(pods, 'end-0')
  await assert.rejects(fixture.submit(pod, 'mark-ready'), (error: Error) => /ECONNREFUSED/.test(String(error.cause)))
})
