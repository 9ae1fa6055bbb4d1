/** Uploads that succeed, are refused, and are no longer in the spec: the sidecar follows the spec, and status reports it. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { MemoryObjects, S3Failure } from '../../testing/fakes/sidecar/index.ts'
import type { ObjectPlace, ObjectStore } from '../../testing/fakes/sidecar/world.ts'
import { createSidecarDialer } from '../../src/sidecar/http-client.ts'
import type { TaskResult } from '../../src/sidecar/client.ts'
import { pods } from '../../src/kube/resources.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import type { LivingNode, SpecInput } from './living-node.ts'
import { comesDue } from './slots.ts'
import { PEER_A, sidecarOf, UPDATE } from './specs.ts'

const BUCKET = { bucket: 'uploads', prefix: 'up', region: 'us-east-2' }
const GENERATION = { keepRecent: 2, schedule: '@yearly', destination: { s3: BUCKET } }
const WAITING = { conditions: { RuntimeTasksHealthy: 'Waiting' } } as const
const UNKNOWN = { conditions: { RuntimeTasksHealthy: 'ResultUnknown' } } as const
const HEALTHY = { conditions: { RuntimeTasksHealthy: 'Healthy' } } as const
const LOOPS = ['v0.0.27', 'v0.0.40', 'v0.0.61']
const BOOTSTRAPPED = { tasks: GENESIS_TASKS, events: ['PlanStarted', 'PlanComplete'] } as const

/** S3 that takes note of what is written, by bucket. */
class Buckets implements ObjectStore {
  readonly written: string[] = []
  readonly #objects = new MemoryObjects()
  readonly #denies: boolean

  constructor({ denies = false } = {}) {
    this.#denies = denies
  }

  get(place: ObjectPlace): ReturnType<ObjectStore['get']> {
    return this.#objects.get(place)
  }

  list(place: ObjectPlace): ReturnType<ObjectStore['list']> {
    return this.#objects.list(place)
  }

