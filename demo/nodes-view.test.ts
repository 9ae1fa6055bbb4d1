/** What a watcher of the demo sees of nodes and pools, on a terminal and in a log file. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import type { TaskPlan } from '../src/api/seinode-status.ts'
import type { Condition } from '../src/api/status.ts'
import { seiNode } from '../src/build/testdata/nodes.ts'
import { seiNodePool } from '../src/build/testdata/pools.ts'
import {
  type NodeRow,
  nodeRow,
  nodesView,
  type NodesView,
  poolProgress,
  poolRow,
  type Screen,
  taskProgress,
} from './nodes-view.ts'

type TaskStatus = TaskPlan['tasks'][number]['status']

function plan(phase: TaskPlan['phase'], ...statuses: TaskStatus[]): TaskPlan {
  const types = ['configure-genesis', 'config-apply', 'mark-ready']
  return { phase, tasks: statuses.map((status, i) => ({ type: types[i] ?? '', status })) }
}

test('a node that the operator has not seen has its name, mode and age, and nothing else', () => {
  const node = seiNode('a', { snapshot: { stateSync: {} }, peers: [] }, { creationTimestamp: '2026-01-01T00:00:00Z' })
  const created = Date.UTC(2026, 0, 1)
  assert.deepEqual(nodeRow(node), { name: 'a', mode: 'StateSync', phase: '-', task: '-', created })
})

test('the first task that is not complete is the current one, submitted or not', () => {
  assert.equal(taskProgress(plan('Active', 'Pending', 'Pending', 'Pending')), '1/3 configure-genesis')
  assert.equal(taskProgress(plan('Active', 'Complete', 'Submitted', 'Pending')), '2/3 config-apply')
})

test('a failed task is called so, and the tasks after it are still to be done', () => {
  assert.equal(taskProgress(plan('Failed', 'Complete', 'Failed', 'Pending')), '2/3 config-apply failed')
})

test('a complete plan counts all its tasks and names none', () => {
  assert.equal(taskProgress(plan('Complete', 'Complete', 'Complete', 'Complete')), '3/3')
})

test('a node without a plan has no task', () => {
  assert.equal(taskProgress(undefined), '-')
})

function conditions(...holding: readonly string[]): readonly Condition[] {
  return ['Ready', 'GenesisComplete', 'NodesPrepared', 'NodesReady'].map(type => ({
    type,
    status: holding.includes(type) ? 'True' : 'False',
    reason: 'x',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }))
}

test('a pool is at the first step that is not over', () => {
  assert.equal(poolProgress(undefined), '-')
  assert.equal(poolProgress(conditions()), '1/4 ceremony')
  assert.equal(poolProgress(conditions('GenesisComplete', 'NodesPrepared')), '3/4 nodes')
  assert.equal(poolProgress(conditions('GenesisComplete', 'NodesPrepared', 'NodesReady')), '4/4 first block')
  assert.equal(poolProgress(conditions('GenesisComplete', 'NodesPrepared', 'NodesReady', 'Ready')), '4/4')
  assert.deepEqual([poolRow(seiNodePool('net')).mode, poolRow(seiNodePool('net')).phase], ['Pool', '-'])
})

const ROW: NodeRow = { name: 'mainnet-0', mode: 'Snapshot', phase: 'Pending', task: '-', created: 0 }
const INITIALIZING: NodeRow = { ...ROW, phase: 'Initializing', task: '3/7 config-apply' }

function open(t: TestContext, screen: Partial<Screen>, env: Record<string, string> = {}): [NodesView, string[]] {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] })
  const written: string[] = []
  const write = (text: string): number => written.push(text)
  return [nodesView({ screen: { columns: 80, ...screen, write }, env, now: Date.now, started: 0 }), written]
}

test('a log file gets one line for each change, with the time since the start', t => {
  const [view, written] = open(t, { isTTY: false })
  view.show([{ ...ROW, phase: '-' }])
  t.mock.timers.tick(1500)
  view.show([ROW])
  view.show([ROW])
  t.mock.timers.tick(10_840)
  view.show([INITIALIZING])
  assert.deepEqual(written, ['1.5s mainnet-0 Pending\n', '12.3s mainnet-0 Initializing 3/7 config-apply\n'])
})

test('a terminal that cannot move its cursor is written to as a log file is', t => {
  const [view, written] = open(t, { isTTY: true }, { TERM: 'dumb' })
  view.show([ROW])
  assert.deepEqual(written, ['0.0s mainnet-0 Pending\n'])
})

test('a terminal gets the table drawn over the one before, ages included, and its cursor back', t => {
  const [view, written] = open(t, { isTTY: true })
  view.show([ROW])
  view.show([INITIALIZING])
  t.mock.timers.tick(1000)
  view[Symbol.dispose]()
  view.show([ROW])
  const [hidden, first, second, third, shown, ...others] = written
  assert.deepEqual([hidden, shown, others], ['\x1b[?25l', '\x1b[?25h', []])
  assert.match(first ?? '', /NAME .*\n.*Pending .*\n0 of 1 Running, 0 s since the start/)
  assert.ok(second?.startsWith('\x1b[3A\r'))
  assert.match(third ?? '', /Initializing  3\/7 config-apply +1s.*\n0 of 1 Running, 1 s since/)
})

test('no line is wider than the terminal, and no more nodes are shown than it has lines for', t => {
  const [view, written] = open(t, { isTTY: true, columns: 40, rows: 6 })
  view.show(Array.from({ length: 9 }, (_, i) => ({ ...ROW, name: `node-${i}` })))
  view[Symbol.dispose]()
  const lines = stripVTControlCharacters(written[1] ?? '').split('\n')
  assert.ok(lines.every(line => line.length < 40))
  assert.equal(lines.filter(line => line.startsWith('node-')).length, 2)
  assert.equal(lines.at(-2), '0 of 9 Running, 0 s since the start')
})
