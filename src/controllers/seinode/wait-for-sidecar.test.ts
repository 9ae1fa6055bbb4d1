/** How long each kind of waiting takes, and what it says of the sidecar. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PlanWait } from './plan-runner.ts'
import type { RunningSidecar } from '../shared/pod-state.ts'
import { waitForSidecar } from './wait-for-sidecar.ts'

const NOW = Date.UTC(2026, 4, 1)
const state: RunningSidecar = {
  kind: 'running',
  podIP: '10.0.0.1',
  containerID: 'containerd://1',
  started: true,
  startedAt: NOW - 60_000,
}
const message = 'why'

const rows: readonly (readonly [wait: PlanWait, expected: ReturnType<typeof waitForSidecar>])[] = [
  [
    { kind: 'running', requeueAfterMs: 250 },
    { sidecar: { kind: 'bootstrapping' }, again: { requeueAfterMs: 250 } },
  ],
  [
    { kind: 'held', message },
    { sidecar: { kind: 'bootstrapping', hold: message }, again: { backoffMaxMs: 30_000 } },
  ],
  [
    { kind: 'forgotten', message },
    { sidecar: { kind: 'bootstrapping' }, again: { backoffMaxMs: 5_000 } },
  ],
  [
    { kind: 'busy', message },
    { sidecar: { kind: 'busy', message }, again: { backoffMaxMs: 5_000 } },
  ],
  [
    { kind: 'unreachable', message },
    { sidecar: { kind: 'unreachable', message }, again: { backoffMaxMs: 5_000 } },
  ],
  [
    { kind: 'unresolved', message },
    { sidecar: { kind: 'bootstrapping' }, again: { backoffMaxMs: 30_000 }, peersUnresolved: message },
  ],
]

for (const [wait, expected] of rows) {
  test(`a plan that waits because of ${wait.kind} says so and is looked at again`, () => {
    assert.deepEqual(waitForSidecar(wait, state, NOW), expected)
  })
}

test('a sidecar that does not answer within five seconds of its start is not called unreachable', () => {
  const kinds = [4_999, 5_000].map(
    ms => waitForSidecar({ kind: 'unreachable', message }, { ...state, startedAt: NOW - ms }, NOW).sidecar.kind,
  )
  assert.deepEqual(kinds, ['starting', 'unreachable'])
})

test('delays begin anew after a round that completed a task', () => {
  for (const kind of ['busy', 'unreachable', 'forgotten'] as const) {
    assert.deepEqual(waitForSidecar({ kind, message }, state, NOW, true).again, { requeueAfterMs: 250 })
  }
})
