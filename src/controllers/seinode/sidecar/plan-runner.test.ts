/** What a reconcile does with a plan, by what the sidecar answers. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { TaskPlan } from '../../../api/seinode-status.ts'
import { taskID } from '../../../plan/task-id.ts'
import type { TaskOutcome } from '../../../plan/task-plan.ts'
import type { TaskRequest, TaskResult } from '../../../sidecar/client.ts'
import { ERAS, failure, MemorySidecar } from '../testdata/memory-sidecar.ts'
import { NOW, PLAN_ID, planOf } from '../testdata/objects.ts'
import { PlanCursor, type PlanRun, type PlanRunInput, runPlan } from './plan-runner.ts'

const TASKS = ['config-apply', 'mark-ready']
const [oneAtATime, , , database] = ERAS

type Changes = Partial<PlanRunInput>

function sidecarOf(era: (typeof ERAS)[number] | undefined = database): MemorySidecar {
  return new MemorySidecar(eraOf(era))
}

function eraOf(era: (typeof ERAS)[number] | undefined): (typeof ERAS)[number] {
  assert.ok(era)
  return era
}

async function run(changes: Changes = {}): Promise<PlanRun> {
  return runPlan({
    plan: planOf(TASKS),
    sidecar: sidecarOf(),
    cursor: new PlanCursor(),
    requestFor: type => ({ type }),
    onRejected: (_type, error): TaskOutcome => ({ kind: 'rejected', error }),
    blockFor: () => Promise.resolve(undefined),
    noteFor: () => undefined,
    otherTaskIDs: [],
    now: () => NOW,
    signal: new AbortController().signal,
    ...changes,
  })
}

function noteFor({ type }: TaskResult, planned: string): string | undefined {
  return type === planned ? undefined : `${type} ran`
}

function statusesOf({ tasks }: TaskPlan): readonly string[] {
  return tasks.map(({ status }) => status)
}

/** A plan whose first task was accepted `ms` ago. */
function submitted(ms: number): PlanRunInput['plan'] {
  const plan = planOf(TASKS)
  const id = taskID(PLAN_ID, 'config-apply', 0, 1)
  const submittedAt = new Date(NOW - ms).toISOString()
  const first = { type: 'config-apply', status: 'Submitted' as const, taskID: id, attempt: 1, submittedAt }
  return { ...plan, tasks: plan.tasks.with(0, first) }
}

test('R8: tasks that complete at once are all done in one reconcile', async () => {
  const sidecar = sidecarOf()
  const { plan, wait } = await run({ sidecar })
  assert.deepEqual([plan.phase, wait, sidecar.executed], ['Complete', undefined, TASKS])
})

test('R8: one task at a time: the next waits for the one that runs', async () => {
  const sidecar = sidecarOf()
  sidecar.instant = false
  const { plan, wait } = await run({ sidecar })
  assert.deepEqual(statusesOf(plan), ['Submitted', 'Pending'])
  assert.deepEqual(wait, { kind: 'running', requeueAfterMs: 250 })
  assert.deepEqual(sidecar.executed, ['config-apply'])
})

test('a running task is polled after 250 ms, then after as long again as it has run, then every five seconds', async () => {
  const running: TaskResult = { id: 'x', type: 'config-apply', status: 'running' }
  const sidecar = sidecarOf()
  sidecar.task = () => Promise.resolve(running)
  const delays = []
  for (const ms of [0, 250, 1_000, 4_000, 3_600_000]) {
    const { wait } = await run({ sidecar, plan: submitted(ms) })
    delays.push(wait?.kind === 'running' && wait.requeueAfterMs)
  }
  assert.deepEqual(delays, [250, 250, 1_000, 4_000, 5_000])
})

test('R8: a failed task fails the plan with its error verbatim, and nothing is sent after it', async () => {
  const sidecar = sidecarOf()
  sidecar.failures.set('config-apply', 'unknown override key "x"')
  const { plan, wait } = await run({ sidecar })
  assert.deepEqual([plan.phase, plan.tasks[0]?.error, wait], ['Failed', 'unknown override key "x"', undefined])
  assert.deepEqual(sidecar.executed, ['config-apply'])
})

test('failure mode 6: no answer is no failure: the plan stays as it is', async () => {
  const sidecar = sidecarOf()
  sidecar.faults.push('refused')
  const { plan, wait } = await run({ sidecar })
  assert.deepEqual(plan, planOf(TASKS))
  assert.equal(wait?.kind, 'unreachable')
})

test('a sidecar that takes one task at a time is waited for', async () => {
  const sidecar = sidecarOf(oneAtATime)
  sidecar.instant = false
  await sidecar.submit({ id: 'other', type: 'result-export' })
  const { plan, wait } = await run({ sidecar })
  assert.deepEqual([plan.phase, wait?.kind, sidecar.executed], ['Active', 'busy', ['result-export']])
})

test('failure mode 2: a task that the sidecar lost is pending again, and sent after a pause', async () => {
  const sidecar = sidecarOf()
  const cursor = new PlanCursor()
  const lost = await run({ sidecar, cursor, plan: submitted(10) })
  assert.deepEqual([statusesOf(lost.plan), lost.wait?.kind], [['Pending', 'Pending'], 'forgotten'])
  assert.deepEqual(sidecar.executed, [])
  const requeue = await run({ sidecar, cursor, plan: { ...lost.plan, id: PLAN_ID } })
  assert.equal(requeue.plan.phase, 'Complete')
  assert.equal(requeue.plan.tasks[0]?.taskID, taskID(PLAN_ID, 'config-apply', 0, 1))
})

