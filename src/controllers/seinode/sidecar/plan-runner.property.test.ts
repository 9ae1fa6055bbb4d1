/** Whatever goes wrong between operator and sidecar, each task of a plan runs once and in order. */
import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IdentifiedPlan } from '../../../plan/init-plan.ts'
import { type Era, ERAS, type Fault, MemorySidecar } from '../testdata/memory-sidecar.ts'
import { NOW, planOf } from '../testdata/objects.ts'
import { PlanCursor, runPlan } from './plan-runner.ts'

const TASKS = ['snapshot-restore', 'configure-genesis', 'config-apply', 'config-validate', 'mark-ready']

type Step =
  /** One reconcile; `crash`: the operator dies before it has written what it found. */
  | { readonly kind: 'reconcile'; readonly faults: readonly (Fault | undefined)[]; readonly crash: boolean }
  /** The running task ends. */
  | { readonly kind: 'finish' }
  /** From here on tasks take their time, or none. */
  | { readonly kind: 'pace'; readonly instant: boolean }
  | { readonly kind: 'restart' }

const fault = fc.constantFrom<Fault | undefined>(undefined, undefined, 'refused', 'lost-request', 'lost-answer')
const reconcile = fc.record({
  kind: fc.constant('reconcile' as const),
  faults: fc.array(fault, { maxLength: 8 }),
  crash: fc.boolean(),
})
const calm: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: reconcile },
  fc.constant({ kind: 'finish' as const }),
  fc.record({ kind: fc.constant('pace' as const), instant: fc.boolean() }),
)
const withRestarts: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: calm },
  fc.constant({ kind: 'restart' as const }),
)

/** Takes the steps, then lets everything go well until the plan is over. */
async function bootstrap(era: Era, steps: readonly Step[]): Promise<{ sidecar: MemorySidecar; plan: IdentifiedPlan }> {
  const sidecar = new MemorySidecar(era)
  let plan = planOf(TASKS)
  let cursor = new PlanCursor()
  cursor.markUnsent(plan.id, 0, 1)
  for (const step of steps) await take(step)
  for (let i = 0; i < 2 * TASKS.length && plan.phase === 'Active'; i += 1) {
    await take({ kind: 'reconcile', faults: [], crash: false })
    sidecar.finish()
  }
  return { sidecar, plan }

  async function take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'finish':
        return sidecar.finish()
      case 'pace':
        sidecar.instant = step.instant
        return
      case 'restart':
        return sidecar.restart()
      case 'reconcile': {
        sidecar.faults.splice(0, sidecar.faults.length, ...step.faults)
        const run = await runPlan({
          plan,
          sidecar,
          cursor,
          requestFor: type => ({ type, params: { of: type } }),
          onRejected: (_type, error) => ({ kind: 'rejected', error }),
          blockFor: () => Promise.resolve(undefined),
          noteFor: () => undefined,
          otherTaskIDs: [],
          now: () => NOW,
          signal: new AbortController().signal,
        })
        sidecar.faults.length = 0
        if (step.crash) cursor = new PlanCursor()
        else plan = { ...run.plan, id: plan.id }
      }
    }
  }
}

for (const era of ERAS) {
  test(`R8, failure mode 3: ${era.title}: each task runs once and in order, whatever answers are lost and however often the operator dies`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(era.remembers ? withRestarts : calm, { maxLength: 24 }), async steps => {
        const { sidecar, plan } = await bootstrap(era, steps)
        assert.equal(plan.phase, 'Complete')
        assert.deepEqual(sidecar.executed, TASKS)
        assert.equal(sidecar.mostAtOnce, 1)
      }),
      { numRuns: 200 },
    )
  })
}

for (const era of ERAS.filter(({ remembers }) => !remembers)) {
  test(`failure modes 2 and 16: ${era.title}: a sidecar that forgets never runs two tasks at once, and the plan completes`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(withRestarts, { maxLength: 24 }), async steps => {
        const { sidecar, plan } = await bootstrap(era, steps)
        assert.equal(plan.phase, 'Complete')
        assert.equal(sidecar.mostAtOnce, 1)
        assert.deepEqual(
          TASKS.filter(type => !sidecar.executed.includes(type)),
          [],
        )
      }),
      { numRuns: 150 },
    )
  })
}
