/** The plan's state machine, by table and by property. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { TaskPlan } from '../api/seinode-status.ts'
import {
  advance,
  completedCount,
  currentTask,
  failedTask,
  failureText,
  newPlan,
  retryPlan,
  type TaskOutcome,
} from './task-plan.ts'

const NOW = '2026-05-01T12:00:00.000Z'
const accepted: TaskOutcome = { kind: 'accepted', taskID: 'id-1' }

function planOf(...types: string[]): TaskPlan {
  return newPlan(types, 'volume-1')
}

function run(plan: TaskPlan, ...outcomes: readonly TaskOutcome[]): TaskPlan {
  return outcomes.reduce((before, outcome) => advance(before, outcome, NOW), plan)
}

test('R8: a new plan begins with its first task, and remembers the volume', () => {
  const plan = planOf('config-apply', 'mark-ready')
  assert.deepEqual(plan, {
    phase: 'Active',
    volumeUID: 'volume-1',
    tasks: [
      { type: 'config-apply', status: 'Pending' },
      { type: 'mark-ready', status: 'Pending' },
    ],
  })
  assert.equal(currentTask(plan)?.task.type, 'config-apply')
})

test('R8: the next task becomes current when the one before completes, and the plan completes with its last', () => {
  const half = run(planOf('config-apply', 'mark-ready'), accepted, { kind: 'completed' })
  assert.equal(currentTask(half)?.task.type, 'mark-ready')
  const whole = run(half, accepted, { kind: 'completed' })
  assert.equal(whole.phase, 'Complete')
  assert.equal(currentTask(whole), undefined)
})

test('R8: one failed task fails the whole plan at once, with the error of the sidecar', () => {
  const plan = run(planOf('config-apply', 'mark-ready'), accepted, {
    kind: 'failed',
    error: 'unknown override key "x"',
  })
  assert.equal(plan.phase, 'Failed')
  assert.equal(failedTask(plan)?.error, 'unknown override key "x"')
  assert.equal(plan.tasks[1]?.status, 'Pending')
  assert.deepEqual(run(plan, accepted, { kind: 'completed' }), plan)
})

test('a task that the sidecar refuses fails the plan without ever having been submitted', () => {
  const plan = run(planOf('mark-ready'), { kind: 'rejected', error: 'unknown task type: mark-ready' })
  assert.equal(plan.phase, 'Failed')
  assert.equal(plan.tasks[0]?.taskID, undefined)
})

test('a task that the sidecar lost is submitted again as the same attempt, and earlier tasks are not', () => {
  const plan = run(planOf('config-apply', 'mark-ready'), accepted, { kind: 'completed' }, accepted, {
    kind: 'forgotten',
  })
  assert.deepEqual(
    plan.tasks.map(task => [task.status, task.attempt]),
    [
      ['Complete', 1],
      ['Pending', 1],
    ],
  )
})

test('a task that failed because the sidecar was asked to stop is retried under another id', () => {
  const plan = run(planOf('snapshot-restore'), accepted, { kind: 'failed', error: 'downloading: context canceled' })
  assert.equal(plan.phase, 'Active')
  assert.deepEqual([plan.tasks[0]?.status, plan.tasks[0]?.attempt], ['Pending', 2])
})

test('a retry resumes at the failed task as another attempt and repeats nothing before it', () => {
  const failed = run(
    planOf('config-apply', 'config-validate', 'mark-ready'),
    accepted,
    { kind: 'completed' },
    accepted,
    {
      kind: 'failed',
      error: 'bad',
    },
  )
  const retried = retryPlan(failed, 'please')
  assert.equal(retried.phase, 'Active')
  assert.equal(retried.retryHandled, 'please')
  assert.deepEqual(
    retried.tasks.map(task => [task.status, task.attempt, task.error]),
    [
      ['Complete', 1, undefined],
      ['Pending', 2, undefined],
      ['Pending', undefined, undefined],
    ],
  )
})

test('a retry that was handled already does nothing, however often it is seen', () => {
  const failed = run(planOf('mark-ready'), { kind: 'rejected', error: 'bad' })
  const again = run(retryPlan(failed, 'one'), { kind: 'rejected', error: 'bad' })
  assert.equal(retryPlan(again, 'one'), again)
  assert.equal(retryPlan(again, 'two').phase, 'Active')
})

const outcome: fc.Arbitrary<TaskOutcome> = fc.oneof(
  fc.record({ kind: fc.constant('accepted' as const), taskID: fc.uuid() }),
  fc.constant({ kind: 'completed' as const }),
  fc.constant({ kind: 'forgotten' as const }),
  fc.record({ kind: fc.constantFrom('failed' as const, 'rejected' as const), error: fc.string() }),
)

test('R8: whatever the sidecar says, the tasks complete in order, one at a time, and never become incomplete', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.array(outcome, { maxLength: 40 }), (size, outcomes) => {
      let plan = planOf(...Array.from({ length: size }, (_, i) => `task-${i}`))
      for (const each of outcomes) {
        const next = advance(plan, each, NOW)
        const done = completedCount(next)
        assert.ok(done === completedCount(plan) || done === completedCount(plan) + 1)
        assert.ok(next.tasks.slice(0, done).every(task => task.status === 'Complete'))
        assert.ok(next.tasks.filter(task => task.status === 'Submitted').length <= 1)
        assert.ok(next.tasks.slice(done + 1).every(task => task.status === 'Pending'))
        assert.equal(next.phase === 'Complete', done === size)
        assert.equal(next.phase === 'Failed', failedTask(next) !== undefined)
        plan = next
      }
    }),
  )
})

test('a repeated failure has another occurrence than the one before', () => {
  const failed = { type: 'config-apply', status: 'Failed', error: 'no space left' } as const
  assert.equal(failureText({ ...failed, attempt: 1 }), 'task config-apply failed: no space left')
  assert.equal(failureText({ ...failed, attempt: 2 }), 'task config-apply failed at attempt 2: no space left')
})
