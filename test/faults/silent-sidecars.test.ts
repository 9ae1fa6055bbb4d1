/** Sidecars that swallow what they are sent, many at once: nobody else waits for them. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { seiNodes } from '../../src/api/resources.ts'
import { conditionOf, OperatorFixture } from '../support/operator-fixture.ts'
import { scrape, sumOf } from '../../testing/metrics.ts'
import { until } from '../support/until.ts'
import { executedFor, SEVEN_TASKS } from '../support/bootstrap-spec.ts'

const SILENT = Array.from({ length: 100 }, (_, i) => `silent-${i}`)
const WORKERS = 16
const swallowing = new Set(SILENT.map(name => `${name}-0`))
const asked = new Map<string, number>()
let fixture: OperatorFixture

before(async () => {
  fixture = await OperatorFixture.open({
    node: {
      sidecarFor: ({ pod }) => ({
        faults: () => {
          asked.set(pod, (asked.get(pod) ?? 0) + 1)
          return swallowing.has(pod) ? { kind: 'swallow' } : undefined
        },
      }),
    },
    operator: { args: [`--concurrency=${WORKERS}`, '--metrics-bind-address=127.0.0.1:0'] },
  })
})

after(() => fixture[Symbol.asyncDispose]())

function timesAsked(): number {
  return asked.values().reduce((sum, times) => sum + times, 0)
}

async function gone(name: string): Promise<void> {
  const node = await fixture.get(seiNodes, name)
  await fixture.client.delete(seiNodes, fixture.key(name), { uid: node?.metadata.uid ?? '' })
  await until(`${name} to be gone`, async () => ((await fixture.get(seiNodes, name)) ? undefined : true), {
    found: () => fixture.operator.log,
  })
}

test('a healthy node is bootstrapped at once beside a hundred sidecars that are silent, and deletions go through', async () => {
  await Promise.all(SILENT.map(name => fixture.create(name, SEVEN_TASKS)))
  await until('every silent sidecar to be asked', () =>
    SILENT.every(name => asked.has(`${name}-0`)) ? true : undefined,
  )
  const earlier = timesAsked()
  await fixture.create('healthy', SEVEN_TASKS)
  await fixture.untilRunning('healthy')
  assert.deepEqual(fixture.executedBy('healthy'), executedFor('v0.0.25'))
  await Promise.all([gone('healthy'), gone('silent-0'), gone('silent-1')])
  // If workers waited for answers, all silent sidecars would be asked once before each task.
  const meanwhile = timesAsked() - earlier
  assert.ok(meanwhile < SILENT.length * executedFor('v0.0.25').length, `silent sidecars were asked ${meanwhile} times`)
})

test('a silent sidecar is queried with backoff, and its node says since when', async () => {
  const node = await fixture.untilNode(
    'silent-2',
    'to say that its sidecar is silent',
    found => conditionOf(found, 'SidecarReady')?.reason === 'Unreachable',
  )
  const { message = '' } = conditionOf(node, 'SidecarReady') ?? {}
  assert.match(message, /no answer within 10000 ms; nothing has come back since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/)
  let samples = await scrape(fixture.operator.log)
  await until(
    'the metric to count the silent sidecars',
    async () => {
      samples = await scrape(fixture.operator.log)
      return sumOf(samples, 'pod_calls_silent_targets') >= 50 ? true : undefined
    },
    { found: () => samples.filter(({ name }) => name.startsWith('pod_')) },
  )
  const received = await until('a silent sidecar to be asked four times', () => {
    const { requests } = fixture.node.sidecarOf(fixture.podKey('silent-2'))
    return requests.length >= 4 ? requests.map(({ receivedAt }) => receivedAt) : undefined
  })
  // Each time ten seconds until it is given up, then pauses of two and four seconds, a fifth less at most.
  const [, second = 0, , fourth = 0] = received
  assert.ok(fourth - second >= 23_000, JSON.stringify(received))
  const later = await fixture.get(seiNodes, 'silent-2')
  assert.equal(later && conditionOf(later, 'SidecarReady')?.message, message)
})

test('a sidecar that answers again gets its tasks, once each', async () => {
  swallowing.delete('silent-3-0')
  await fixture.untilRunning('silent-3', 120_000)
  assert.deepEqual(fixture.executedBy('silent-3'), executedFor('v0.0.25'))
})
