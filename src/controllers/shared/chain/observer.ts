/** Asks each running seid how it follows its chain, and keeps what is known of all of them: `ChainObserver`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { POOL_LABEL } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { childNames } from '../../../build/names.ts'
import { type ChainHealth, evaluateChain, follows, type HealthSettings, isHalted } from '../../../chain/health.ts'
import { answered, sampled, type Track, unanswered } from '../../../chain/track.ts'
import { backoffMs } from '../../../lib/backoff.ts'
import { type CallLimiter, SilentTargetError } from '../../../runtime/call-limiter.ts'
import { aborted, type Clock, sleep } from '../../../runtime/clock.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import type { Store } from '../../../runtime/store.ts'
import { isSilence, type SeidClient } from '../../../seid/rpc.ts'
import { seidState } from '../pods/pod-state.ts'

export interface ChainObserverOptions {
  readonly nodes: Pick<Store<SeiNode>, 'values' | 'get'>
  readonly pods: Pick<Store<Pod>, 'get'>
  readonly seid: SeidClient
  readonly limiter: CallLimiter
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** Between two questions to a seid that answers, milliseconds. */
  readonly intervalMs: number
  /** As in `HealthSettings`. */
  readonly missedShare: number
}

/** What reconciles read. */
export type ChainView = Pick<ChainObserver, 'health' | 'track' | 'follows' | 'isHalted' | 'hurry'>

/** What is known of a node, whichever pod said it. */
export interface KnownNode {
  readonly track: Track | undefined
  readonly health: ChainHealth | undefined
  /** The highest block that any node of its chain told of. */
  readonly headHeight: number
}

/** When a seid is asked next. */
interface Schedule {
  readonly podUID: string
  /** Milliseconds since the epoch. */
  dueAt: number
  /** Questions since its last answer. */
  failures: number
  /** Answers so far. */
  answers: number
  isAsked: boolean
}

const STALL_MS = 30_000
const SILENT_MS = 40_000
/** Questions of one node are spread by this share of the interval. */
const JITTER = 0.2
const FIRST_RETRY_MS = 500
const SOON_MS = 1_000
/** Peers change slowly: they are asked for with every so manieth status, and while a node stands still. */
const PEERS_EVERY = 4
/** The schedule is looked through so many times in an interval, within these bounds. */
const TICKS = 15
const TICK_MS = { min: 100, max: 1_000 }
/** A figure in a health is renewed when it fell by this share, or rose by a half. */
const NEWS_SHARE = 0.1

/**
 * One store of what is known of all chains: reconciles, metrics and rollouts read it. Nothing of it is on the API server; a
 * process that begins anew knows each node again after one question.
 */
export class ChainObserver {
  readonly #options: ChainObserverOptions
  readonly settings: HealthSettings
  readonly #tracks = new Map<string, Track>()
  readonly #schedules = new Map<string, Schedule>()
  readonly #healths = new Map<string, ChainHealth>()
  /** By network (`networkOf`). */
  readonly #heads = new Map<string, number>()
  /** Height of the last block whose signatures were sampled, by network. */
  readonly #sampledAt = new Map<string, { readonly height: number; readonly dueAt: number }>()
  /** Reconciles a SeiNode whose health changed; set once its controller is there. */
  wake: (node: Readonly<SeiNode>) => void = () => {}

  constructor(options: ChainObserverOptions) {
    this.#options = options
    const { intervalMs, missedShare } = options
    this.settings = {
      stallMs: Math.max(STALL_MS, 2 * intervalMs),
      silentMs: Math.max(SILENT_MS, 2 * intervalMs + SILENT_MS - STALL_MS),
      missedShare,
    }
  }

  /** What was last heard of the node's pod; undefined before the first question. */
  track(key: string, podUID: string): Track | undefined {
    const track = this.#tracks.get(key)
    return track?.podUID === podUID ? track : undefined
  }

  /** How the node's pod follows its chain; figures in it are those of the last transition. Undefined while nobody knows. */
  health(key: string, podUID: string): ChainHealth | undefined {
    return this.track(key, podUID) && this.#healths.get(key)
  }

