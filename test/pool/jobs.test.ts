/** What becomes of a pool whose Jobs fail, hang or vanish. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ContainerTask } from '../../testing/fakes/node/task-process.ts'
import type { ProcessExit } from '../../testing/fakes/node/container-process.ts'
import { seiNodePools, seiNodes } from '../../src/api/resources.ts'
import {
  jobs,
  networkPolicies,
  persistentVolumeClaims,
  pods,
  statefulSets,
  storageClasses,
} from '../../src/kube/resources.ts'
import { until } from '../support/until.ts'
import { PoolFixture, poolCondition } from './pool-fixture.ts'

/** How a container of a Job ends in its place, by the beginning of its pod's name and its own. */
const failures = new Map<string, ProcessExit>()

function failing(task: ContainerTask): ProcessExit | undefined {
  for (const [key, exit] of failures) {
    const [pod = '', container] = key.split('/')
    if (task.pod.startsWith(`${pod}-`) && task.container === container) return exit
  }
  return undefined
}

let fixture: PoolFixture
before(async () => {
  fixture = await PoolFixture.open({ node: { runToCompletion: failing } })
})
after(() => fixture[Symbol.asyncDispose]())

const RETRY = { metadata: { annotations: { 'sei.io/retry-plan': 'again' } } }

test('failure mode 27: a failed ceremony is reported with the step and the end of its log, and a retry continues it', async () => {
  failures.set('fails-genesis/ceremony', { exitCode: 65, message: 'seid init failed with status 1' })
  await fixture.create('fails', 1)
  const failed = await fixture.untilReason('fails', 'GenesisComplete', 'JobFailed')
  assert.match(
    failed.message,
    /Job fails-genesis failed at step ceremony, exit code 65: seid init failed with status 1\. Correct the cause, then set the annotation sei\.io\/retry-plan/,
  )
  const pool = await fixture.until('fails', 'Failed', ({ status }) => status?.phase === 'Failed')
  assert.equal(poolCondition(pool, 'Ready')?.reason, 'GenesisFailed')
  await fixture.untilEvent('fails', 'JobFailed')
  failures.delete('fails-genesis/ceremony')
  await fixture.patch('fails', RETRY)
  const ready = await fixture.untilReady('fails')
  assert.equal(ready.status?.retryHandled, 'again')
  await fixture.untilEvent('fails', 'Retried')
})

test('R2: a step that fails temporarily is retried by its Job, and nobody has to ask', async () => {
  failures.set('chance-genesis/publish', { exitCode: 1, message: 'the network file system hiccuped' })
  await fixture.create('chance', 1)
  await until('a pod of the Job to fail', async () => {
    const { items } = await fixture.client.list(pods, {
      namespace: fixture.base.namespace,
      labelSelector: 'sei.io/nodepool=chance',
    })
    return items.some(({ status }) => status?.phase === 'Failed') ? true : undefined
  })
  failures.delete('chance-genesis/publish')
  await fixture.untilReady('chance')
  assert.ok(!(await fixture.eventsOf('chance')).includes('JobFailed'))
})

test('failure mode 20: an image that cannot be pulled is named with its field, and a corrected one takes effect by itself', async () => {
  await fixture.create('image', 1, { nodeConfiguration: { nodeCount: 1, image: 'seid:does-not-exist' } })
  const stuck = await fixture.untilReason('image', 'GenesisComplete', 'JobStuck')
  assert.match(stuck.message, /seid:does-not-exist.*spec\.nodeConfiguration\.image/)
  await fixture.untilEvent('image', 'JobStuck')
  await fixture.patch('image', { spec: { nodeConfiguration: { image: 'sei-protocol/seid:v6.4.0' } } })
  await fixture.untilReady('image')
})

test('a parameter that does not exist in genesis.json is refused with its path, and nothing is published', async () => {
  await fixture.create('path', 1, { genesis: { params: { 'app_state.nonsense.period': '1s' } } })
  const failed = await fixture.untilReason('path', 'GenesisComplete', 'JobFailed')
  assert.match(failed.message, /step patch-genesis, exit code 65: .*app_state\.nonsense/)
  assert.equal(fixture.read('path-genesis-data', 'genesis/.complete'), undefined)
})

