/** Which plan a change of configuration makes, and what is known of the volume through all that can interrupt it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeiNodeStatus, TaskPlan } from '../api/seinode-status.ts'
import type { SeiNode, SeiNodeSpec } from '../api/seinode.ts'
import { advance, type TaskOutcome } from './task-plan.ts'
import { currentUpdatePlan, podConfigRevision, removedKeys, type UpdateContext, updatedConfig } from './update-plan.ts'

const NOW = '2026-05-01T12:00:00.000Z'
const FIRST = '6fa459ea-ee8a-4ca4-894e-db77e160355e'
const SECOND = '7fa459ea-ee8a-4ca4-894e-db77e160355e'
const initPlan: TaskPlan = { id: FIRST, phase: 'Complete', volumeUID: 'volume', configHash: 'a', tasks: [] }
const bootstrapped: SeiNodeStatus = { initPlan, appliedConfig: { hash: 'a', overrideKeys: ['chain.moniker'] } }

function node(status: SeiNodeStatus, spec: Partial<SeiNodeSpec> = {}, retry?: string): SeiNode {
  const annotations = retry === undefined ? {} : { annotations: { 'sei.io/retry-plan': retry } }
  return { metadata: { name: 'n', ...annotations }, spec: { chainId: 'pacific-1', image: 'seid:v1', ...spec }, status }
}

function current(
  object: SeiNode,
  hash: string,
  mayBeInFlight = false,
  more: Partial<UpdateContext> = {},
): ReturnType<typeof currentUpdatePlan> {
  const config = { hash, overrideKeys: [] }
  const context = {
    volumeUID: 'volume',
    config,
    mayBeInFlight,
    resetsStateSync: false,
    podCreatedAt: undefined,
    ...more,
  }
  return currentUpdatePlan(object, context, () => SECOND)
}

/** The plan of a change to `hash`, after `outcomes`. */
function planAfter(status: SeiNodeStatus, hash: string, ...outcomes: readonly TaskOutcome[]): TaskPlan {
  const { plan } = current(node(status), hash)
  assert.ok(plan)
  return outcomes.reduce<TaskPlan>((before, outcome) => advance(before, outcome, NOW), plan)
}

function applied(hash: string, ...overrideKeys: string[]): TaskOutcome {
  return { kind: 'accepted', taskID: 'sent', config: { hash, overrideKeys } }
}

const completed: TaskOutcome = { kind: 'completed' }
const failed: TaskOutcome = { kind: 'failed', error: 'bad value' }
const validation: TaskOutcome = { kind: 'accepted', taskID: 'validation' }

test('a node whose configuration is the one that its spec asks for has no plan', () => {
  assert.deepEqual(current(node(bootstrapped), 'a'), { plan: undefined, change: 'none' })
})

test('a changed configuration creates an update plan, with discover-peers if there are peers', () => {
  const { plan, change } = current(node(bootstrapped), 'b')
  assert.equal(change, 'created')
  assert.deepEqual(
    plan?.tasks.map(task => task.type),
    ['config-apply', 'config-validate'],
  )
  const peers = [{ static: { addresses: [`${'a'.repeat(40)}@host:26656`] } }]
  assert.equal(current(node(bootstrapped, { peers }), 'b').plan?.tasks[1]?.type, 'discover-peers')
})

test('peers of the user override what would be discovered, so nothing is', () => {
  const peers = [{ static: { addresses: [`${'a'.repeat(40)}@host:26656`] } }]
  const overrides = { 'network.p2p.persistent_peers': 'mine' }
  assert.equal(current(node(bootstrapped, { peers, overrides }), 'b').plan?.tasks[1]?.type, 'config-validate')
})

test('a plan that failed waits for the annotation, or for another change of the spec', () => {
  const updatePlan = planAfter(bootstrapped, 'b', applied('b', 'evm.bad'), completed, validation, failed)
  const status = { ...bootstrapped, updatePlan }
  assert.equal(current(node(status), 'b').change, 'none')
  assert.equal(current(node(status, {}, 'again'), 'b').change, 'retried')
  assert.equal(current(node(status), 'c').change, 'created')
})

