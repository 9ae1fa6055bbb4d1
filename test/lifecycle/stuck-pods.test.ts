/** Pods that do not start or stop working: the cause is named, and the pod recovers when it is fixed. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { events as coreEvents, persistentVolumeClaims, pods, serviceAccounts } from '../../src/kube/resources.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import type { Ending } from './ending.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import { sidecarOf } from './specs.ts'

const MISSING = 'registry.example.com/does-not-exist:v1'
const WAITING: Ending = {
  phase: 'Pending',
  conditions: { Ready: 'WaitingForPod', Initialized: 'PlanPending', SidecarReady: 'WaitingForPod' },
}

/** RFC 3339, in whole seconds. */
function ago(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
}

suite('pods that are stuck', { concurrency: 12 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('failure mode 20: an image that cannot be pulled is named; correcting it replaces the pod that never was ready', async () => {
    const node = await fixture.create('bad-image', { ...GENESIS_SPEC, image: MISSING })
    await node.becomes({
      ...WAITING,
      conditions: { ...WAITING.conditions, Reconciling: 'ImagePullFailed' },
      says: { Reconciling: [MISSING, 'spec.image'] },
      events: ['PlanStarted', 'ImagePullFailed'],
    })
    await node.change({ image: GENESIS_SPEC.image })
    await becomesOnNewPod(node, { tasks: GENESIS_TASKS, events: ['PlanComplete'] })
  })

  test('failure mode 20: the same for the image of the sidecar', async () => {
    const node = await fixture.create('bad-sidecar', { ...GENESIS_SPEC, sidecar: { image: MISSING } })
    await node.becomes({
      ...WAITING,
      conditions: { ...WAITING.conditions, Reconciling: 'ImagePullFailed' },
      says: { Reconciling: [MISSING, 'spec.sidecar.image'] },
      events: ['PlanStarted', 'ImagePullFailed'],
    })
    await node.change({ sidecar: { image: 'ghcr.io/sei-protocol/seictl:v0.0.25' } })
    await becomesOnNewPod(node, { tasks: GENESIS_TASKS, events: ['PlanComplete'] })
  })

  test('failure mode 20: a running node whose image becomes a bad one is named, and rolled back by correcting it', async () => {
    const node = await fixture.running('rolled-back')
    await node.change({ image: MISSING })
    await node.becomes({
      phase: 'Initializing',
      conditions: { Ready: 'SidecarNotReady', SidecarReady: 'WaitingForPod', Reconciling: 'ImagePullFailed' },
      events: ['ImagePullFailed'],
      parts: { pod: 'new' },
    })
    await node.change({ image: GENESIS_SPEC.image })
    await becomesOnNewPod(node, { tasks: ['mark-ready'] })
  })

  test('a pod that fits on no machine is named, with the message of the scheduler; lower requests make it run', async () => {
    const resources = { requests: { cpu: '100000' } }
    const node = await fixture.create('too-large', { ...GENESIS_SPEC, resources })
    await node.becomes({
      ...WAITING,
      conditions: { ...WAITING.conditions, Reconciling: 'AwaitingCapacity' },
      says: { Reconciling: ['Insufficient cpu', 'spec.resources'] },
      events: ['PlanStarted'],
    })
    // A new machine would have come by now.
    const conditions = [{ type: 'PodScheduled', lastTransitionTime: ago(310) }]
    await fixture.base.client.patch(
      pods,
      node.pod,
      { status: { conditions } },
      { type: 'strategic', subresource: 'status' },
    )
    await node.becomes({
      ...WAITING,
      conditions: { ...WAITING.conditions, Reconciling: 'Unschedulable' },
      says: { Stalled: ['Insufficient cpu', 'spec.resources'] },
      events: ['Unschedulable'],
    })
    await node.change({ resources: null })
    await becomesOnNewPod(node, { tasks: GENESIS_TASKS, events: ['PlanComplete'] })
  })

  test('a prepared volume without its files: the init container that fails is named', async () => {
    const resources = { requests: { storage: '10Gi' } }
    const spec = { accessModes: ['ReadWriteOnce'], resources, storageClassName: 'gp3' }
    await fixture.place(persistentVolumeClaims, { metadata: fixture.base.key('unprepared'), spec })
    const node = await fixture.create('init-fails', {
      ...GENESIS_SPEC,
      chainId: 'devnet-7',
      genesis: { pvc: { dataPVC: 'unprepared' } },
    })
    await node.becomes({
      ...WAITING,
      conditions: { ...WAITING.conditions, Reconciling: 'InitFailed' },
      says: { Reconciling: ['container seid-init', 'no config/genesis.json on the data volume', 'kubectl logs'] },
      events: ['PlanStarted', 'InitFailed'],
      parts: { claim: 'same' },
    })
    node.forget()
  })

  test('seid that stops repeatedly is named', async () => {
    const node = await fixture.running('crashing')
    fixture.base.node.killSeid(node.pod, 2)
    await until('seid to be started again', () => {
      const status = fixture.view.pods.get(fixture.view.key('crashing-0'))?.status?.containerStatuses?.[0]
      return status?.restartCount === 1 && status.state?.running ? true : undefined
    })
    fixture.base.node.killSeid(node.pod, 2)
    await node.until('to be reported', ({ status }) =>
      Boolean(status?.conditions?.some(({ reason }) => reason === 'CrashLooping')),
    )
    // Back after the kubelet's 10 s.
    await node.becomes({ events: ['CrashLooping'] })
  })

  test('a sidecar that ends at once because of unknown flags is named', async () => {
    const node = await fixture.create('sidecar-crashes', sidecarOf('v0.0.99'))
    await node.becomes({
      ...WAITING,
      conditions: { ...WAITING.conditions, SidecarReady: 'CrashLooping', Reconciling: 'CrashLooping' },
      says: { SidecarReady: ['container sei-sidecar', 'kubectl logs'] },
      events: ['PlanStarted', 'CrashLooping'],
    })
    await node.change({ sidecar: { image: 'ghcr.io/sei-protocol/seictl:v0.0.25' } })
    await becomesOnNewPod(node, { tasks: GENESIS_TASKS, events: ['PlanComplete'] })
  })

  test('failure mode 44: seid that stays stopped beside a sidecar that is ready: the pod is replaced, once', async () => {
    const node = await fixture.running('stuck')
    const live = await fixture.base.client.get(pods, node.pod)
    const finishedAt = ago(600)
    const [status] = live?.status?.containerStatuses ?? []
    const terminated = { exitCode: 2, finishedAt, reason: 'Error' }
    const stopped = { ...status, ready: false, started: false, state: { terminated } }
    // As the kubelet of some releases leaves it after a restart of its own.
    const body = { status: { containerStatuses: [stopped] } }
    await fixture.base.client.patch(pods, node.pod, body, { type: 'merge', subresource: 'status' })
    await node.becomes({ tasks: ['mark-ready'], events: ['PodReplaced'], parts: { pod: 'new' } })
  })

  test('a pod that is scheduled and does not start is named after its deadline, with its last warning, and continues when it can', async () => {
    const mounted = Promise.withResolvers<undefined>()
    await using other = await NodesFixture.open({
      node: { runToCompletion: () => mounted.promise.then(() => ({ exitCode: 0 })) },
    })
    const node = await other.create('unmounted')
    const key = other.base.podKey('unmounted')
    const { metadata } = await until('the pod to be on a machine', async () => {
      const pod = await other.base.client.get(pods, key)
      return pod?.spec?.nodeName === undefined ? undefined : pod
    })
    const now = ago(0)
    await other.base.client.create(coreEvents, {
      metadata: { ...key, name: 'unmounted-0.1' },
      involvedObject: { kind: 'Pod', ...key, uid: metadata?.uid ?? '' },
      type: 'Warning',
      reason: 'FailedMount',
      message: 'MountVolume.SetUp failed: the disk is attached elsewhere',
      lastTimestamp: now,
    })
    const since = ago(240)
    const conditions = [{ type: 'PodScheduled', status: 'True', lastTransitionTime: since }]
    await other.base.client.patch(pods, key, { status: { conditions } }, { type: 'strategic', subresource: 'status' })
    await node.becomes({
      ...WAITING,
      conditions: { ...WAITING.conditions, VolumeHealthy: 'NotMounted', Reconciling: 'PodStuck' },
      says: {
        Reconciling: [
          `pod unmounted-0 has made no progress since ${since.replace('Z', '.000Z')}`,
          'FailedMount: MountVolume.SetUp failed: the disk is attached elsewhere',
        ],
      },
      events: ['PlanStarted', 'PodStuck'],
    })
    mounted.resolve(undefined)
    await node.becomes({ tasks: GENESIS_TASKS, events: ['PlanComplete'] })
  })

  test('a ServiceAccount that is missing is named; the node continues when it is there', async () => {
    await using other = await NodesFixture.open()
    await other.base.base.remove(serviceAccounts, 'seid-node')
    const node = await other.create('refused')
    await node.becomes({
      ...WAITING,
      conditions: { ...WAITING.conditions, VolumeHealthy: 'NotMounted', Reconciling: 'PodRefused' },
      says: { Reconciling: ['seid-node', 'kubectl describe statefulset'] },
      events: ['PlanStarted', 'PodRefused'],
      parts: { pod: 'gone' },
    })
    await other.base.client.create(serviceAccounts, { metadata: other.base.key('seid-node') })
    await node.becomes({ tasks: GENESIS_TASKS, events: ['PlanComplete'], parts: { pod: 'new' } })
  })

  /** Who deletes the pod of the old template, its StatefulSet or the operator, is for them to decide. */
  async function becomesOnNewPod(node: Awaited<ReturnType<NodesFixture['create']>>, ending: Ending): Promise<void> {
    const uid = node.uids.pod
    await node.until('to have another pod', () => {
      const pod = fixture.view.pods.get(fixture.view.key(`${node.name}-0`))
      return pod !== undefined && pod.metadata?.uid !== uid
    })
    // The pod with the old image may be observed once more, between the new template and its end.
    const maybe = ['PodReplaced', 'ImagePullFailed']
    await node.becomes({ ...ending, maybe, parts: { pod: 'new' } })
    assert.notEqual(node.uids.pod, uid)
  }
})
