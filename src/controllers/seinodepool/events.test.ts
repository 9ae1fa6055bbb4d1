/** The events of a pool: each once, when something changed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeiNodePoolStatus } from '../../api/seinodepool-status.ts'
import type { RolloutView } from './observation.ts'
import type { PoolObservation } from './observation.ts'
import { buildPoolStatus } from './status.ts'
import { member, poolObservation } from './testdata/observation.ts'
import { poolEvents } from './events.ts'

const done = buildPoolStatus(poolObservation())
const begun = buildPoolStatus(
  poolObservation({ ceremony: { kind: 'running', message: 'step 1 of 3' }, preparations: undefined }),
)
const failed = buildPoolStatus(
  poolObservation({ ceremony: { kind: 'failed', message: 'no' }, preparations: undefined }),
)
const rollout = {
  cause: 'Spec',
  waitsFor: undefined,
  silence: undefined,
  changed: [],
  remaining: 2,
} as const
const rolling = (changed: string): PoolObservation => poolObservation({ rollout: { ...rollout, changed: [changed] } })
const given = (changed: string): SeiNodePoolStatus => buildPoolStatus(rolling(changed))
const waits = buildPoolStatus(poolObservation({ rollout: { ...rollout, waitsFor: member(0) } }))

function reasons(
  before: SeiNodePoolStatus | undefined,
  after: SeiNodePoolStatus,
  view?: RolloutView,
  kept?: ReadonlyMap<string, string>,
): readonly string[] {
  return poolEvents(before, after, { rollout: view, kept }).map(({ reason }) => reason)
}

test('a status that says what the one before said is worth no event', () => {
  for (const status of [done, begun, failed, waits, given('net-0')]) assert.deepEqual(reasons(status, status), [])
})

test('each completed step has one event', () => {
  assert.deepEqual(reasons(undefined, begun), [])
  assert.deepEqual(reasons(begun, done), ['GenesisComplete', 'NodesPrepared', 'NetworkReady'])
})

test('a failure has a warning event, and a retry has an event', () => {
  assert.deepEqual(
    poolEvents(begun, failed, {}).map(({ type, reason }) => [type, reason]),
    [['Warning', 'JobFailed']],
  )
  assert.deepEqual(reasons(failed, { ...begun, retryHandled: 'again' }), ['Retried'])
})

test('what an earlier pool left behind has an event when it comes on record, by name and once', () => {
  const kept = new Map([
    ['uid-0', 'data-net-0'],
    ['uid-1', 'data-net-1'],
    ['uid-9', 'refused'],
  ])
  const events = poolEvents(begun, done, { kept })
  const told = events.find(({ reason }) => reason === 'VolumeAdopted')
  assert.match(told?.note ?? '', /retained from.*: data-net-0, data-net-1$/)
  assert.deepEqual(reasons(done, done, undefined, kept), [])
})

test('a rollout tells of each node that it comes to, and of its end', () => {
  assert.deepEqual(reasons(done, given('net-0'), rolling('net-0').rollout), ['RollingOut'])
  assert.deepEqual(reasons(given('net-0'), waits), [])
  assert.deepEqual(reasons(waits, given('net-1'), rolling('net-1').rollout), ['RollingOut'])
  assert.deepEqual(reasons(given('net-1'), done), ['RolledOut', 'NetworkReady'])
})
