/** Faults of a node that only the controller can detect: each is reported once, with what to do, and causes no load. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { pods, storageClasses } from '../../src/kube/resources.ts'
import { conditionOf, OperatorFixture } from '../support/operator-fixture.ts'
import { SLOW_START } from '../support/slowness.ts'
import { scrape, sumOf } from '../../testing/metrics.ts'
import { until } from '../support/until.ts'
import { BAD_INPUTS, MISSING_CLASS, type BadInput } from './bad-inputs.ts'

const EXECUTED = ['configure-genesis', 'config-apply', 'config-validate', 'mark-ready']

/** The longest requeue delay for what no watch reports: 30 s. */
const MENDED_DEADLINE_MS = 120_000

const QUIET_MS = 10_000
/** By the operator's clock, as the other. */
const SETTLED_MS = 15_000
/** Of each node on average: by now the delays are seconds long, 5 s or 30 s at most. */
const MOST_TRIES = 3
/** A creation that the API server refuses, since somebody else has the name, writes nothing. */
const WRITES = { verb: ['create', 'update', 'patch', 'apply', 'delete'], code: ['200', '201'] }

let fixture: OperatorFixture

/** By how much the sum of the series has grown over a while of the operator's time. */
type Growth = (name: string, labels?: Readonly<Record<string, readonly string[]>>) => number

async function growthOver(ms: number): Promise<Growth> {
  const earlier = await scrape(fixture.operator.log)
  await new Promise(resolve => setTimeout(resolve, ms / fixture.operator.clockRate))
  const later = await scrape(fixture.operator.log)
  return (name, labels) => sumOf(later, name, labels) - sumOf(earlier, name, labels)
}

before(async () => {
  fixture = await OperatorFixture.open({ operator: { args: ['--metrics-bind-address=127.0.0.1:0'], clockRate: 5 } })
  for (const { name, spec, prepare } of BAD_INPUTS) {
    await prepare?.(fixture)
    await fixture.create(name, spec)
  }
})

after(async () => {
  const found = await fixture.client.get(storageClasses, { name: MISSING_CLASS })
  if (found) await fixture.client.delete(storageClasses, { name: MISSING_CLASS }, { uid: found.metadata?.uid ?? '' })
  await fixture[Symbol.asyncDispose]()
})

async function untilReported({ name, condition, says }: BadInput): Promise<void> {
  const node = await fixture.untilNode(
    name,
    `${condition.type} ${condition.status} ${condition.reason}`,
    found => conditionOf(found, condition.type)?.reason === condition.reason,
  )
  const found = conditionOf(node, condition.type)
  assert.equal(found?.status, condition.status, name)
  assert.notEqual(conditionOf(node, 'Ready')?.status, 'True', name)
  const message = found?.message ?? ''
  let at = 0
  for (const text of says) {
    const next = message.indexOf(text, at)
    assert.ok(next >= 0, `${name}: expected ${JSON.stringify(text)} after ${at} characters of: ${message}`)
    at = next + text.length
  }
}

for (const bad of BAD_INPUTS) {
  test(`${bad.name}: a condition says what is wrong and what to do`, () => untilReported(bad))
}

test('nothing that is wrong makes the controller spin: it writes nothing, and tries less and less often', async () => {
  // The kubelet changes its words for an image that cannot be pulled once.
  await until('the last word on what is wrong', async () =>
    (await growthOver(SETTLED_MS))('kube_client_requests_total', WRITES) === 0 ? true : undefined,
  )
  const grown = await growthOver(QUIET_MS)
  assert.equal(grown('kube_client_requests_total', WRITES), 0)
  assert.equal(grown('controller_runtime_reconcile_errors_total'), 0)
  const tries = grown('controller_runtime_reconcile_total')
  assert.ok(tries <= BAD_INPUTS.length * MOST_TRIES, `${tries} reconciles of ${BAD_INPUTS.length} nodes in 10 s`)
  assert.ok(grown('workqueue_retries_total') <= tries)
})

for (const { name, condition } of BAD_INPUTS) {
  // What the operator waits for has no event.
  const expected = condition.type === 'Reconciling' ? [] : [condition.reason]
  test(`${name}: ${expected.length === 0 ? 'no' : 'one'} Warning reports it`, async () => {
    for (const reason of expected) await fixture.untilEvent(name, reason)
    const hasPod = (await fixture.get(pods, `${name}-0`)) !== undefined
    const isAllowed = (reason = ''): boolean => hasPod && reason !== condition.reason && SLOW_START.has(reason)
    const warnings = (await fixture.eventsOf(name))
      .filter(({ type, reason }) => type === 'Warning' && !isAllowed(reason))
      .map(event => event.reason)
    assert.deepEqual(warnings, expected)
  })
}

test('a corrected input takes effect: every node becomes Running, and no task runs twice', async () => {
  await Promise.all(
    BAD_INPUTS.map(async ({ name, mend, executed = EXECUTED }) => {
      await mend(fixture)
      await fixture.untilRunning(name, MENDED_DEADLINE_MS)
      assert.deepEqual(fixture.executedBy(name), executed, name)
    }),
  )
})
