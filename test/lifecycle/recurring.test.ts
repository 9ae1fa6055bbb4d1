/** Periodic work of a running node: slots that come due, runs that fail, runs that never end. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { isRecord } from '../../src/sidecar/task-result.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import type { LivingNode, SpecInput } from './living-node.ts'
import { comesDue, moveSlot } from './slots.ts'
import { failing, PEER_A, sidecarOf, UPDATE } from './specs.ts'

const BUCKET = { bucket: 'snapshots', prefix: 'arctic-1', region: 'us-east-2' }
/** So that nothing comes due but what a scenario makes due. */
const YEARLY = '@yearly'
const GENERATION = { keepRecent: 2, schedule: YEARLY, destination: { s3: BUCKET } }
const WAITING = { conditions: { RuntimeTasksHealthy: 'Waiting' } } as const
const HEALTHY = { conditions: { RuntimeTasksHealthy: 'Healthy' } } as const
const UNKNOWN = {
  conditions: { RuntimeTasksHealthy: 'ResultUnknown' },
  says: { RuntimeTasksHealthy: ['do not say whether uploads succeed', 'every 8760h0m0s', `schedule "${YEARLY}"`] },
} as const

function uploading(release: string): SpecInput {
  return sidecarOf(release, { snapshotGeneration: GENERATION })
}

