/** A pool whose reconcile fails on the way says so, and keeps what is on record. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCondition } from '../../lib/conditions.ts'
import { failedObservation } from './report-failure.ts'
import { buildPoolStatus } from './status.ts'
import { member, NOW, poolObservation } from './testdata/observation.ts'

const { pool } = poolObservation()
const before = buildPoolStatus(poolObservation())
const MESSAGE = 'the operator failed: quantity: found "many"'
const FAILURE = { reason: 'OperatorError', message: MESSAGE } as const

test('what a pool has on record outlives a failed reconcile, and the status of its nodes is current', () => {
  const nodes = [member(0), member(1, { state: 'down' }), member(2), member(3)]
  const status = buildPoolStatus(failedObservation({ ...pool, status: before }, nodes, FAILURE, NOW))
  assert.deepEqual(status.genesis, before.genesis)
  assert.deepEqual(
    status.nodes?.map(({ nodeId, dataVolumeUID }) => [nodeId, dataVolumeUID]),
    before.nodes?.map(({ nodeId, dataVolumeUID }) => [nodeId, dataVolumeUID]),
  )
  assert.deepEqual([status.totalNodes, status.readyNodes, status.phase], [4, 3, 'Running'])
  const said = ['Ready', 'SpecValid', 'GenesisComplete', 'NodesPrepared', 'NodesReady', 'Reconciling'].map(type => {
    const condition = findCondition(status.conditions, type)
    return [condition?.status, condition?.reason]
  })
  assert.deepEqual(said, [
    ['Unknown', 'NewGeneration'],
    ['Unknown', 'CheckFailed'],
    ['True', 'Complete'],
    ['True', 'Prepared'],
    ['False', 'NotReady'],
    ['False', 'OperatorError'],
  ])
  assert.equal(findCondition(status.conditions, 'Reconciling')?.message, MESSAGE)
})

test('a volume that was reported as replaced stays reported', () => {
  const nodes = (before.nodes ?? []).map((node, i) => Object.assign({}, node, i === 2 ? { replacedBy: 'other' } : {}))
  const failed = failedObservation(
    { ...pool, status: { ...before, nodes } },
    [0, 1, 2, 3].map(i => member(i)),
    FAILURE,
    NOW,
  )
  const status = buildPoolStatus(failed)
  assert.deepEqual(
    status.nodes?.map(({ dataVolumeUID, replacedBy }) => [dataVolumeUID, replacedBy]),
    nodes.map(({ dataVolumeUID, ...node }) => [dataVolumeUID, 'replacedBy' in node ? 'other' : undefined]),
  )
  const prepared = findCondition(status.conditions, 'NodesPrepared')
  assert.equal(prepared?.reason, 'VolumeReplaced')
  assert.match(prepared?.message ?? '', /accept-volume of the pool to other:/)
})

test('a volume that is gone stays reported with what to accept, where another can be made', () => {
  const nodes = (before.nodes ?? []).map((node, i) => Object.assign({}, node, i === 2 ? { replacedBy: 'none' } : {}))
  const all = [0, 1, 2, 3].map(i => member(i))
  const { genesis, ...takenOver } = before
  const messageOf = (status: typeof before): string =>
    findCondition(
      buildPoolStatus(failedObservation({ ...pool, status: { ...status, nodes } }, all, FAILURE, NOW)).conditions,
      'NodesPrepared',
    )?.message ?? ''
  assert.ok(genesis)
  assert.ok(messageOf(before).includes(`accept-volume of the pool to lost:${nodes[2]?.dataVolumeUID}:`))
  assert.match(messageOf(takenOver), /No replacement can be created, because an earlier operator ran the ceremony/)
})

test('a pool that failed before its ceremony has none', () => {
  const status = buildPoolStatus(
    failedObservation(
      { ...pool, status: {} },
      [0, 1, 2, 3].map(index => member(index)),
      FAILURE,
      NOW,
    ),
  )
  assert.equal(status.genesis, undefined)
  assert.equal(findCondition(status.conditions, 'GenesisComplete')?.status, 'False')
  assert.equal(findCondition(status.conditions, 'Reconciling')?.reason, 'OperatorError')
})
