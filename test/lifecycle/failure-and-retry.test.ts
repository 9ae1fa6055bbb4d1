/** Failed tasks: the plan stops at once, reports the reason, and a retry resumes it. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { seiNodes } from '../../src/api/resources.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { postedTasks } from '../support/posted-tasks.ts'
import { FAILED } from './ending.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import { answering, failing, losingAnswers, PEER_A, RESTORE_TASKS, restoreSpec, UPDATE_WITH_PEERS } from './specs.ts'

const NO_SNAPSHOT = 'snapshot-restore: reading latest.txt: NoSuchKey: NoSuchKey'

suite('failed tasks', { concurrency: 8 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test("failure modes 4 and 14: R8: a bootstrap task fails: the plan is Failed at once, with the task's own error", async () => {
    fixture.behave('fails', { tasks: type => (type === 'snapshot-restore' ? { fail: NO_SNAPSHOT } : undefined) })
    const node = await fixture.create('fails', restoreSpec())
    const { status } = await node.becomes({
      phase: 'Failed',
      base: FAILED,
      tasks: ['snapshot-restore'],
      events: ['PlanStarted', 'TaskFailed'],
      says: {
        Initialized: [`task snapshot-restore failed: ${NO_SNAPSHOT}`, 'sei.io/retry-plan'],
        Ready: [NO_SNAPSHOT],
      },
    })
    assert.deepEqual(
      status?.initPlan?.tasks.map(task => task.status),
      ['Failed', 'Pending', 'Pending', 'Pending', 'Pending', 'Pending', 'Pending'],
    )
    assert.equal(status.initPlan.tasks[0]?.error, NO_SNAPSHOT)
  })

  test('failure modes 4 and 5: R8: a retry resumes at the failed task, and earlier ones are not repeated', async () => {
    fixture.behave('retried', { tasks: failing('config-validate', 1) })
    const node = await fixture.create('retried')
    await node.becomes({
      phase: 'Failed',
      base: FAILED,
      tasks: ['configure-genesis', 'config-apply', 'config-validate'],
      events: ['PlanStarted', 'TaskFailed'],
    })
    await node.retry('now')
    const { status } = await node.becomes({
      tasks: ['config-validate', 'mark-ready'],
      events: ['PlanRetried', 'PlanComplete'],
    })
    assert.deepEqual(
      status?.initPlan?.tasks.map(task => task.attempt),
      [1, 1, 2, 1],
    )
  })

  test('a retry that fails again fails the plan again, and the same value of the annotation retries no more', async () => {
    fixture.behave('twice', { tasks: failing('config-apply', 2) })
    const node = await fixture.create('twice')
    const failed = { phase: 'Failed', base: FAILED } as const
    await node.becomes({
      ...failed,
      tasks: ['configure-genesis', 'config-apply'],
      events: ['PlanStarted', 'TaskFailed'],
    })
    await node.retry('one')
    await node.becomes({ ...failed, tasks: ['config-apply'], events: ['PlanRetried', 'TaskFailed'] })
    await node.retry('one')
    await fixture.base.patch('twice', { metadata: { labels: { touched: 'yes' } } })
    await node.becomes({ ...failed })
    await node.retry('two')
    await node.becomes({ tasks: GENESIS_TASKS.slice(1), events: ['PlanRetried', 'PlanComplete'] })
  })

  test('a retry of a corrected location sends the corrected parameters', async () => {
    const missing = {
      tasks: (type: string, { bucket }: Readonly<Record<string, unknown>>) =>
        type === 'snapshot-restore' && bucket === 'wrong' ? { fail: NO_SNAPSHOT } : undefined,
    }
    fixture.behave('corrected', missing)
    const node = await fixture.create('corrected', restoreSpec({ uri: 's3://wrong/arctic-1/' }))
    await node.becomes({
      phase: 'Failed',
      base: FAILED,
      tasks: ['snapshot-restore'],
      events: ['PlanStarted', 'TaskFailed'],
    })
    await node.change({ snapshot: { s3: { uri: 's3://snapshots/arctic-1/' } } })
    // Sidecars from v0.0.27 on read the bucket from their environment: another pod.
    await node.becomes({ phase: 'Failed', base: FAILED, parts: { pod: 'new' } })
    await node.retry('corrected')
    await node.becomes({ tasks: RESTORE_TASKS, events: ['PlanRetried', 'PlanComplete'] })
    const sent = postedTasks(fixture.base.node.sidecarOf(node.pod)).find(([type]) => type === 'snapshot-restore')
    assert.deepEqual(sent?.[1], { bucket: 'snapshots', prefix: 'arctic-1/', region: 'us-east-2', chainId: 'arctic-1' })
  })

  test('a retry of corrected overrides sends the corrected overrides', async () => {
    const node = await fixture.create('overridden', { ...GENESIS_SPEC, overrides: { 'storage.pruning': 'sometimes' } })
    await node.becomes({
      phase: 'Failed',
      base: FAILED,
      tasks: ['configure-genesis', 'config-apply'],
      events: ['PlanStarted', 'TaskFailed'],
      says: { Initialized: ['task config-apply failed', 'storage.pruning'] },
    })
    await node.change({ overrides: { 'storage.pruning': 'nothing' } })
    await node.becomes({ phase: 'Failed', base: FAILED })
    await node.retry('corrected')
    await node.becomes({ tasks: GENESIS_TASKS.slice(1), events: ['PlanRetried', 'PlanComplete'] })
    const home = fixture.base.node.homeOf(fixture.base.key('data-overridden'))
    assert.match(home.read('config/app.toml') ?? '', /^pruning = "nothing"$/m)
  })

  test('peers that are added to a failed node are in the plan of the retry', async () => {
    fixture.behave('reshaped', { tasks: failing('config-validate', 1) })
    const node = await fixture.create('reshaped')
    await node.becomes({
      phase: 'Failed',
      base: FAILED,
      tasks: ['configure-genesis', 'config-apply', 'config-validate'],
      events: ['PlanStarted', 'TaskFailed'],
    })
    // The next pod's sidecar would restart its count of runs.
    fixture.behave('reshaped', {})
    await node.change({ peers: [{ static: { addresses: [PEER_A] } }] })
    await node.becomes({ phase: 'Failed', base: FAILED })
    // The update may reach the pod that follows, whose sidecar counts its own attempts.
    fixture.behave('reshaped', {})
    await node.retry('with-peers')
    // config-apply, which carries static peers too, was complete before: an update brings them to the configuration.
    await node.becomes({
      tasks: ['discover-peers', 'config-validate', 'mark-ready', ...UPDATE_WITH_PEERS],
      events: ['PlanRetried', 'PlanComplete', 'UpdateStarted', 'ConfigUpdated'],
      parts: { pod: 'new' },
    })
    const home = fixture.base.node.homeOf(fixture.base.key('data-reshaped'))
    assert.match(home.read('config/config.toml') ?? '', new RegExp(`persistent-peers = ["']${PEER_A}["']`))
  })

  test('failure mode 22: a retry of a healthy node changes nothing', async () => {
    const node = await fixture.running('healthy')
    await node.retry('needless')
    await node.until('the annotation to be handled', ({ metadata }) => metadata.annotations !== undefined)
    await node.becomes({})
  })

  test('failure mode 6: a task that the sidecar refuses permanently (400) fails the plan, unsent', async () => {
    const body = { error: 'unknown task type: config-validate' }
    fixture.behave('refused', { faults: answering('config-validate', Infinity, 400, body) })
    const node = await fixture.create('refused')
    await node.becomes({
      phase: 'Failed',
      base: FAILED,
      tasks: ['configure-genesis', 'config-apply'],
      events: ['PlanStarted', 'TaskFailed'],
      says: { Initialized: ['task config-validate failed: unknown task type: config-validate'] },
    })
  })

  for (const [name, status, error] of [
    ['server-error', 500, 'internal error'],
    ['busy', 409, 'a task is already running'],
    ['disk', 400, 'persist task: database is locked'],
  ] as const) {
    test(`failure mode 6: answers ${status} (${error}) only delay the plan`, async () => {
      fixture.behave(name, { faults: answering('config-apply', 3, status, { error }) })
      await fixture.running(name)
    })
  }

  test('failure mode 3: a submission whose answer is lost is not sent twice', async () => {
    fixture.behave('lost', { faults: losingAnswers() })
    await fixture.running('lost')
  })

  test('failure mode 7: a task of a stored plan that is unknown here fails it; a retry runs the tasks of the spec', async () => {
    const node = await fixture.create('unknown', { ...GENESIS_SPEC, paused: true })
    await node.until('to be seen as paused', ({ status }) => status?.phase !== undefined)
    const tasks = ['configure-genesis', 'reset-universe', 'mark-ready'].map(type => ({ type, status: 'Pending' }))
    const status = { initPlan: { phase: 'Active', tasks } }
    const { client } = fixture.base
    await client.patch(seiNodes, fixture.base.key('unknown'), { status }, { type: 'merge', subresource: 'status' })
    await node.until('to carry the plan', seen => seen.status?.initPlan !== undefined)
    await node.change({ paused: false })
    await node.becomes({
      phase: 'Failed',
      base: FAILED,
      tasks: ['configure-genesis'],
      events: ['PlanTakenOver', 'TaskFailed'],
      says: { Initialized: ['this operator does not know task reset-universe'] },
    })
    await node.retry('with-known-tasks')
    await node.becomes({ tasks: GENESIS_TASKS.slice(1), events: ['PlanRetried', 'PlanComplete'] })
  })
})
