/** The operator killed at every point of what happens to a node over its life, and started again: the end is the same. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import type { Fault, SeenRequest, TaskBehaviour } from '../../testing/fakes/sidecar/index.ts'
import { KillSwitch } from '../support/kill-switch.ts'
import { type ApiCall, concerns } from '../support/api-call.ts'
import { ApiProxy } from '../support/api-proxy.ts'
import { GENESIS_SPEC } from '../support/operator-stage.ts'
import { type Ending, FAILED } from './ending.ts'
import { GENESIS_TASKS, Lane } from './lane.ts'
import type { LivingNode, SpecInput } from './living-node.ts'
import { failing, RETAINED, sidecarOf, UPDATE } from './specs.ts'

/** An event is lost where the operator dies between what it tells of and itself. */
const QUIETLY = { losesEvents: true } as const satisfies Ending
const CREATED: Ending = { ...QUIETLY, tasks: GENESIS_TASKS }
const UPDATED: Ending = { ...QUIETLY, tasks: UPDATE, parts: { pod: 'new' } }
const GONE = { claim: 'gone', service: 'gone', statefulSet: 'gone', pod: 'gone' } as const
const KEPT = { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' } as const
const ADOPTED: Ending = { ...CREATED, tasks: GENESIS_TASKS.slice(1), parts: { claim: 'same' } }

interface Scenario {
  readonly spec?: SpecInput
  readonly tasks?: TaskBehaviour
  /** How the node is before anything happens to it; Running where absent. */
  readonly start?: Ending
  /**
   * What happens, and how it ends. Resolves with the node where the same can happen to it again.
   * @param round counts from 1
   */
  readonly play: (node: LivingNode, lane: Lane, round: number) => Promise<LivingNode | undefined>
  /** Fewer would mean that the operator's API writes and calls of the sidecar were not seen. */
  readonly fewest: number
}

const retried: Scenario = {
  tasks: failing('config-apply', 1),
  start: { ...QUIETLY, phase: 'Failed', base: FAILED, tasks: GENESIS_TASKS.slice(0, 2) },
  play: async node => {
    await node.retry('now')
    await node.becomes({ ...CREATED, tasks: GENESIS_TASKS.slice(1) })
    return undefined
  },
  fewest: 8,
}

function madeAgain(spec: SpecInput, parts: NonNullable<Ending['parts']>, ending: Ending): Scenario {
  const play = async (node: LivingNode, lane: Lane): Promise<LivingNode> => {
    await node.remove()
    await node.isGone({ ...QUIETLY, parts })
    const next = await lane.create(node.name, spec)
    await next.becomes(ending)
    return next
  }
  return { spec, play, fewest: 15 }
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a failed task is retried': retried,
  'a failed task is retried by a sidecar that ignores ids': { ...retried, spec: sidecarOf('v0.0.20') },
  'the sidecar restarts': {
    play: async (node, lane) => {
      await lane.stage.node.restartSidecar(node.pod)
      await node.becomes({ ...QUIETLY, tasks: ['mark-ready'] })
      // The kubelet would hold the next restart of this one back.
      return undefined
    },
    fewest: 3,
  },
  'the configuration changes': {
    play: async (node, _lane, round) => {
      await node.change({ overrides: { 'evm.max_trace_lookback_blocks': String(8545 + round) } })
      await node.becomes(UPDATED)
      return node
    },
    fewest: 10,
  },
  'the image changes': {
    play: async (node, _lane, round) => {
      await node.change({ image: `sei-protocol/seid:v6.5.${round}` })
      await node.becomes({ ...QUIETLY, tasks: ['mark-ready'], parts: { pod: 'new' } })
      return node
    },
    fewest: 5,
  },
  'the node is deleted and made again': madeAgain(GENESIS_SPEC, GONE, CREATED),
  'failure mode 17: the node is deleted, its volume is kept, and the node made again on it': madeAgain(
    RETAINED,
    KEPT,
    ADOPTED,
  ),
}

/** A lane whose operator dies before it hears of the n-th thing that it has done to the armed node, and is started again. */
class CrashStage implements AsyncDisposable {
  readonly lane: Lane
  readonly #proxy: ApiProxy
  readonly #killSwitch: KillSwitch
  readonly #target: { node: string }
  readonly #lives: Promise<void>[]

  private constructor(
    lane: Lane,
    proxy: ApiProxy,
    killSwitch: KillSwitch,
    target: { node: string },
    lives: Promise<void>[],
  ) {
    this.lane = lane
    this.#proxy = proxy
    this.#killSwitch = killSwitch
    this.#target = target
    this.#lives = lives
  }

  static async open(): Promise<CrashStage> {
    const target = { node: '' }
    const lives: Promise<void>[] = []
    const killSwitch = new KillSwitch(() => {
      const { operator } = lane.stage
      lives.push(operator.kill().then(() => operator.start()))
    })
    const proxy = await ApiProxy.start({
      kubeconfigPath: attachedControlPlane(process.env).operatorKubeconfigPath,
      withhold: (call: ApiCall, status: number) =>
        status < 300 && concerns(call, target.node) && killSwitch.beforeAnswer(`${call.method} ${call.resource}`),
    })
    const lane = await Lane.open({ operator: { kubeconfig: proxy.kubeconfigPath } })
    return new CrashStage(lane, proxy, killSwitch, target, lives)
  }

  /** For the behaviour of the node's sidecars. */
  faultsOf(node: string): (request: SeenRequest) => Fault | undefined {
    return ({ method, path }) => {
      const isCounted = this.#target.node === node
      return isCounted && this.#killSwitch.beforeAnswer(`sidecar ${method} ${path}`)
        ? { kind: 'drop-after' }
        : undefined
    }
  }

  /** Kills the operator once, at that effect. @returns the effect, where what happens to the node has so many */
  async strike(node: string, effect: number, happens: () => Promise<unknown>): Promise<string | undefined> {
    this.#target.node = node
    this.#killSwitch.arm(effect, 'before the answer')
    await happens()
    const { struckAt } = this.#killSwitch
    this.#killSwitch.disarm()
    await Promise.all(this.#lives)
    return struckAt
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lane[Symbol.asyncDispose]()
    await this.#proxy[Symbol.asyncDispose]()
  }
}

suite(
  'failure mode 42: the operator is killed after each API write and sidecar call in turn',
  { concurrency: 4 },
  () => {
    for (const [title, { spec = GENESIS_SPEC, tasks, start = CREATED, play, fewest }] of Object.entries(SCENARIOS)) {
      test(`${title}: it ends as if nothing had been, and no task runs twice`, async () => {
        await using stage = await CrashStage.open()
        const { lane } = stage
        const struck: string[] = []
        let node: LivingNode | undefined
        for (let round = 1; round <= struck.length + 1; round++) {
          const name: string = node?.name ?? `node-${round}`
          lane.behave(name, { ...(tasks ? { tasks } : {}), faults: stage.faultsOf(name) })
          const subject: LivingNode = node ?? (await lane.create(name, spec))
          if (!node) await subject.becomes(start)
          const at = await stage.strike(name, round, async () => {
            node = await play(subject, lane, round)
          })
          if (at !== undefined) struck.push(at)
        }
        assert.ok(struck.length >= fewest, `${struck.length} effects: ${struck.join(', ')}`)
      })
    }
  },
)