suite('periodic work', { concurrency: 10 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('R12: a slot that comes due is one upload, with its result and the next slot in status', async () => {
    const node = await ready('uploads', uploading('v0.0.25'))
    const initial = node.object?.status?.recurringTasks?.[0]
    assert.equal(initial?.schedule, YEARLY)
    assert.ok(Date.parse(initial.nextScheduleTime ?? '') > Date.now())
    const slot = await comesDue(fixture.base, node)
    const { status } = await node.becomes({
      ...HEALTHY,
      tasks: ['snapshot-upload'],
      events: ['RecurringTaskSucceeded'],
    })
    const [task] = status?.recurringTasks ?? []
    assert.equal(task?.lastResult?.status, 'Complete')
    assert.equal(task.lastScheduleTime, slot)
    assert.equal(task.nextScheduleTime, initial.nextScheduleTime)
    await comesDue(fixture.base, node)
    await node.becomes({ ...HEALTHY, tasks: ['snapshot-upload'] })
  })

  test('failure mode 12: the parameters have location and region, and no schedule that the sidecar could lose', async () => {
    const node = await ready('sent', uploading('v0.0.16'))
    await comesDue(fixture.base, node)
    await node.becomes({ ...HEALTHY, tasks: ['snapshot-upload'], events: ['RecurringTaskSucceeded'] })
    const { requests } = fixture.base.node.sidecarOf(node.pod)
    const [body] = requests.flatMap(request => (isRecord(request.body) ? [request.body] : [])).slice(-1)
    assert.deepEqual(Object.keys(body ?? {}).toSorted(), ['id', 'params', 'type'])
    assert.deepEqual(body?.['params'], { ...BUCKET, prefix: 'arctic-1/' })
  })

  test('failure mode 13: a run that fails is in RuntimeTasksHealthy and in an event, until one succeeds', async () => {
    const denied = 'snapshot-upload: s3 PutObject: AccessDenied'
    fixture.behave('fails', { tasks: failing('snapshot-upload', 2, denied) })
    const node = await ready('fails', uploading('v0.0.25'))
    const failingNow = {
      conditions: { RuntimeTasksHealthy: 'Failing' },
      says: { RuntimeTasksHealthy: [denied] },
    } as const
    await comesDue(fixture.base, node)
    await node.becomes({ ...failingNow, tasks: ['snapshot-upload'], events: ['RecurringTaskFailed'] })
    await comesDue(fixture.base, node)
    await until('the second run to be over', () => (runs(node) === 2 ? true : undefined))
    await node.becomes({ ...failingNow, tasks: ['snapshot-upload'] })
    await comesDue(fixture.base, node)
    await node.becomes({ ...HEALTHY, tasks: ['snapshot-upload'], events: ['RecurringTaskSucceeded'] })
  })

  for (const release of ['v0.0.26', 'v0.0.40', 'v0.0.61']) {
    test(`failure mode 12: ${release}, whose upload never ends: further slots start no other, a restart neither`, async () => {
      const node = await ready(`endless-${release.replaceAll('.', '-')}`, uploading(release))
      await comesDue(fixture.base, node)
      await node.becomes({ ...UNKNOWN, tasks: ['snapshot-upload'] })
      const running = node.object?.status?.recurringTasks?.[0]
      assert.equal(running?.lastResult?.status, 'Running')
      await comesDue(fixture.base, node)
      await node.until('to have passed the slot over', ({ status }) => {
        const next = status?.recurringTasks?.[0]?.nextScheduleTime ?? ''
        return Date.parse(next) > Date.now()
      })
      await node.becomes(UNKNOWN)
      await fixture.base.node.restartSidecar(node.pod)
      // The sidecar continues it.
      await node.becomes({ ...UNKNOWN, tasks: ['snapshot-upload', 'mark-ready'] })
      await comesDue(fixture.base, node)
      await node.becomes(UNKNOWN)
      assert.equal(node.object?.status?.recurringTasks?.[0]?.taskID, running.taskID)
    })
  }

  test('failure mode 16: a running upload neither delays a change of configuration nor runs twice', async () => {
    const { promise: block, resolve: unblock } = Promise.withResolvers()
    fixture.behave('beside', { tasks: type => (type === 'snapshot-upload' ? { block } : undefined) })
    const node = await ready('beside', uploading('v0.0.25'))
    await comesDue(fixture.base, node)
    await node.becomes({ ...UNKNOWN, tasks: ['snapshot-upload'] })
    fixture.behave('beside', {})
    await node.change({ overrides: { 'evm.max_trace_lookback_blocks': '8555' } })
    // The restart breaks the upload off; the sidecar repeats it.
    await node.becomes({
      ...HEALTHY,
      tasks: ['config-apply', 'config-validate', 'snapshot-upload', 'mark-ready'],
      events: ['UpdateStarted', 'ConfigUpdated', 'RecurringTaskSucceeded'],
      parts: { pod: 'new' },
    })
    unblock(undefined)
  })

  test("R13: a replayer's empty resultExport exports to the platform's bucket", async () => {
    const node = await fixture.create('exports', {
      ...GENESIS_SPEC,
      replayer: {
        peers: [{ static: { addresses: [PEER_A] } }],
        snapshot: { stateSync: {} },
        resultExport: { schedule: YEARLY },
      },
    })
    const tasks = [
      'configure-genesis',
      'config-apply',
      'discover-peers',
      'configure-state-sync',
      'config-validate',
      'mark-ready',
    ]
    await node.becomes({ ...WAITING, tasks, events: ['PlanStarted', 'PlanComplete'] })
    await comesDue(fixture.base, node)
    await node.becomes({ ...HEALTHY, tasks: ['result-export'], events: ['RecurringTaskSucceeded'] })
    assert.deepEqual(node.executions.at(-1)?.params, {
      bucket: 'sei-node-mvp',
      prefix: 'shadow-results/arctic-1/',
      region: 'us-east-2',
    })
  })

  test('removing snapshotGeneration ends the periodic work, and adding it starts it', async () => {
    const node = await fixture.running('added')
    await node.change({ snapshotGeneration: GENERATION })
    await node.becomes({ ...WAITING, tasks: UPDATE, events: ['UpdateStarted', 'ConfigUpdated'], parts: { pod: 'new' } })
    await comesDue(fixture.base, node)
    await node.becomes({ ...HEALTHY, tasks: ['snapshot-upload'], events: ['RecurringTaskSucceeded'] })
    await node.change({ snapshotGeneration: null })
    await node.becomes({ tasks: UPDATE, events: ['UpdateStarted', 'ConfigUpdated'], parts: { pod: 'new' } })
    assert.equal(node.object?.status?.recurringTasks, undefined)
  })

  test('a schedule that changes moves the next slot, and restarts the pod only where the interval is another', async () => {
    const node = await ready('moved', uploading('v0.0.25'))
    const next = (): string | undefined => node.object?.status?.recurringTasks?.[0]?.nextScheduleTime
    const moveTo = async (schedule: string): Promise<void> => {
      const last = next()
      await node.change({ snapshotGeneration: { schedule } })
      await node.until('the next slot to move', ({ status }) => status?.recurringTasks?.[0]?.schedule === schedule)
      assert.notEqual(next(), last)
    }
    await moveTo('0 5 1 6 *')
    await node.becomes(WAITING)
    await moveTo('@monthly')
    await node.becomes({ ...WAITING, tasks: ['mark-ready'], parts: { pod: 'new' } })
  })

  test('a slot that comes due while the sidecar is down runs once, when it is up again', async () => {
    const node = await ready('away', uploading('v0.0.25'))
    await fixture.base.node.partition(node.pod, true)
    await moveSlot(fixture.base, node)
    await fixture.base.node.partition(node.pod, false)
    await node.becomes({ ...HEALTHY, tasks: ['snapshot-upload'], events: ['RecurringTaskSucceeded'] })
  })

  async function ready(name: string, spec: SpecInput): Promise<LivingNode> {
    const node = await fixture.create(name, spec)
    await node.becomes({ ...WAITING, tasks: GENESIS_TASKS, events: ['PlanStarted', 'PlanComplete'] })
    return node
  }
})

function runs({ executions }: LivingNode): number {
  return executions.filter(({ type }) => type === 'snapshot-upload').length
}