test('failure mode 27: a complete ceremony whose Job is deleted is not repeated', async () => {
  await fixture.create('deleted', 3, { chainId: 'deleted-1' })
  const { status } = await fixture.untilReady('deleted')
  const key = fixture.read('data-deleted-0', 'config/priv_validator_key.json')
  const names = ['deleted-genesis', 'deleted-prep-0', 'deleted-prep-1', 'deleted-prep-2']
  for (const name of names) await fixture.delete(jobs, name)
  for (const name of names) await fixture.untilGone(jobs, name)
  // An applied change shows that the pool was reconciled since.
  await fixture.patch('deleted', { spec: { nodeConfiguration: { resources: { requests: { cpu: '1' } } } } })
  const later = await fixture.untilReady('deleted')
  assert.deepEqual(later.status?.genesis, status?.genesis)
  assert.equal(await fixture.jobUID('deleted-genesis'), undefined)
  assert.equal(await fixture.jobUID('deleted-prep-0'), undefined)
  assert.equal(fixture.read('data-deleted-0', 'config/priv_validator_key.json'), key)
})

test('failure mode 27: a manually deleted node is recreated on its volume, with its signing state', async () => {
  await fixture.create('node', 1, { chainId: 'node-1' })
  await fixture.untilReady('node')
  const uid = await fixture.uidOf('data-node-0')
  const first = await fixture.seiNode('node-0')
  await fixture.delete(jobs, 'node-prep-0')
  await fixture.delete(seiNodes, 'node-0')
  await until('another SeiNode', async () => {
    const found = await fixture.base.get(seiNodes, 'node-0')
    return found && found.metadata.uid !== first.metadata.uid ? found : undefined
  })
  await fixture.untilReady('node')
  assert.equal(await fixture.uidOf('data-node-0'), uid)
  assert.ok(fixture.signedHeight('data-node-0') > 0, 'the validator forgot what it had signed')
})

test('failure mode 3: a report that was lost with its pod is read again from the volume, without another ceremony', async () => {
  await fixture.base.operator.kill()
  failures.set('report-prep-0/prep', { exitCode: 65, message: 'held back' })
  fixture.base.operator.start()
  await fixture.create('report', 1, { chainId: 'report-1' })
  await fixture.untilReason('report', 'NodesPrepared', 'OtherGenesis')
  const hash = (await fixture.pool('report'))?.status?.genesis?.hash
  await fixture.base.operator.kill()
  // As after a restore from a backup: without status and without the pod that had reported.
  const { items } = await fixture.client.list(pods, {
    namespace: fixture.base.namespace,
    labelSelector: 'sei.io/nodepool=report,sei.io/pool-job=genesis',
  })
  for (const { metadata } of items) await fixture.delete(pods, metadata?.name ?? '')
  await fixture.client.patch(
    seiNodePools,
    fixture.base.key('report'),
    { status: { genesis: null, nodes: null } },
    { type: 'merge', subresource: 'status' },
  )
  failures.delete('report-prep-0/prep')
  fixture.base.operator.start()
  await fixture.patch('report', RETRY)
  const { status } = await fixture.untilReady('report')
  assert.equal(status?.genesis?.hash, hash)
})

test('R2: a volume that cannot be prepared is named, the others are prepared, and a retry continues with it', async () => {
  failures.set('one-prep-1/prep', { exitCode: 65, message: 'the data volume holds another genesis than the pool’s' })
  await fixture.create('one', 3, { chainId: 'one-1' })
  const failed = await fixture.untilReason('one', 'NodesPrepared', 'OtherGenesis')
  await fixture.until('one', 'two volumes prepared', pool =>
    (poolCondition(pool, 'NodesPrepared')?.message ?? '').startsWith('2 of 3 volumes are prepared'),
  )
  assert.match(failed.message, /one-1: Job one-prep-1 failed at step prep, exit code 65: the data volume holds another/)
  assert.equal(await fixture.base.get(seiNodes, 'one-0'), undefined)
  failures.delete('one-prep-1/prep')
  await fixture.patch('one', RETRY)
  await fixture.untilReady('one')
})

