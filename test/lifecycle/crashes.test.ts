/** The operator killed at every point of what happens to a node over its life, and started again: the end is the same. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { TaskBehaviour } from '../../testing/fakes/sidecar/index.ts'
import { concerns } from '../support/api-call.ts'
import { executedFor, SEVEN_TASKS } from '../support/bootstrap-spec.ts'
import { Killer } from '../support/killer.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { type Ending, FAILED } from './ending.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import type { LivingNode, SpecInput } from './living-node.ts'
import { failing, RETAINED, sidecarOf, UPDATE } from './specs.ts'

/** An event is lost if the operator dies between the action and the event. */
const QUIETLY = { losesEvents: true } as const satisfies Ending
const CREATED: Ending = { ...QUIETLY, tasks: GENESIS_TASKS }
const UPDATED: Ending = { ...QUIETLY, tasks: UPDATE, parts: { pod: 'new' } }
const GONE = { claim: 'gone', service: 'gone', statefulSet: 'gone', pod: 'gone' } as const
const KEPT = { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' } as const
const ADOPTED: Ending = { ...CREATED, tasks: GENESIS_TASKS.slice(1), parts: { claim: 'same' } }

/** A sidecar that honours the operator's task ids, and one that ignores them and is queried by its list. */
const PROFILES = ['v0.0.25', 'v0.0.20']

/** Service and StatefulSet may be written in one life, and what was written is not written again: 7 tasks, 4 writes. */
const FEWEST_LIVES = 11

interface Scenario {
  /** Of a node that runs before anything happens to it. */
  readonly spec?: SpecInput
  readonly tasks?: TaskBehaviour
  /** What is there before; a node that runs where absent. */
  readonly start?: (fixture: NodesFixture, name: string) => Promise<LivingNode>
  /**
   * What happens, and how it ends. Resolves with the node where the same can happen to it again.
   * @param attempt counts from 1
   */
  readonly play: (node: LivingNode, fixture: NodesFixture, attempt: number) => Promise<LivingNode | undefined>
  /** Fewer would mean that the operator's writes and submissions were not seen. */
  readonly fewest: number
}

function bootstrapOf(profile: string): Scenario {
  return {
    // So long that it is polled, and recorded in status as submitted, which tasks that complete at once are not.
    tasks: type => (type === 'config-apply' ? { durationMs: 300 } : undefined),
    start: (fixture, name) => Promise.resolve(fixture.follow(name)),
    play: async ({ name }, fixture) => {
      const plans = new Set<string>()
      fixture.view.nodes.subscribe(({ object: { metadata, status } }) => {
        if (metadata.name === name && status?.initPlan?.id !== undefined) plans.add(status.initPlan.id)
      })
      const node = await fixture.create(name, sidecarOf(profile, SEVEN_TASKS))
      await node.becomes({ ...QUIETLY, tasks: executedFor(profile) })
      assertMadeOnce(fixture, name)
      assert.equal(plans.size, 1, `${name}: one plan`)
      return undefined
    },
    fewest: 14,
  }
}

const retried: Scenario = {
  tasks: failing('config-apply', 1),
  start: async (fixture, name) => {
    const node = await fixture.create(name)
    await node.becomes({ ...QUIETLY, phase: 'Failed', base: FAILED, tasks: GENESIS_TASKS.slice(0, 2) })
    return node
  },
  play: async node => {
    await node.retry('now')
    await node.becomes({ ...CREATED, tasks: GENESIS_TASKS.slice(1) })
    return undefined
  },
  fewest: 8,
}

function recreated(spec: SpecInput, parts: NonNullable<Ending['parts']>, ending: Ending): Scenario {
  const play = async (node: LivingNode, fixture: NodesFixture): Promise<LivingNode> => {
    await node.remove()
    await node.isGone({ ...QUIETLY, parts })
    const next = await fixture.create(node.name, spec)
    await next.becomes(ending)
    return next
  }
  return { spec, play, fewest: 15 }
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'v0.0.25 bootstraps a node': bootstrapOf('v0.0.25'),
  'v0.0.20 bootstraps a node': bootstrapOf('v0.0.20'),
  'a failed task is retried': retried,
  'the sidecar restarts': {
    play: async (node, fixture) => {
      await fixture.base.node.restartSidecar(node.pod)
      await node.becomes({ ...QUIETLY, tasks: ['mark-ready'] })
      // The kubelet would hold the next restart of this one back.
      return undefined
    },
    // The write of the status may follow the end.
    fewest: 1,
  },
  'the configuration changes': {
    play: async (node, _fixture, attempt) => {
      await node.change({ overrides: { 'evm.max_trace_lookback_blocks': String(8545 + attempt) } })
      await node.becomes(UPDATED)
      return node
    },
    fewest: 10,
  },
  'the image changes': {
    play: async (node, _fixture, attempt) => {
      await node.change({ image: `sei-protocol/seid:v6.5.${attempt}` })
      await node.becomes({ ...QUIETLY, tasks: ['mark-ready'], parts: { pod: 'new' } })
      return node
    },
    fewest: 5,
  },
  'the node is deleted and recreated': recreated(GENESIS_SPEC, GONE, CREATED),
  'failure mode 17: the node is deleted, its volume is kept, and the node recreated on it': recreated(
    RETAINED,
    KEPT,
    ADOPTED,
  ),
}

/** Opens a fixture whose operator dies as the test has armed `killer`, at what it does to the node `target.name`. */
async function openMortal(target: {
  name: string
}): Promise<{ fixture: NodesFixture; killer: Killer } & AsyncDisposable> {
  const killer = await Killer.start(call => concerns(call, target.name))
  const fixture = await NodesFixture.open({ operator: { kubeconfig: killer.kubeconfigPath } })
  killer.operator = fixture.base.operator
  return {
    fixture,
    killer,
    async [Symbol.asyncDispose]() {
      await fixture[Symbol.asyncDispose]()
      await killer[Symbol.asyncDispose]()
    },
  }
}

function behave(
  fixture: NodesFixture,
  killer: Killer,
  target: { readonly name: string },
  name: string,
  tasks?: TaskBehaviour,
) {
  fixture.behave(name, {
    ...(tasks ? { tasks } : {}),
    faults: ({ method, path }) =>
      method !== 'GET' && target.name === name && killer.strikesAt(`${method} ${path}`)
        ? { kind: 'drop-after' }
        : undefined,
  })
}

suite('failure modes 3 and 42: the operator is killed after each API write and submission', { concurrency: 4 }, () => {
  for (const [title, { spec = GENESIS_SPEC, tasks, start, play, fewest }] of Object.entries(SCENARIOS)) {
    test(`${title}: it ends as without the kills, and no task runs twice`, async () => {
      const target = { name: '' }
      await using mortal = await openMortal(target)
      const { fixture, killer } = mortal
      const struck: string[] = []
      let node: LivingNode | undefined
      for (let attempt = 1; attempt <= struck.length + 1; attempt++) {
        const name = node?.name ?? `node-${attempt}`
        behave(fixture, killer, target, name, tasks)
        const subject = node ?? (await (start ?? running)(fixture, name))
        target.name = name
        killer.arm(attempt)
        node = await play(subject, fixture, attempt)
        struck.push(...(await killer.disarm()))
        target.name = ''
      }
      assert.ok(struck.length >= fewest, `${struck.length} effects: ${struck.join(', ')}`)

      async function running(_: NodesFixture, name: string): Promise<LivingNode> {
        const created = await fixture.create(name, spec)
        await created.becomes(CREATED)
        return created
      }
    })
  }

  test('in every later process too: each task runs once', async () => {
    const target = { name: '' }
    await using mortal = await openMortal(target)
    const { fixture, killer } = mortal
    for (const profile of PROFILES) {
      const { tasks, play } = bootstrapOf(profile)
      const name = profile.replaceAll('.', '-')
      target.name = name
      behave(fixture, killer, target, name, tasks)
      killer.arm(1, true)
      await play(fixture.follow(name), fixture, 1)
      const struck = await killer.disarm()
      assert.ok(struck.length >= FEWEST_LIVES, `${struck.length} lives: ${struck.join(', ')}`)
    }
  })
})

/** Each object of the node was made once. */
function assertMadeOnce({ view }: NodesFixture, name: string): void {
  for (const each of [name, `data-${name}`, `${name}-0`]) {
    const seen = view.historyOf(each)
    const uids = new Set(seen.map(({ object }) => object.metadata?.uid))
    assert.equal(uids.size, new Set(seen.map(({ kind }) => kind)).size, `${each}: one object of each kind`)
  }
}
