/** Tests of container-record.ts: restarts, probes and crash backoff. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createdRecord,
  exitedRecord,
  probedRecord,
  resumedRecord,
  startedRecord,
  waitingRecord,
} from './container-record.ts'
import type { ContainerRecord } from './container-record.ts'

const CRASH = { initialMs: 10_000, maxMs: 300_000 }

function crash(record: ContainerRecord, now: number): ContainerRecord {
  return exitedRecord(startedRecord(record, now, CRASH), { exitCode: 1 }, now, CRASH)
}

function heldBackMs(record: ContainerRecord, now: number): number {
  assert.equal(record.state.kind, 'terminated')
  return record.state.kind === 'terminated' ? record.state.restartAt - now : NaN
}

test('the first restart is at once, later ones after 10 s doubling to 300 s', () => {
  const delays: number[] = []
  let record = createdRecord('PodInitializing')
  for (let run = 0; run < 8; run += 1) {
    record = crash(record, 1000)
    delays.push(heldBackMs(record, 1000))
  }
  assert.deepEqual(delays, [0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000])
})

test('a run of more than twice the longest backoff clears it', () => {
  const twice = crash(crash(createdRecord('PodInitializing'), 0), 0)
  const long = exitedRecord(startedRecord(twice, 0, CRASH), { exitCode: 1 }, 600_001, CRASH)
  assert.equal(heldBackMs(long, 600_001), 0)
})

test('a restart counts, keeps the exit before it, and has to pass its probes anew', () => {
  const first = probedRecord(startedRecord(createdRecord('PodInitializing'), 5, CRASH), true, true)
  assert.equal(first.restartCount, 0)
  const second = startedRecord(exitedRecord(first, { exitCode: 2 }, 9, CRASH), 9, CRASH)
  assert.equal(second.restartCount, 1)
  assert.deepEqual(second.lastExit, { run: 0, exitCode: 2, startedAt: 5, finishedAt: 9 })
  assert.deepEqual(second.state, { kind: 'running', startedAt: 9, started: false, ready: false })
})

test('ready needs started; started lasts for the run, ready does not', () => {
  const record = startedRecord(createdRecord('PodInitializing'), 0, CRASH)
  const unstarted = probedRecord(record, false, true)
  assert.deepEqual(unstarted, record)
  const ready = probedRecord(record, true, true)
  assert.deepEqual(probedRecord(ready, false, false).state, { ...ready.state, ready: false })
})

test('waiting for an image between two runs neither loses the exit nor counts', () => {
  const waiting = waitingRecord(crash(createdRecord('PodInitializing'), 0), 'ErrImagePull')
  assert.deepEqual([waiting.lastExit?.exitCode, waiting.restartCount], [1, 0])
  assert.equal(startedRecord(waiting, 1, CRASH).restartCount, 1)
})

test('a container that another process ran before counts as restarted', () => {
  const record = startedRecord(resumedRecord(createdRecord('PodInitializing'), 3, 0), 1, CRASH)
  assert.equal(record.restartCount, 4)
})
