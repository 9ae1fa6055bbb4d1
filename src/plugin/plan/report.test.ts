/** A plan as data: what is shown, and how the program ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectChange, Prediction } from './predict.ts'
import { NOTHING } from './testdata/prediction.ts'
import { outcomeOf, refusalOf, type Report, reportOf } from './report.ts'

const KEY = { kind: 'SeiNode', namespace: 'sei', name: 'rpc-0' } as const

function report(prediction: Partial<Prediction>): Report {
  return reportOf(KEY, { ...NOTHING, ...prediction }, [])
}

const changed: ObjectChange = { kind: 'Service', name: 'rpc-0', action: 'change', fields: [], isDueAnyway: false }
const task = { node: 'rpc-0', type: 'config-apply', part: 'update', params: undefined } as const
const restart = { node: 'rpc-0', pod: 'rpc-0-0', tasksBefore: 1, isDueAnyway: false }

const OUTCOMES: readonly (readonly [what: string, prediction: Partial<Prediction>, outcome: string])[] = [
  ['nothing', {}, 'same'],
  ['an object that stays', { objects: [{ ...changed, action: 'none' }] }, 'same'],
  ['a changed manifest', { action: 'change' }, 'different'],
  ['a changed object', { objects: [changed] }, 'different'],
  ['a task', { tasks: [task] }, 'different'],
  ['an error of the operator', { failures: ['SeiNode sei/rpc-0: it fails'] }, 'failed'],
  ['no end', { isSettled: false }, 'failed'],
]

for (const [what, prediction, outcome] of OUTCOMES)
  test(`${what}: ${outcome}`, () => assert.equal(outcomeOf([report({}), report(prediction)]), outcome))

test('a refusal is an error', () => assert.equal(outcomeOf([refusalOf(KEY, 'mode is immutable')]), 'failed'))

test('a restart follows the update of its own node', () => {
  const { restarts } = report({ tasks: [task], restarts: [restart, { ...restart, node: 'rpc-1', pod: 'rpc-1-0' }] })
  assert.deepEqual(
    restarts.map(({ pod, afterUpdate }) => [pod, afterUpdate]),
    [
      ['rpc-0-0', true],
      ['rpc-1-0', false],
    ],
  )
})

test('values that nobody knows yet are words, and secret ones are hidden', () => {
  const { tasks, objects } = report({
    placeholders: new Map([['00ff', '<node id of rpc-1>']]),
    tasks: [{ ...task, params: { peers: ['00ff@host'], password: 'abc' } }],
    objects: [{ ...changed, action: 'create', object: { metadata: { labels: { id: '00ff' } } } }],
  })
  assert.deepEqual(tasks[0]?.params, { peers: ['<node id of rpc-1>@host'], password: '[redacted]' })
  assert.deepEqual(objects[0]?.object, { metadata: { labels: { id: '<node id of rpc-1>' } } })
})

test('conditions that are as they should be are no findings', () => {
  const finding = { object: 'SeiNode rpc-0', message: '' }
  const { findings } = report({
    conditions: [
      { ...finding, type: 'Ready', status: 'True', reason: 'Ready' },
      { ...finding, type: 'SpecValid', status: 'True', reason: 'IgnoredFields' },
      { ...finding, type: 'Stalled', status: 'False', reason: 'NotStalled' },
      { ...finding, type: 'Reconciling', status: 'True', reason: 'Stable' },
    ],
  })
  assert.deepEqual(
    findings.map(({ reason }) => reason),
    ['IgnoredFields'],
  )
})