test('keys that an unfinished plan has written are known to the plan that takes its place', () => {
  const updatePlan = planAfter(
    bootstrapped,
    'b',
    applied('b', 'chain.moniker', 'evm.bad'),
    completed,
    validation,
    failed,
  )
  const next = current(node({ ...bootstrapped, updatePlan }), 'c').plan
  assert.ok(next)
  assert.deepEqual(removedKeys({ ...bootstrapped, updatePlan: next }, ['chain.moniker']), ['evm.bad'])
})

test('a plan that is complete knows exactly the keys that it set', () => {
  const done = planAfter(bootstrapped, 'b', applied('b', 'evm.good'), completed, validation, completed)
  assert.deepEqual(updatedConfig(done), { hash: 'b', overrideKeys: ['evm.good'] })
})

test('a task that may be in flight is let finish before another plan takes its place', () => {
  const submitted = planAfter(bootstrapped, 'b', applied('b', 'evm.good'))
  const status = { ...bootstrapped, updatePlan: submitted }
  assert.deepEqual(current(node(status), 'c'), { plan: submitted, change: 'none' })
  const unknown = { ...bootstrapped, updatePlan: planAfter(bootstrapped, 'b') }
  assert.equal(current(node(unknown), 'c', true).change, 'none')
  assert.equal(current(node(unknown), 'c', false).change, 'created')
})

test('a change of configuration restarts the pod once, and its undoing gives the former template back', () => {
  assert.equal(podConfigRevision(bootstrapped, 'a'), undefined)
  assert.equal(podConfigRevision(bootstrapped, 'b'), 'b')
  assert.equal(podConfigRevision({ ...bootstrapped, appliedConfig: { hash: 'b', overrideKeys: [] } }, 'b'), 'b')
  assert.equal(podConfigRevision({ ...bootstrapped, appliedConfig: { hash: 'b', overrideKeys: [] } }, 'a'), undefined)
  const updatePlan = planAfter(bootstrapped, 'b')
  assert.equal(podConfigRevision({ ...bootstrapped, updatePlan }, 'b'), 'b')
})

test('undoing a change that was half applied restarts the pod: seid may have read it meanwhile', () => {
  const half = planAfter(bootstrapped, 'b', applied('b', 'evm.bad'), completed, validation, failed)
  const open = planAfter({ ...bootstrapped, updatePlan: half }, 'a')
  const undoing = [applied('a'), completed, validation, completed].reduce<TaskPlan>(
    (before, outcome) => advance(before, outcome, NOW),
    open,
  )
  const during = podConfigRevision({ ...bootstrapped, updatePlan: open }, 'a')
  assert.notEqual(during, undefined)
  assert.equal(
    podConfigRevision({ ...bootstrapped, updatePlan: undoing, appliedConfig: updatedConfig(undoing) }, 'a'),
    during,
    'one restart: the template is the same before and after',
  )
  assert.equal(updatedConfig(undoing).hash, 'a')
})

test('a failed plan resumes in a pod that was created later', () => {
  const updatePlan = planAfter(bootstrapped, 'b', applied('b'), completed, validation, failed)
  const status = { ...bootstrapped, updatePlan }
  assert.equal(current(node(status), 'b', false, { podCreatedAt: '2026-05-01T11:59:00Z' }).change, 'none')
  const { plan, change } = current(node(status), 'b', false, { podCreatedAt: '2026-05-01T12:01:00Z' })
  assert.equal(change, 'retried')
  assert.deepEqual([plan?.phase, plan?.tasks[1]?.status, plan?.tasks[1]?.attempt], ['Active', 'Pending', 2])
})

function typesOf(plan: TaskPlan | undefined): readonly string[] | undefined {
  return plan?.tasks.map(({ type }) => type)
}

test('a full rewrite before the node has synced configures state sync again, in a plan without submitted tasks', () => {
  const { plan } = current(node(bootstrapped), 'b', false, { resetsStateSync: true })
  assert.deepEqual(typesOf(plan), ['config-apply', 'configure-state-sync', 'config-validate'])
  const waiting = { ...bootstrapped, updatePlan: planAfter(bootstrapped, 'b') }
  const made = current(node(waiting), 'b', false, { resetsStateSync: true })
  assert.deepEqual([made.change, typesOf(made.plan)?.[1]], ['created', 'configure-state-sync'])
})
