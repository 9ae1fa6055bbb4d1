/** What conditions mean for a person. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '../../api/status.ts'
import { findings, fullMessage, readinessOf, readyCell } from './readiness.ts'

function condition(type: string, status: Condition['status'], reason: string, message = `${type} says`): Condition {
  return { type, status, reason, message, lastTransitionTime: '2026-11-27T12:00:00Z' }
}

const FINE = [condition('Stalled', 'False', 'NotStalled'), condition('Paused', 'False', 'NotPaused')]

test('a node is Ready, not Ready, stalled or not observed', () => {
  const cases: readonly (readonly [conditions: readonly Condition[] | undefined, cell: unknown])[] = [
    [undefined, { text: 'Unknown (not observed)', style: 'warn' }],
    [[condition('Ready', 'True', 'Ready'), ...FINE], { text: 'True', style: 'good' }],
    [[condition('Ready', 'False', 'Initializing'), ...FINE], { text: 'False (Initializing)', style: 'warn' }],
    [[condition('Ready', 'Unknown', 'Paused'), ...FINE], { text: 'Unknown (Paused)', style: 'warn' }],
    [
      [condition('Ready', 'False', 'PlanFailed'), condition('Stalled', 'True', 'BootstrapFailed')],
      { text: 'Stalled (BootstrapFailed)', style: 'bad' },
    ],
  ]
  for (const [conditions, cell] of cases) assert.deepEqual(readyCell(readinessOf(conditions)), cell)
})

test('what is wrong comes first: Stalled, then its causes, then Ready, which sums them up', () => {
  const found = findings('node', [
    condition('Ready', 'False', 'PlanFailed'),
    condition('SpecValid', 'True', 'Valid'),
    condition('VolumeSpace', 'Unknown', 'NotObserved'),
    condition('Initialized', 'False', 'TaskFailed'),
    condition('Reconciling', 'False', 'BootstrapFailed'),
    condition('Stalled', 'True', 'BootstrapFailed'),
  ])
  assert.deepEqual(
    found.map(({ condition: { type }, weight }) => `${type} ${weight}`),
    ['Stalled wrong', 'Initialized wrong', 'Ready wrong', 'VolumeSpace note', 'SpecValid fine', 'Reconciling fine'],
  )
  assert.match(found[1]?.whatToDo ?? '', /sei\.io\/retry-plan/)
})

test('while the operator works, what is not true yet is no trouble', () => {
  const found = findings('pool', [
    condition('Ready', 'False', 'GenesisRunning'),
    condition('Reconciling', 'True', 'GenesisRunning'),
    ...FINE,
  ])
  assert.deepEqual(
    found.map(({ weight }) => weight),
    ['note', 'note', 'fine', 'fine'],
  )
})

test('a reason that this version does not know has no advice', () => {
  const [found] = findings('node', [condition('Ready', 'False', 'OfTheFuture')])
  assert.deepEqual([found?.weight, found?.whatToDo], ['wrong', ''])
})

test('a message that refers to another condition is followed by what that one says', () => {
  const all = [condition('Initialized', 'False', 'TaskFailed', 'no snapshot')]
  const stalled = condition('Stalled', 'True', 'BootstrapFailed', 'the bootstrap failed; see the condition Initialized')
  assert.equal(fullMessage(stalled, all), 'the bootstrap failed; see the condition Initialized: no snapshot')
  assert.equal(fullMessage(stalled, []), stalled.message)
})
