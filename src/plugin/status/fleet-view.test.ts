/** The table of all nodes and pools. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { POOL_LABEL } from '../../api/names.ts'
import type { SeiNodeStatus } from '../../api/seinode-status.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import { seiNodePool } from '../../build/testdata/pools.ts'
import type { FleetNode } from '../cluster/fleet.ts'
import type { Live } from '../cluster/live.ts'
import { createStyle } from '../output/style.ts'
import { changeLine, fleetRows, renderFleet } from './fleet-view.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')
const UNKNOWN: Live = { kind: 'unknown', why: 'seid does not run' }

function at(height: number, maxPeerHeight = 0, peers = 3): Live {
  return {
    kind: 'known',
    answer: {
      nodeID: undefined,
      network: undefined,
      height,
      blockTime: undefined,
      isCatchingUp: false,
      maxPeerHeight,
      validatorAddress: undefined,
      votingPower: undefined,
      peers,
    },
  }
}

function fleetNode(
  name: string,
  live: Live,
  more: { pool?: string; status?: SeiNodeStatus; chainId?: string } = {},
): FleetNode {
  const { pool, status, chainId = 'net-1' } = more
  const node = seiNode(name, { chainId }, pool === undefined ? {} : { labels: { [POOL_LABEL]: pool } })
  return { node: status ? { ...node, status } : node, pod: undefined, live }
}

test('pools come first, each with its nodes in the order of their numbers', () => {
  const pool = seiNodePool('net')
  const names = ['net-10', 'net-2', 'alone'].map(name =>
    fleetNode(name, UNKNOWN, name === 'alone' ? {} : { pool: 'net' }),
  )
  const rows = fleetRows({ nodes: names, pools: [pool] })
  assert.deepEqual(
    rows.map(({ name, kind, pool: of }) => [name, kind, of]),
    [
      ['net', 'pool', undefined],
      ['net-2', 'node', 'net'],
      ['net-10', 'node', 'net'],
      ['alone', 'node', undefined],
    ],
  )
  const lines = renderFleet(rows, false, NOW, createStyle(false))
  assert.deepEqual(
    lines.map(line => line.split(/ {2,}/)[0]),
    ['NAME', 'net', '├─ net-2', '└─ net-10', 'alone'],
  )
})

function lagOf(...nodes: readonly FleetNode[]): readonly (number | undefined)[] {
  return fleetRows({ nodes, pools: [] }).map(({ lag }) => lag)
}

test('a lag is measured against the highest block of the chain that a node has or heard of', () => {
  assert.deepEqual(lagOf(fleetNode('a', at(90)), fleetNode('b', at(100))), [10, 0])
  assert.deepEqual(lagOf(fleetNode('a', at(90, 120))), [30])
  assert.deepEqual(lagOf(fleetNode('a', at(90))), [undefined])
  assert.deepEqual(lagOf(fleetNode('a', at(90)), fleetNode('b', UNKNOWN)), [undefined, undefined])
  assert.deepEqual(lagOf(fleetNode('a', at(90)), fleetNode('b', at(900), { chainId: 'net-2' })), [undefined, undefined])
})

const TASKS: readonly (readonly [
  title: string,
  task: NonNullable<SeiNodeStatus['initPlan']>['tasks'][number],
  shown: string,
])[] = [
  [
    'runs',
    { type: 'snapshot-restore', status: 'Submitted', submittedAt: '2026-11-27T11:35:00Z' },
    'snapshot-restore 25m',
  ],
  ['waits', { type: 'config-apply', status: 'Pending' }, 'config-apply pending'],
  ['has failed', { type: 'config-apply', status: 'Failed' }, 'config-apply failed'],
]

for (const [title, task, shown] of TASKS) {
  test(`a task that ${title}`, () => {
    const phase = task.status === 'Failed' ? 'Failed' : 'Active'
    const rows = fleetRows({
      nodes: [fleetNode('a', UNKNOWN, { status: { initPlan: { phase, tasks: [task] } } })],
      pools: [],
    })
    assert.ok(renderFleet(rows, false, NOW, createStyle(false))[1]?.includes(`   ${shown}   `))
  })
}

test('what is printed as a change has no heights and no durations', () => {
  const status: SeiNodeStatus = { phase: 'Running', dataVolume: { claimName: 'data-a', use: '45%' } }
  const [before] = fleetRows({ nodes: [fleetNode('a', at(90), { status })], pools: [] })
  const [after] = fleetRows({ nodes: [fleetNode('a', at(95), { status })], pools: [] })
  assert.ok(before && after)
  assert.equal(changeLine(before), changeLine(after))
  assert.match(changeLine(before), /\/a {2}Running {2}Ready Unknown \(not observed\) {2}disk 45%$/)
})
