/** When a Job that waits is taken to be stuck, and what is quoted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event, Pod } from 'kubernetes-types/core/v1.d.ts'
import { ApiError, TransportError } from '../../../kube/errors.ts'
import type { EventReader } from '../../shared/pods/last-warning.ts'
import { startProblem } from './job-state.ts'

const SINCE = '2026-05-01T12:00:00Z'
const job = { metadata: { name: 'net-genesis', namespace: 'sei', uid: 'uid-of-job' } }
const pod: Pod = { metadata: { name: 'net-genesis-x', namespace: 'sei', uid: 'uid-of-pod' } }

function warning(reason: string, lastTimestamp: string, message = 'the words of the cluster.'): Event {
  return { metadata: {}, involvedObject: {}, reason, message, lastTimestamp, type: 'Warning' }
}

/** The problem after that many seconds, and the field selectors of the lists that were asked for. */
async function after(
  seconds: number,
  starting: { readonly pod?: Pod },
  events: readonly Event[] | Error,
): Promise<{ readonly message: string | undefined; readonly asked: readonly string[] }> {
  const asked: string[] = []
  const reader: EventReader = {
    list: (_, { fieldSelector = '' }) => {
      asked.push(fieldSelector)
      return events instanceof Error ? Promise.reject(events) : Promise.resolve({ items: events })
    },
  }
  const now = Date.parse(SINCE) + seconds * 1000
  const state = { kind: 'starting', since: SINCE, ...starting } as const
  return { message: await startProblem(reader, job, state, now, AbortSignal.timeout(60_000)), asked }
}

test('no event is read before a Job has been without a pod for 5 s, or its pod without a running container for 30 s', async () => {
  const refused = [warning('FailedCreate', SINCE)]
  assert.deepEqual(await after(4, {}, refused), { message: undefined, asked: [] })
  assert.deepEqual(await after(29, { pod }, refused), { message: undefined, asked: [] })
  assert.deepEqual((await after(5, {}, refused)).asked, ['involvedObject.uid=uid-of-job,type=Warning'])
  assert.deepEqual((await after(30, { pod }, refused)).asked, ['involvedObject.uid=uid-of-pod,type=Warning'])
})

test('the newest warning since then is quoted', async () => {
  const events = [
    warning('FailedCreate', '2026-05-01T12:00:01Z', 'an earlier answer'),
    warning('FailedCreate', '2026-05-01T12:00:04Z', 'pods "net-genesis-" is forbidden: no ServiceAccount.'),
  ]
  const { message } = await after(5, {}, events)
  assert.match(
    message ?? '',
    /^its pod cannot be created \(FailedCreate: pods "net-genesis-" is forbidden: no ServiceAccount\)\. .*spec\.jobs\.resources/,
  )
  const mount = await after(30, { pod }, [warning('FailedMount', '2026-05-01T12:00:20Z')])
  assert.match(
    mount.message ?? '',
    /of pod net-genesis-x has run since .* \(FailedMount: the words of the cluster\)\. .*describe pod -n sei net-genesis-x$/,
  )
})

test('a warning of an earlier attempt is not quoted, and waiting has an end without any', async () => {
  const earlier = [warning('FailedScheduling', '2026-05-01T11:59:59Z')]
  for (const starting of [{}, { pod }]) {
    assert.equal((await after(299, starting, earlier)).message, undefined)
    assert.match(
      (await after(300, starting, earlier)).message ?? '',
      /can read no event that gives the reason.*kubectl describe/,
    )
  }
})

test('an operator that may not read events, or gets no answer, waits for the deadline', async () => {
  const denied = new ApiError({ operation: 'list', object: 'events' }, 403, { reason: 'Forbidden' })
  assert.equal((await after(5, {}, denied)).message, undefined)
  const lost = new TransportError({ operation: 'list', object: 'events' }, 'timeout', 'no answer within 30 s')
  assert.equal((await after(5, {}, lost)).message, undefined)
  assert.match((await after(300, {}, denied)).message ?? '', /can read no event that gives the reason/)
})
