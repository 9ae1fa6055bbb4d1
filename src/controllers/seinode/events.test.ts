/** Events tell each change once, and nothing that passes by itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeiNodeStatus } from '../../api/seinode-status.ts'
import type { InitPlanChange } from '../../plan/init-plan.ts'
import type { Observation } from './observation.ts'
import { buildStatus } from './status.ts'
import { failedPlan, planOf, podOf } from './testdata/objects.ts'
import { observationOf, TASKS } from './testdata/observation.ts'
import { transitionEvents } from './events.ts'

const statusOf = (changes: Partial<Observation>): SeiNodeStatus => buildStatus(observationOf(changes))
const active: Partial<Observation> = { plan: planOf(TASKS), sidecar: { kind: 'bootstrapping' } }
const complete: Partial<Observation> = {}
const failed: Partial<Observation> = { plan: failedPlan(TASKS, 'no such bucket'), sidecar: { kind: 'bootstrapping' } }
const unreachable: Partial<Observation> = { ...active, sidecar: { kind: 'unreachable', message: 'refused' } }
const pulling: Partial<Observation> = {
  ...active,
  pod: podOf({ ready: false, seid: { state: { waiting: { reason: 'ImagePullBackOff' } } } }),
}
const invalid: Partial<Observation> = {
  spec: { reason: 'DataVolumeNotFound', message: 'no claim', blocks: true },
  children: {},
  plan: undefined,
  pod: undefined,
  sidecar: { kind: 'absent' },
}

type Row = readonly [
  title: string,
  before: Partial<Observation> | undefined,
  after: Partial<Observation>,
  change: InitPlanChange,
  ...events: readonly string[],
]

const rows: readonly Row[] = [
  ['a first plan', undefined, active, 'created', 'Normal PlanStarted'],
  ['a plan that went through in its first round', active, complete, 'none', 'Normal PlanComplete'],
  ['a task that failed', active, failed, 'none', 'Warning TaskFailed'],
  ['a plan created and failed at once', undefined, failed, 'created', 'Normal PlanStarted', 'Warning TaskFailed'],
  ['a retry', failed, active, 'retried', 'Normal PlanRetried'],
  ['another volume', complete, active, 'volume-replaced', 'Warning VolumeReplaced'],
  [
    'another volume, bootstrapped at once',
    complete,
    complete,
    'volume-replaced',
    'Warning VolumeReplaced',
    'Normal PlanComplete',
  ],
  ['a complete plan of an earlier operator', undefined, complete, 'taken-over', 'Normal PlanTakenOver'],
  ['other tasks', active, active, 'reshaped', 'Normal PlanChanged'],
  ['a sidecar that does not answer', active, unreachable, 'none', 'Warning Unreachable'],
  ['a sidecar that still does not answer', unreachable, unreachable, 'none'],
  ['an image that cannot be pulled', active, pulling, 'none', 'Warning ImagePullFailed'],
  ['an image that still cannot be pulled', pulling, pulling, 'none'],
  ['a spec that cannot be carried out', undefined, invalid, 'none', 'Warning DataVolumeNotFound'],
  ['a busy sidecar, which passes by itself', active, { ...active, sidecar: { kind: 'busy', message: 'x' } }, 'none'],
  ['a bootstrap under way', active, { ...active, plan: planOf(TASKS, 1) }, 'none'],
  ['nothing', complete, complete, 'none'],
]

for (const [title, before, after, change, ...expected] of rows) {
  test(`${title}: ${expected.join(', ') || 'no event'}`, () => {
    const events = transitionEvents(before && statusOf(before), statusOf(after), change)
    assert.deepEqual(
      events.map(({ type, reason }) => `${type} ${reason}`),
      expected,
    )
  })
}

test("a failed task's event carries the error of the sidecar", () => {
  const [event] = transitionEvents(statusOf(active), statusOf(failed), 'none')
  assert.match(event?.note ?? '', /no such bucket/)
})

test('events about a plan tell of that plan: another one that goes the same way is no repetition', () => {
  const [event] = transitionEvents(undefined, statusOf(active), 'created')
  assert.equal(event?.occurrence, statusOf(active).initPlan?.id)
})