  known(node: Readonly<SeiNode>): KnownNode {
    const key = keyOf(node)
    const track = this.#tracks.get(key)
    const headHeight = Math.max(this.#heads.get(networkOf(node)) ?? 0, track?.last?.maxPeerHeight ?? 0)
    return { track, health: this.#healths.get(key), headHeight }
  }

  /** Whether that pod was seen to get a new block a short while ago. */
  follows(key: string, podUID: string): boolean {
    return follows(this.#tracks.get(key), podUID, this.#options.clock.now(), this.settings)
  }

  /** Asks the node within a second, for somebody who waits for its next block. */
  hurry(key: string): void {
    const schedule = this.#schedules.get(key)
    if (schedule) schedule.dueAt = Math.min(schedule.dueAt, this.#options.clock.now() + SOON_MS)
  }

  /** Whether the network of these validators stands still. */
  isHalted(
    validators: readonly { readonly key: string; readonly podUID: string; readonly isReady: boolean }[],
  ): boolean {
    const tracked = validators.map(({ key, podUID, isReady }) => ({ track: this.track(key, podUID), isReady }))
    return isHalted(tracked, this.#options.clock.now(), this.settings)
  }

  /** Runs while this process leads. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock, intervalMs } = this.#options
    const tickMs = Math.min(TICK_MS.max, Math.max(TICK_MS.min, intervalMs / TICKS))
    while (!stop.aborted) {
      this.tick(stop)
      await Promise.race([sleep(tickMs, stop, clock).catch(() => undefined), aborted(stop)])
    }
  }

  /** Asks whoever is due, and evaluates what is known. */
  tick(stop: AbortSignal): void {
    const now = this.#options.clock.now()
    const networks = new Map<string, Readonly<SeiNode>[]>()
    for (const node of this.#options.nodes.values()) {
      const key = keyOf(node)
      const pod = this.#options.pods.get(`${node.metadata.namespace}/${childNames(node).pod}`)
      if (!pod || !seidState(pod).running || pod.status?.podIP === undefined) {
        this.#forget(key)
        continue
      }
      this.#askWhenDue(key, pod, now, stop)
      const network = networkOf(node)
      const others = networks.get(network)
      if (others) others.push(node)
      else networks.set(network, [node])
    }
    for (const key of this.#schedules.keys()) if (!this.#options.nodes.get(key)) this.#forget(key)
    for (const [network, nodes] of networks) {
      this.#evaluate(network, nodes, now)
      this.#sampleWhenDue(network, nodes, now, stop)
    }
  }

  #forget(key: string): void {
    this.#schedules.delete(key)
    this.#tracks.delete(key)
    this.#healths.delete(key)
  }

  #askWhenDue(key: string, pod: Readonly<Pod>, now: number, stop: AbortSignal): void {
    const podUID = pod.metadata?.uid ?? ''
    let schedule = this.#schedules.get(key)
    if (schedule?.podUID !== podUID) {
      this.#forget(key)
      schedule = { podUID, dueAt: now, failures: 0, answers: 0, isAsked: false }
      this.#schedules.set(key, schedule)
    }
    if (schedule.isAsked || now < schedule.dueAt) return
    schedule.isAsked = true
    void this.#ask(key, pod.status?.podIP ?? '', schedule, stop)
  }

  async #ask(key: string, host: string, schedule: Schedule, stop: AbortSignal): Promise<void> {
    const { clock, seid, intervalMs, random } = this.#options
    const { podUID } = schedule
    let track: (now: number) => Track
    try {
      const status = await this.#call(host, () => seid.status(host, stop), stop)
      const isStanding = status.height <= (this.#tracks.get(key)?.last?.height ?? -1)
      const peers = schedule.answers % PEERS_EVERY === 0 || isStanding ? await this.#peers(host, stop) : undefined
      track = now => answered(this.#tracks.get(key), podUID, { ...status, peers }, now)
      schedule.answers += 1
      schedule.failures = 0
    } catch (error) {
      const silence = error instanceof Error ? error.message : String(error)
      track = now => unanswered(this.#tracks.get(key), podUID, silence, now)
      schedule.failures += 1
    }
    schedule.isAsked = false
    if (stop.aborted || this.#schedules.get(key) !== schedule) return
    const now = clock.now()
    this.#tracks.set(key, track(now))
    const wait =
      schedule.failures === 0
        ? intervalMs * (1 - JITTER * random())
        : backoffMs(schedule.failures - 1, { initialMs: FIRST_RETRY_MS, maxMs: intervalMs, jitter: JITTER }, random())
    schedule.dueAt = now + wait
  }

  /** A node whose peers cannot be asked for has answered all the same. */
  async #peers(host: string, stop: AbortSignal): Promise<number | undefined> {
    return this.#call(host, () => this.#options.seid.peers(host, stop), stop).catch(() => undefined)
  }

  async #call<T>(host: string, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await this.#options.limiter.run({ target: `seid ${host}`, call, isSilence, signal })
    } catch (error) {
      throw error instanceof SilentTargetError ? error.cause : error
    }
  }

  #evaluate(network: string, nodes: readonly Readonly<SeiNode>[], now: number): void {
    const members = nodes.flatMap(node => {
      const track = this.#tracks.get(keyOf(node))
      return track ? [{ key: keyOf(node), track }] : []
    })
    this.#heads.set(network, Math.max(0, ...members.map(({ track }) => track.last?.height ?? 0)))
    const healths = evaluateChain(nodes[0]?.spec.chainId ?? '', members, now, this.settings)
    for (const node of nodes) {
      const key = keyOf(node)
      const [before, after] = [this.#healths.get(key), healths.get(key)]
      if (!after || !isNews(before, after)) continue
      this.#healths.set(key, after)
      this.wake(node)
    }
  }

  /** One node that follows the chain tells of all its validators who signed a block. */
  #sampleWhenDue(network: string, nodes: readonly Readonly<SeiNode>[], now: number, stop: AbortSignal): void {
    const { dueAt = 0, height: sampledHeight = 0 } = this.#sampledAt.get(network) ?? {}
    if (now < dueAt || !nodes.some(node => (this.#tracks.get(keyOf(node))?.last?.votingPower ?? 0) > 0)) return
    const source = nodes.find(node => this.#healths.get(keyOf(node))?.kind === 'Following')
    const pod = source && this.#options.pods.get(`${source.metadata.namespace}/${childNames(source).pod}`)
    const host = pod?.status?.podIP
    // The signatures of a block are final in the next one.
    const height = (source ? (this.#tracks.get(keyOf(source))?.last?.height ?? 0) : 0) - 1
    if (host === undefined || height <= sampledHeight) return
    this.#sampledAt.set(network, { height, dueAt: now + this.#options.intervalMs })
    void this.#sample(host, height, nodes, stop)
  }

  async #sample(host: string, height: number, nodes: readonly Readonly<SeiNode>[], stop: AbortSignal): Promise<void> {
    let signers: ReadonlySet<string>
    try {
      signers = await this.#call(host, () => this.#options.seid.signers(host, height, stop), stop)
    } catch {
      return
    }
    for (const node of nodes) {
      const key = keyOf(node)
      const track = this.#tracks.get(key)
      const { validatorAddress, votingPower = 0 } = track?.last ?? {}
      if (!track || validatorAddress === undefined || votingPower === 0) continue
      this.#tracks.set(key, sampled(track, signers.has(validatorAddress)))
    }
  }
}

/** Two pools may give their own networks the same chain id; nodes that share a pool's network carry its label. */
function networkOf({ metadata: { namespace, labels }, spec: { chainId } }: Readonly<SeiNode>): string {
  const pool = labels?.[POOL_LABEL]
  return pool === undefined ? chainId : `${namespace}/${pool}/${chainId}`
}

function isNews(before: ChainHealth | undefined, after: ChainHealth): boolean {
  if (before?.kind !== after.kind) return true
  if (before.kind !== 'CatchingUp' || after.kind !== 'CatchingUp') return false
  if (before.blocksLeft === undefined || after.blocksLeft === undefined) return before.blocksLeft !== after.blocksLeft
  const share = after.blocksLeft / before.blocksLeft
  return share <= 1 - NEWS_SHARE || share >= 1.5
}
