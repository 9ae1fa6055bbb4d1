/** Bootstraps of sidecars of every release, with every fault at every request between the operator and them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { Execution } from '../../testing/fakes/sidecar/index.ts'
import { untilAllRunning } from '../support/node-watch.ts'
import { OperatorFixture } from '../support/operator-fixture.ts'
import { SEVEN_TASKS } from '../support/bootstrap-spec.ts'
import { doubleCases, instantCases, quietCases, restartCases, slowCases, type SidecarCase } from './sidecar-cases.ts'
import { Troubles } from './trouble.ts'

const DEADLINE_MS = 180_000

/**
 * v0.0.16 and v0.0.17: how long after a task reads completed a submission is still answered 409. Only where nothing else
 * goes wrong: a submission whose answer is lost would have been refused. Milliseconds.
 */
const LOCK_WINDOW_MS = 20

/** All nodes at once: most of the time is spent waiting for answers that do not come. Resolves with what went wrong. */
async function bootstrap(cases: readonly SidecarCase[]): Promise<readonly string[]> {
  const byPod = new Map(
    cases.map(each => {
      const kill = (): void => void fixture.node.killSidecar(fixture.podKey(each.name))
      return [`${each.name}-0`, { ...each, spoiled: new Troubles(each.troubles, kill) }]
    }),
  )
  await using fixture = await OperatorFixture.open({
    node: {
      sidecarFor: ({ pod }) => {
        const each = byPod.get(pod)
        if (!each) return {}
        const { faults, onExecution } = each.spoiled
        const tasks = (type: string) => ({ durationMs: each.durations[type] ?? 0 })
        return { faults, onExecution, tasks, lockWindowMs: each.troubles.length === 0 ? LOCK_WINDOW_MS : 0 }
      },
    },
    // A worker waits with its node for an answer that comes too late.
    operator: { args: ['--concurrency=128'] },
  })
  await Promise.all(
    cases.map(({ name, profile }) =>
      fixture.create(name, {
        ...SEVEN_TASKS,
        sidecar: { image: `ghcr.io/sei-protocol/seictl:${profile}`, port: 7777 },
      }),
    ),
  )
  await untilAllRunning(fixture, cases.length, DEADLINE_MS)
  return [...byPod.values()].flatMap(each => {
    const executions = fixture.node.executionsOf(fixture.podKey(each.name))
    const unmet = each.spoiled.waiting.map(({ target }) => `nothing went wrong at ${JSON.stringify(target)}`)
    return [...problemsOf(each, executions), ...unmet].map(problem => `${describe(each)}: ${problem}`)
  })
}

function describe({ name, troubles }: SidecarCase): string {
  return [name, ...troubles.map(({ target, fault }) => `${JSON.stringify(target)} ${fault.kind}`)].join(', ')
}

function problemsOf({ expected, durations }: SidecarCase, executions: readonly Execution[]): readonly string[] {
  const found = executions.map(({ type }) => type)
  const overlaps = executions.filter(({ startedAt }, i) => {
    const before = executions[i - 1]
    return before !== undefined && startedAt < before.startedAt + (durations[before.type] ?? 0)
  })
  return [
    ...(isDeepStrictEqual(found, expected) ? [] : [`expected ${expected.join(' ')}; found ${found.join(' ')}`]),
    ...overlaps.map(({ type }) => `${type} began while another task ran`),
  ]
}

test('R8: each task runs once, on every release and whatever happens to one of its requests, and no two at a time', async t => {
  // A sidecar that loses its tasks in a restart gets a task again if nothing shows that it ran: only there a task runs twice.
  const cases = [...quietCases(), ...instantCases(), ...slowCases(), ...doubleCases(), ...restartCases()]
  t.diagnostic(`${cases.length} nodes`)
  assert.deepEqual(await bootstrap(cases), [])
})
