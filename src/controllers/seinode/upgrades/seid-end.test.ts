/** How the end of a seid is found out: from its message, else from its log, and never from another pod's. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { LogOptions } from '../../../kube/client.ts'
import { ApiError } from '../../../kube/errors.ts'
import { podOf } from '../testdata/objects.ts'
import { type LogReader, readReport, seidEnd } from './seid-end.ts'

const WORDS = 'panic: UPGRADE "v6.5.0" NEEDED at height: 657:  [recovered, repanicked]\n\ngoroutine 1 [running]:\n'
const needed = { kind: 'needed', name: 'v6.5.0', height: 657 } as const
const ended = { exitCode: 2, reason: 'Error', containerID: 'c1' }
const crashed = podOf({
  ready: false,
  seid: { restartCount: 1, state: { waiting: {} }, lastState: { terminated: ended } },
})

interface Cluster {
  readonly log?: string
  readonly now?: Readonly<Pod>
}

async function reportOf(pod: Readonly<Pod>, { log, now = pod }: Cluster = {}) {
  const end = seidEnd(pod)
  assert.ok(end)
  const asked: LogOptions[] = []
  const client: LogReader = {
    get: () => Promise.resolve(now),
    log: (_, options) => {
      asked.push(options)
      return log === undefined
        ? Promise.reject(
            new ApiError({ operation: 'get', object: 'pods/log' }, 403, { reason: 'Forbidden', message: '' }),
          )
        : Promise.resolve(log)
    },
  }
  const found = await readReport(pod, end, undefined, client, new AbortController().signal)
  return { found, asked }
}

test('a message that has the words needs no log', async () => {
  const pod = podOf({ seid: { state: { waiting: {} }, lastState: { terminated: { ...ended, message: WORDS } } } })
  const { found, asked } = await reportOf(pod)
  assert.deepEqual([found, asked.length], [{ containerID: 'c1', report: needed }, 0])
})

test('a message without them has the log of the run before read', async () => {
  const { found, asked } = await reportOf(crashed, { log: WORDS })
  assert.deepEqual(found, { containerID: 'c1', report: needed })
  assert.deepEqual(
    asked.map(({ container, previous }) => [container, previous]),
    [['seid', true]],
  )
})

test('a container that has just ended has its own log read', async () => {
  const pod = podOf({ ready: false, seid: { state: { terminated: ended } } })
  const { asked } = await reportOf(pod, { log: '' })
  assert.deepEqual(
    asked.map(({ previous }) => previous),
    [false],
  )
})

test('a log that may be of another run or another pod does not count', async () => {
  const later = podOf({
    ready: false,
    seid: { state: { waiting: {} }, lastState: { terminated: { ...ended, containerID: 'c2' } } },
  })
  assert.equal((await reportOf(crashed, { log: WORDS, now: later })).found, undefined)
  const other = { ...crashed, metadata: { ...crashed.metadata, uid: 'other' } }
  assert.equal((await reportOf(crashed, { log: WORDS, now: other })).found, undefined)
})

test('a log without the words is known, one that cannot be read is not', async () => {
  assert.deepEqual((await reportOf(crashed, { log: 'panic: out of luck' })).found, {
    containerID: 'c1',
    report: undefined,
  })
  assert.equal((await reportOf(crashed)).found, undefined)
})

for (const [title, state] of [
  ['ended with success', { terminated: { exitCode: 0 } }],
  ['was killed', { terminated: { exitCode: 137 } }],
  ['had too little memory', { terminated: { exitCode: 2, reason: 'OOMKilled' } }],
  ['runs', { running: {} }],
] as const) {
  test(`a seid that ${title} is not asked`, () => assert.equal(seidEnd(podOf({ seid: { state } })), undefined))
}
