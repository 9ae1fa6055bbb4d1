/** Bootstraps during each of which the API server, or the way to it, fails one write. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { concerns, type ApiCall } from '../support/api-call.ts'
import { ApiProxy, type ApiFault } from '../support/api-proxy.ts'
import { NodeWatch } from '../support/node-watch.ts'
import { OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { executedFor, SEVEN_TASKS } from '../support/bootstrap-spec.ts'

/** One that ignores ids: what it has taken is found in its list alone. */
const PROFILE = 'v0.0.20'

/** The writes of a bootstrap, each with its number among those to the same resource. */
const WRITES = [
  'seinodes 1',
  'persistentvolumeclaims 1',
  'services 1',
  'statefulsets 1',
  'networkpolicies 1',
  'seinodes/status 1',
  'seinodes/status 2',
  'seinodes/status 3',
  'seinodes/status 4',
  'events 1',
] as const

/** On a machine that runs other tests at the same time. */
const DEADLINE_MS = 150_000

/** A bootstrap that nothing disturbs makes about ten. */
const MOST_WRITES = 20

/** `lost`: the write is carried out, and its answer is lost. */
const FAULTS: Readonly<Record<string, ApiFault | 'lost'>> = {
  conflict: { kind: 'answer', status: 409, reason: 'Conflict' },
  throttled: { kind: 'answer', status: 429, reason: 'TooManyRequests', headers: { 'retry-after': '1' } },
  error: { kind: 'answer', status: 500, reason: 'InternalError' },
  unavailable: { kind: 'answer', status: 503, reason: 'ServiceUnavailable' },
  reset: { kind: 'reset' },
  lost: 'lost',
}

interface Case {
  readonly node: string
  readonly write: string
  readonly fault: ApiFault | 'lost'
  /** By resource. */
  readonly writes: Map<string, number>
  readonly created: string[]
  readonly planIDs: Set<string>
  isSpoiled: boolean
}

function cases(): readonly Case[] {
  return WRITES.flatMap(write =>
    Object.entries(FAULTS).flatMap(([name, fault]) => {
      // The API server answers the creation of an event with a conflict only where it has the event already.
      if (write === 'events 1' && name === 'conflict') return []
      const node = `${write.replaceAll(/[^a-z0-9]/g, '-')}-${name}`
      return [{ node, write, fault, writes: new Map(), created: [], planIDs: new Set<string>(), isSpoiled: false }]
    }),
  )
}

/** The case whose write the call is, once. */
function spoil(all: readonly Case[], call: ApiCall): Case | undefined {
  const found = all.find(({ node }) => concerns(call, node))
  if (!found || call.method === 'GET') return undefined
  const count = (found.writes.get(call.resource) ?? 0) + 1
  found.writes.set(call.resource, count)
  if (found.isSpoiled || `${call.resource} ${count}` !== found.write) return undefined
  found.isSpoiled = true
  return found
}

test('one write fails in any way: the bootstrap ends as without the failure, and nothing is done twice', async () => {
  const all = cases()
  const lost = new Set<ApiCall>()
  await using proxy = await ApiProxy.start({
    kubeconfigPath: attachedControlPlane(process.env).operatorKubeconfigPath,
    faults: call => {
      const spoiled = spoil(all, call)
      if (spoiled?.fault !== 'lost') return spoiled?.fault
      lost.add(call)
      return undefined
    },
    withhold: (call, status) => {
      const created = all.find(({ node }) => status === 201 && concerns(call, node))?.created
      if (call.resource !== 'events') created?.push(call.resource)
      return lost.has(call)
    },
  })
  await using fixture = await OperatorFixture.open({
    // Long enough to be recorded as submitted, and so written to status in between, on a busy machine too.
    node: {
      sidecarFor: () => ({ profile: PROFILE, tasks: type => ({ durationMs: type === 'config-apply' ? 2000 : 0 }) }),
    },
    operator: { kubeconfig: proxy.kubeconfigPath, env: { POD_NAMESPACE: 'operators' } },
  })
  await using watch = new NodeWatch({
    client: fixture.client,
    namespace: fixture.namespace,
    onState: ({ metadata: { name }, status }) => {
      const id = status?.initPlan?.id
      if (id !== undefined) all.find(({ node }) => node === name)?.planIDs.add(id)
    },
  })
  await Promise.all(all.map(({ node }) => fixture.create(node, SEVEN_TASKS)))
  await watch.untilReady(all.length, DEADLINE_MS, () => fixture.operator.log)

  const problems = all.flatMap(({ node, isSpoiled, created, planIDs, writes }) => {
    const total = [...writes.values()].reduce((sum, count) => sum + count, 0)
    const found = {
      isSpoiled,
      executed: fixture.executedBy(node),
      created: created.toSorted(),
      plans: planIDs.size,
      isBounded: total <= MOST_WRITES,
    }
    const expected = {
      isSpoiled: true,
      executed: executedFor(PROFILE),
      created: ['networkpolicies', 'persistentvolumeclaims', 'services', 'statefulsets'],
      plans: 1,
      isBounded: true,
    }
    return isDeepStrictEqual(found, expected) ? [] : [{ node, total, ...found }]
  })
  assert.deepEqual(problems, [])

  const miscounted = async (): Promise<readonly string[]> => {
    const reported = await Promise.all(all.map(({ node }) => fixture.eventsOf(node)))
    return all.flatMap(({ node }, i) =>
      ['PlanStarted', 'PlanComplete'].flatMap(reason => {
        const count = reported[i]?.filter(event => event.reason === reason).length ?? 0
        return count === 1 ? [] : [`${node}: ${count} events ${reason}`]
      }),
    )
  }
  // Events are posted beside all else, and one that was refused is posted again later.
  const isReported = async (): Promise<true | undefined> => ((await miscounted()).length === 0 ? true : undefined)
  await until('each plan to be reported once', isReported, { intervalMs: 1000, found: miscounted })
})