test('failure mode 6: a refusal for good is what the caller makes of it', async () => {
  const sidecar = sidecarOf()
  sidecar.submit = () =>
    Promise.reject(failure({ kind: 'rejected', sent: 'no', status: 400, detail: 'unknown task type: config-apply' }))
  const seen: string[] = []
  const { plan } = await run({
    sidecar,
    onRejected: (type, message) => {
      seen.push(`${type}: ${message}`)
      return { kind: 'rejected', error: message }
    },
  })
  assert.deepEqual(seen, ['config-apply: unknown task type: config-apply'])
  assert.equal(plan.tasks[0]?.error, 'unknown task type: config-apply')
})

suite('a sidecar that does not know config-apply', () => {
  class Ignorant extends MemorySidecar {
    readonly posted: TaskRequest[] = []

    override submit(request: TaskRequest): Promise<string> {
      this.posted.push(request)
      if (request.type !== 'config-apply') return super.submit(request)
      const detail = 'unknown task type: config-apply'
      return Promise.reject(failure({ kind: 'rejected', sent: 'no', status: 400, detail }))
    }
  }

  const ID = taskID(PLAN_ID, 'config-apply', 0, 1)
  const instead = { kind: 'instead', body: { type: 'config-patch', params: { of: 'it' } } } as const

  test('is sent another in its place, once, under the id of the first', async () => {
    const sidecar = new Ignorant(eraOf(database))
    const { plan } = await run({ sidecar, onRejected: () => instead, noteFor })
    assert.deepEqual([plan.phase, sidecar.executed], ['Complete', ['config-patch', 'mark-ready']])
    assert.deepEqual(sidecar.posted.slice(0, 2), [
      { id: ID, type: 'config-apply' },
      { id: ID, type: 'config-patch', params: { of: 'it' } },
    ])
    assert.deepEqual(
      plan.tasks.map(({ type, taskID: id, note }) => ({ type, isFirst: id === ID, note })),
      [
        { type: 'config-apply', isFirst: true, note: 'config-patch ran' },
        { type: 'mark-ready', isFirst: false, note: undefined },
      ],
    )
  })

  test('R8: is not sent the other again by an operator that died before it wrote what it had done', async () => {
    const sidecar = new Ignorant(eraOf(database))
    await run({ sidecar, onRejected: () => instead, noteFor })
    const { plan } = await run({ sidecar, onRejected: () => assert.fail('asked again'), noteFor })
    assert.deepEqual([plan.phase, sidecar.executed], ['Complete', ['config-patch', 'mark-ready']])
    assert.equal(plan.tasks[0]?.note, 'config-patch ran')
  })

  test('is sent nothing while what the other needs is not known, and the plan stays as it is', async () => {
    const sidecar = new Ignorant(eraOf(database))
    const cursor = new PlanCursor()
    const unresolved = { kind: 'unresolved', message: 'nobody tells' } as const
    const waiting = await run({ sidecar, cursor, onRejected: () => unresolved })
    assert.deepEqual(waiting, { plan: planOf(TASKS), wait: unresolved })
    assert.deepEqual(sidecar.executed, [])
    const { plan } = await run({ sidecar, cursor, onRejected: () => instead })
    assert.deepEqual([plan.phase, sidecar.executed], ['Complete', ['config-patch', 'mark-ready']])
  })

  test('fails the plan when it does not know the other either', async () => {
    const sidecar = new Ignorant(eraOf(database))
    const requeue = { kind: 'instead', body: { type: 'config-apply', params: {} } } as const
    const refusals: (typeof requeue | { kind: 'rejected'; error: string })[] = [
      requeue,
      { kind: 'rejected', error: 'no' },
    ]
    const { plan } = await run({ sidecar, onRejected: () => refusals.shift() ?? assert.fail('asked again') })
    assert.deepEqual([plan.phase, plan.tasks[0]?.error, sidecar.executed], ['Failed', 'no', []])
  })
})

test('failure mode 7: a task that this operator cannot build fails the plan and is never skipped', async () => {
  const sidecar = sidecarOf()
  const { plan } = await run({ sidecar, requestFor: type => ({ impossible: `this operator does not know ${type}` }) })
  assert.deepEqual([plan.phase, sidecar.executed], ['Failed', []])
  assert.match(plan.tasks[0]?.error ?? '', /does not know config-apply/)
})

test('a plan that is over asks the sidecar nothing', async () => {
  const sidecar = sidecarOf()
  sidecar.faults.push('refused')
  for (const phase of ['Complete', 'Failed'] as const) {
    const plan = { ...planOf(TASKS), phase }
    assert.deepEqual(await run({ sidecar, plan }), { plan })
  }
  assert.equal(sidecar.faults.length, 1)
})

test('an abort ends the reconcile, and is no trouble of the sidecar', async () => {
  const sidecar = sidecarOf()
  sidecar.task = () => Promise.reject(new Error('stopped'))
  await assert.rejects(run({ sidecar }), /stopped/)
})