  put(place: ObjectPlace, body: string): void {
    if (this.#denies) throw new S3Failure('AccessDenied')
    this.written.push(`${place.bucket}/${place.key}`)
    this.#objects.put(place, body)
  }
}

suite('uploads', { concurrency: 10 }, () => {
  let fixture: NodesFixture
  const dial = createSidecarDialer()

  before(async () => {
    fixture = await NodesFixture.open({ node: { defaultProfile: 'latest' } })
  })
  after(async () => {
    dial.close()
    await fixture[Symbol.asyncDispose]()
  })

  test('v0.0.70: each slot is one upload, and the condition says what it did', async () => {
    const { node, buckets } = await uploading('once', 'v0.0.70')
    makeSnapshots(node, 100, 200, 300)
    await comesDue(fixture.base, node)
    await node.becomes({
      ...HEALTHY,
      says: { RuntimeTasksHealthy: ['uploaded the snapshot of height 200 to arctic-1/state-sync/200.tar.gz'] },
      tasks: ['snapshot-upload-once'],
      events: ['RecurringTaskSucceeded'],
    })
    assert.deepEqual(buckets.written, [
      'uploads/arctic-1/state-sync/200.tar.gz',
      'uploads/arctic-1/state-sync/latest.txt',
    ])
    await comesDue(fixture.base, node)
    await node.becomes({
      ...HEALTHY,
      says: { RuntimeTasksHealthy: ['there was nothing to upload'] },
      tasks: ['snapshot-upload-once'],
    })
  })

  test('failure mode 13: v0.0.70: an upload that S3 refuses is in RuntimeTasksHealthy with its reason, and in an event', async () => {
    const { node } = await uploading('denied', 'v0.0.70', new Buckets({ denies: true }))
    makeSnapshots(node, 100, 200, 300)
    await comesDue(fixture.base, node)
    await node.becomes({
      conditions: { RuntimeTasksHealthy: 'Failing' },
      says: { RuntimeTasksHealthy: ['snapshot-upload failed: ', 'AccessDenied'] },
      tasks: ['snapshot-upload-once'],
      events: ['RecurringTaskFailed'],
    })
  })

  test('failure mode 13: v0.0.40: an upload that S3 refuses is not reported as a success', async () => {
    const { node } = await uploading('denied-unseen', 'v0.0.40', new Buckets({ denies: true }))
    makeSnapshots(node, 100, 200, 300)
    await comesDue(fixture.base, node)
    await node.becomes({
      ...UNKNOWN,
      says: { RuntimeTasksHealthy: ['do not say whether uploads succeed'] },
      tasks: ['snapshot-upload'],
    })
  })

  for (const release of LOOPS) {
    test(`${release}: an upload that is no longer wanted is ended before the pod changes, and writes nowhere after it`, async () => {
      const { node, buckets } = await uploading(`off-${release.replaceAll('.', '-')}`, release)
      await comesDue(fixture.base, node)
      await node.becomes({ ...UNKNOWN, tasks: ['snapshot-upload'] })
      makeSnapshots(node, 100, 200, 300)
      await node.change({ snapshotGeneration: { destination: null } })
      // The new sidecar takes up nothing.
      await node.becomes({ tasks: ['mark-ready'], parts: { pod: 'new' } })
      assert.deepEqual(await underWay(node), [])
      assert.deepEqual(buckets.written, [])
      assert.equal(node.object?.status?.recurringTasks, undefined)
    })
  }

  test('v0.0.70: an upload in progress that is no longer wanted is cancelled', async () => {
    const { promise: block } = Promise.withResolvers()
    const tasks = (type: string) => (type === 'snapshot-upload-once' ? { block } : undefined)
    fixture.behave('cancelled', { tasks })
    const node = await ready('cancelled', sidecarOf('v0.0.70', { snapshotGeneration: GENERATION }))
    await comesDue(fixture.base, node)
    await node.becomes({ ...WAITING, tasks: ['snapshot-upload-once'] })
    await node.change({ snapshotGeneration: null })
    await node.becomes({ tasks: UPDATE, events: ['UpdateStarted', 'ConfigUpdated'], parts: { pod: 'new' } })
    assert.deepEqual(await underWay(node), [])
  })

  test('an export that is no longer wanted is cancelled without a restart', async () => {
    const { promise: block } = Promise.withResolvers()
    fixture.behave('exports', { tasks: type => (type === 'result-export' ? { block } : undefined) })
    const replayer = {
      peers: [{ static: { addresses: [PEER_A] } }],
      snapshot: { stateSync: {} },
      resultExport: { schedule: '@yearly' },
    }
    const node = await fixture.create('exports', { ...sidecarOf('v0.0.70'), replayer })
    const tasks = ['configure-genesis', 'config-apply', 'configure-state-sync', 'config-validate', 'mark-ready']
    await node.becomes({ ...WAITING, tasks, events: ['PlanStarted', 'PlanComplete'] })
    await comesDue(fixture.base, node)
    await node.becomes({ ...WAITING, tasks: ['result-export'] })
    await node.change({ replayer: { resultExport: null } })
    await node.becomes({})
    assert.deepEqual(await underWay(node), [])
  })

  for (const release of ['v0.0.40', 'v0.0.70']) {
    test(`${release}: a kept volume whose next node wants no uploads: what its sidecar resumes is ended, and writes nowhere`, async () => {
      const name = `kept-${release.replaceAll('.', '-')}`
      const storage = { retainOnDelete: true }
      // A loop of v0.0.40, which v0.0.70 would take up again, too.
      const { node, buckets } = await uploading(name, 'v0.0.40', new Buckets(), { storage })
      await comesDue(fixture.base, node)
      await node.becomes({ ...UNKNOWN, tasks: ['snapshot-upload'] })
      makeSnapshots(node, 100, 200, 300)
      await node.remove()
      await node.isGone({ parts: { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' } })
      const next = await fixture.create(name, sidecarOf(release, { storage }))
      await next.becomes({
        tasks: ['snapshot-upload', 'config-apply', 'config-validate', 'mark-ready'],
        events: ['VolumeAdopted', 'PlanComplete'],
        parts: { claim: 'same' },
      })
      assert.deepEqual(await underWay(next), [])
      assert.deepEqual(buckets.written, [])
    })
  }

  test('a loop that an earlier release began is replaced by single uploads when the sidecar becomes a newer one', async () => {
    const { node } = await uploading('renewed', 'v0.0.40')
    await comesDue(fixture.base, node)
    await node.becomes({ ...UNKNOWN, tasks: ['snapshot-upload'] })
    await node.change({ sidecar: { image: 'ghcr.io/sei-protocol/seictl:v0.0.70' } })
    await node.becomes({
      ...HEALTHY,
      tasks: ['snapshot-upload', 'mark-ready', 'snapshot-upload-once'],
      events: ['RecurringTaskSucceeded'],
      parts: { pod: 'new' },
    })
    assert.deepEqual(await underWay(node), [])
  })

  test('an upload that someone else started is not ended', async () => {
    const node = await fixture.running('by-hand', sidecarOf('v0.0.40'))
    const client = await clientOf(node)
    const id = crypto.randomUUID()
    await client.submit({ id, type: 'snapshot-upload' })
    await node.change({ image: 'sei-protocol/seid:v6.5.0' })
    await node.becomes({ tasks: ['snapshot-upload', 'snapshot-upload', 'mark-ready'], parts: { pod: 'new' } })
    assert.deepEqual(await underWay(node), [id])
  })

  async function uploading(
    name: string,
    release: string,
    buckets = new Buckets(),
    spec: Partial<SpecInput> = {},
  ): Promise<{ readonly node: LivingNode; readonly buckets: Buckets }> {
    fixture.behave(name, { world: { objects: buckets } })
    const node = await ready(name, sidecarOf(release, { ...GENESIS_SPEC, ...spec, snapshotGeneration: GENERATION }))
    return { node, buckets }
  }

  async function ready(name: string, spec: SpecInput): Promise<LivingNode> {
    const node = await fixture.create(name, spec)
    await node.becomes({ ...WAITING, ...BOOTSTRAPPED })
    return node
  }

  function makeSnapshots({ name }: LivingNode, ...heights: readonly number[]): void {
    for (const height of heights) fixture.homeOf(`data-${name}`)?.write(`data/snapshots/${height}/1/0`, 'chunk')
  }

  async function clientOf({ pod }: LivingNode): Promise<ReturnType<typeof dial>> {
    const { podIP = '' } = (await fixture.base.client.get(pods, pod))?.status ?? {}
    return dial({ host: podIP, port: 7777 })
  }

  /** Ids of the tasks that the node's sidecar runs. */
  async function underWay(node: LivingNode): Promise<readonly string[]> {
    const listed: readonly TaskResult[] = await (await clientOf(node)).tasks()
    return listed.flatMap(({ id, status }) => (status === 'running' ? [id] : []))
  }
})
