/** A configuration that the sidecar is too old to read is rewritten once, and only then. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TaskPlan } from '../api/seinode-status.ts'
import { isRewrite, rewritePlan } from './newer-config.ts'

const REFUSED =
  'config validation failed: [{"severity":"ERROR","field":"version","message":"config version 2 is newer than supported version 1"}]'

function failed(error: string, type = 'config-apply', more: Partial<TaskPlan> = {}): TaskPlan {
  const tasks = [
    { type, status: 'Failed', taskID: 'one', attempt: 1, submittedAt: 'a', completedAt: 'b', error } as const,
  ]
  return { phase: 'Failed', tasks, ...more }
}

test('the failed config-apply is sent once more, under another id, as a full rewrite', () => {
  assert.deepEqual(rewritePlan(failed(REFUSED), 'start-1'), {
    phase: 'Active',
    unreadableFor: 'start-1',
    tasks: [{ type: 'config-apply', status: 'Pending', taskID: 'one', attempt: 2 }],
  })
})

for (const [title, plan] of [
  ['another error', failed('config validation failed: [{"severity":"ERROR","field":"storage","message":"x"}]')],
  ['another task', failed(REFUSED, 'config-validate')],
  ['a rewrite that fails, too', failed(REFUSED, 'config-apply', { unreadableFor: 'start-1' })],
  ['a plan that goes on', failed(REFUSED, 'config-apply', { phase: 'Active' })],
] as const) {
  test(`${title} makes no rewrite`, () => assert.equal(rewritePlan(plan, 'start-1'), undefined))
}

test('after a restart the sidecar gets the incremental apply first, and may refuse it again', () => {
  const plan = failed(REFUSED, 'config-apply', { unreadableFor: 'start-1' })
  assert.equal(isRewrite(plan, 'start-2'), false)
  assert.equal(rewritePlan(plan, 'start-2')?.unreadableFor, 'start-2')
})