test('failure mode 15: a replaced data volume of a validator is not filled before the user says so', async () => {
  await fixture.create('replaced', 1, { chainId: 'replaced-1' })
  await fixture.untilReady('replaced')
  await fixture.base.operator.kill()
  await fixture.delete(persistentVolumeClaims, 'data-replaced-0')
  // What uses a claim keeps it, a pod that is over too.
  await fixture.delete(jobs, 'replaced-prep-0')
  // No operator is there to let a validator's pod go.
  await fixture.client.patch(
    pods,
    fixture.base.podKey('replaced-0'),
    { metadata: { finalizers: null } },
    { type: 'merge' },
  )
  await fixture.delete(statefulSets, 'replaced-0')
  await fixture.untilGone(persistentVolumeClaims, 'data-replaced-0')
  fixture.base.operator.start()
  const replaced = await fixture.untilReason('replaced', 'NodesPrepared', 'VolumeReplaced')
  assert.match(
    replaced.message,
    /PersistentVolumeClaim data-replaced-0 of replaced-0 \(uid .*\) is gone.*The signing state of a validator is lost/,
  )
  await fixture.untilEvent('replaced', 'VolumeReplaced')
  assert.equal(await fixture.uidOf('data-replaced-0'), undefined)
  // A retry says nothing of volumes.
  await fixture.patch('replaced', RETRY)
  await fixture.until('replaced', 'the retry to be dealt with', ({ status }) => status?.retryHandled === 'again')
  assert.equal(await fixture.uidOf('data-replaced-0'), undefined)
  const [lost] = /lost:[0-9a-f-]{36}/.exec(replaced.message) ?? []
  await fixture.patch('replaced', { metadata: { annotations: { 'sei.io/accept-volume': lost } } })
  await fixture.untilReady('replaced')
  assert.ok(fixture.read('data-replaced-0', 'config/priv_validator_key.json') !== undefined)
})

test('failure mode 15: a validator’s claim that is being deleted is reported while its pod still uses it', async () => {
  await fixture.create('leaving', 1, { chainId: 'leaving-1' })
  await fixture.untilReady('leaving')
  await fixture.delete(persistentVolumeClaims, 'data-leaving-0')
  const leaving = await fixture.untilReason('leaving', 'NodesPrepared', 'VolumeLeaving')
  assert.match(
    leaving.message,
    /data-leaving-0 is being deleted and will be removed, with its data, when pod leaving-0-0 stops\. Before that, save data\/priv_validator_state\.json and the key of validator leaving-0, and set the reclaim policy of PersistentVolume pvc-/,
  )
  await fixture.untilEvent('leaving', 'VolumeLeaving')
  // Healthy nodes are still reconciled.
  await fixture.delete(networkPolicies, 'leaving')
  await until('the policy to be there again', async () => fixture.base.get(networkPolicies, 'leaving'))
})

test('R2: a missing StorageClass is named, and the pool continues when it exists', async () => {
  const name = `late-${fixture.base.namespace}`
  await fixture.create('class', 1, { storage: { storageClassName: name } })
  const missing = await fixture.untilReason('class', 'SpecValid', 'StorageClassNotFound')
  assert.match(
    missing.message,
    new RegExp(`StorageClass ${name} \\(spec\\.storage\\.storageClassName\\) does not exist`),
  )
  const model = await fixture.client.get(storageClasses, { name: 'gp3' })
  assert.ok(model)
  const { provisioner, reclaimPolicy, volumeBindingMode } = model
  const created = await fixture.client.create(storageClasses, {
    metadata: { name },
    provisioner,
    ...(reclaimPolicy === undefined ? {} : { reclaimPolicy }),
    ...(volumeBindingMode === undefined ? {} : { volumeBindingMode }),
  })
  await fixture.untilReady('class')
  await fixture.client.delete(storageClasses, { name }, { uid: created.metadata?.uid ?? '' })
})
