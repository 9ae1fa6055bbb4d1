/** Queries each running seid, and keeps what is known of all chains: `ChainObserver`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { childNames } from '../../../build/names.ts'
import { type ChainHealth, follows, haltedSince, type HealthSettings, isEvaluable } from '../../../chain/health.ts'
import { answered, type Moment, type Track, unanswered } from '../../../chain/track.ts'
import { isSilence } from '../../../kube/http-error.ts'
import { lastEndOf } from '../../../plan/task-plan.ts'
import { type CallLimiter, SilentTargetError } from '../../../runtime/call-limiter.ts'
import { type Clock, sleep } from '../../../runtime/clock.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import type { Store } from '../../../runtime/store.ts'
import type { SeidClient } from '../../../seid/rpc.ts'
import { seidStart } from '../pods/pod-state.ts'
import { Network, networkOf } from './network.ts'
import { nextQuery } from './schedule.ts'
import { SigningSampler } from './signing.ts'
import { type ChainOutlook, headOf, UpgradePlanSampler } from './upgrade-plans.ts'
import type { Watched } from './watched.ts'

export interface ChainObserverOptions {
  readonly nodes: Pick<Store<SeiNode>, 'values' | 'get' | 'subscribe'>
  readonly pods: Pick<Store<Pod>, 'get' | 'subscribe'>
  readonly seid: SeidClient
  readonly limiter: CallLimiter
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** Between two queries of a seid that answers, milliseconds. */
  readonly intervalMs: number
  /** As in `HealthSettings`. */
  readonly missedShare: number
}

/** What reconciles read. A node is named by its key and the start of its seid (`seidStart`). */
export type ChainView = Pick<
  ChainObserver,
  'health' | 'track' | 'follows' | 'isEvaluable' | 'haltedSince' | 'hurry' | 'outlook'
>

/** What is known of a node, whichever start of seid said it. */
export interface KnownNode {
  readonly track: Track | undefined
  readonly health: ChainHealth | undefined
  /** The highest block that is known of its chain. */
  readonly headHeight: number
}

const STALL_MS = 30_000
const SILENT_MS = 40_000
const SOON_MS = 1_000
/** Peers change slowly: they are queried with every eighth status, and while a node stands still. */
const PEERS_EVERY = 8
/** The schedule is checked this many times in an interval, within these bounds. */
const TICKS = 15
const TICK_MS = { min: 100, max: 1_000 }
/** Queries that begin together, and the pause before the next of a tick. */
const GROUP = 64
const GROUP_PAUSE_MS = 40

/**
 * The one store of what is known of all chains. Reconciles, metrics and rollouts read it. Nothing of it is on the API
 * server. A new process knows each node after one query.
 */
export class ChainObserver {
  readonly #options: ChainObserverOptions
  readonly #settings: HealthSettings
  readonly #watched = new Map<string, Watched>()
  readonly #networks = new Map<string, Network>()
  /** The height that each node reported last, and when: milliseconds since the epoch. */
  readonly #lastHeights = new Map<string, { readonly height: number; readonly at: number }>()
  /** Whether a SeiNode or a pod changed since they were last gone through. */
  #isStale = true
  /** Reconciles a SeiNode whose health changed; set when its controller exists. */
  wake: (node: Readonly<SeiNode>) => void = () => {}
  /** Monotonic, milliseconds. */
  #ledSince: number | undefined

  constructor(options: ChainObserverOptions) {
    this.#options = options
    const { intervalMs, missedShare } = options
    this.#settings = {
      stallMs: Math.max(STALL_MS, 2 * intervalMs),
      silentMs: Math.max(SILENT_MS, 2 * intervalMs + SILENT_MS - STALL_MS),
      missedShare,
    }
    const onChange = (): void => {
      this.#isStale = true
    }
    options.nodes.subscribe(onChange)
    options.pods.subscribe(onChange)
  }

  /** What that start of seid said; undefined before the first answer or failure. */
  track(key: string, start: string): Track | undefined {
    return this.#of(key, start)?.track
  }

  /** How the node follows its chain; its figures are those of the last transition. Undefined while it is not known. */
  health(key: string, start: string): ChainHealth | undefined {
    return this.#of(key, start)?.announced?.health
  }

  known(node: Readonly<SeiNode>): KnownNode {
    const { track, announced } = this.#watched.get(keyOf(node)) ?? {}
    const headHeight = Math.max(this.#networks.get(networkOf(node))?.headHeight ?? 0, track?.last?.maxPeerHeight ?? 0)
    return { track, health: announced?.health, headHeight }
  }

  /** What is known of the chain of the node, whether its seid runs or not. */
  outlook(node: Readonly<SeiNode>): ChainOutlook {
    const network = this.#networks.get(networkOf(node))
    const { headHeight } = this.known(node)
    const last = this.#lastHeights.get(keyOf(node))
    const isOfThisState = last !== undefined && last.at >= lastEndOf(node.status?.initPlan)
    const ledMs = this.#options.clock.monotonic() - (this.#ledSince ?? Number.POSITIVE_INFINITY)
    return {
      headHeight: headHeight > 0 ? headHeight : undefined,
      head: headOf(network?.members ?? [], network?.headHeight ?? 0, ledMs >= this.#settings.stallMs),
      pace: network?.pace,
      lastHeight: isOfThisState ? last.height : undefined,
      voted: network?.plans.voted,
    }
  }

  /** Whether that start of seid is Following and had a new block a short while ago. */
  follows(key: string, start: string): boolean {
    const { track, announced } = this.#of(key, start) ?? {}
    return announced?.health.kind === 'Following' && follows(track, start, this.#options.clock.monotonic())
  }

  /** Whether enough is known of that start of seid for `follows` to say no. */
  isEvaluable(key: string, start: string): boolean {
    return isEvaluable(this.track(key, start), this.#options.clock.monotonic(), this.#settings)
  }

  /** Queries the node within a second, and samples its network, for a caller that waits for it to follow the chain. */
  hurry(key: string): void {
    const watched = this.#watched.get(key)
    if (!watched) return
    const soon = this.#options.clock.monotonic() + SOON_MS
    watched.dueAt = Math.min(watched.dueAt, soon)
    watched.isHurried = true
    this.#networks.get(watched.network)?.hurry(soon)
  }

  /** Since when the network of these validators stands still, milliseconds since the epoch; undefined if it does not. */
  haltedSince(
    validators: readonly { readonly key: string; readonly start: string; readonly isReady: boolean }[],
  ): number | undefined {
    const tracked = validators.map(({ key, start, isReady }) => ({ track: this.track(key, start), isReady }))
    return haltedSince(tracked, this.#options.clock.monotonic(), this.#settings)
  }

  /** Runs while this process leads. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock, intervalMs } = this.#options
    const tickMs = Math.min(TICK_MS.max, Math.max(TICK_MS.min, intervalMs / TICKS))
    this.#ledSince = clock.monotonic()
    while (!stop.aborted) {
      await this.#tick(stop)
      await sleep(tickMs, stop, clock).catch(() => undefined)
    }
  }

  #of(key: string, start: string): Watched | undefined {
    const watched = this.#watched.get(key)
    return watched?.start === start ? watched : undefined
  }

  async #tick(stop: AbortSignal): Promise<void> {
    if (this.#isStale) this.#refresh()
    const now = this.#options.clock.monotonic()
    const due: Watched[] = []
    for (const watched of this.#watched.values()) if (!watched.isAsked && now >= watched.dueAt) due.push(watched)
    for (const network of this.#networks.values()) network.evaluateWhenDue(now, stop)
    await this.#queryAll(due, stop)
  }

  /** Which seids run, and of which networks. */
  #refresh(): void {
    this.#isStale = false
    const { nodes, pods } = this.#options
    for (const { members } of this.#networks.values()) members.length = 0
    for (const node of nodes.values()) {
      const pod = pods.get(`${node.metadata.namespace}/${childNames(node).pod}`)
      const [start, host] = [seidStart(pod), pod?.status?.podIP]
      if (start === undefined || host === undefined) this.#watched.delete(keyOf(node))
      else this.#watch(node, start, host)
    }
    for (const known of [this.#watched, this.#lastHeights])
      for (const key of known.keys()) if (!nodes.get(key)) known.delete(key)
    for (const [name, { members }] of this.#networks) if (members.length === 0) this.#networks.delete(name)
  }

  /** In groups, so that a batch leaves room for other calls to pods, and its answers do not arrive all at once. */
  async #queryAll(due: readonly Watched[], stop: AbortSignal): Promise<void> {
    for (const [index, watched] of due.entries()) {
      if (index > 0 && index % GROUP === 0)
        await sleep(GROUP_PAUSE_MS, stop, this.#options.clock).catch(() => undefined)
      if (stop.aborted) return
      watched.isAsked = true
      void this.#query(watched, stop)
    }
  }

  #watch(node: Readonly<SeiNode>, start: string, host: string): void {
    const key = keyOf(node)
    const network = networkOf(node)
    const known = this.#of(key, start)
    const watched = known?.host === host ? known : this.#begin(key, node, start, host)
    watched.node = node
    watched.network = network
    this.#network(network).members.push(watched)
  }

  #begin(key: string, node: Readonly<SeiNode>, start: string, host: string): Watched {
    const { containerID, state } = node.status?.chain ?? {}
    const watched: Watched = {
      key,
      node,
      start,
      host,
      network: networkOf(node),
      dueAt: this.#options.clock.monotonic(),
      failures: 0,
      answers: 0,
      isAsked: false,
      isHurried: false,
      track: undefined,
      announced: undefined,
      recorded: containerID === start ? state : undefined,
    }
    this.#watched.set(key, watched)
    return watched
  }

  #network(name: string): Network {
    const known = this.#networks.get(name)
    if (known) return known
    const { seid, intervalMs } = this.#options
    const network = new Network({
      intervalMs,
      settings: this.#settings,
      signing: new SigningSampler(intervalMs, (host, height, stop) =>
        this.#call(host, () => seid.signers(host, height, stop), stop),
      ),
      plans: new UpgradePlanSampler(intervalMs, (host, stop) => this.#call(host, () => seid.upgrade(host, stop), stop)),
      wake: node => this.wake(node),
    })
    this.#networks.set(name, network)
    return network
  }

  #now(): Moment {
    const { clock } = this.#options
    return { at: clock.monotonic(), wall: clock.now() }
  }

  async #query(watched: Watched, stop: AbortSignal): Promise<void> {
    const { seid, clock, random, intervalMs } = this.#options
    const { key, host, start, track: before } = watched
    let track: Track
    let isStanding = false
    try {
      const status = await this.#call(host, () => seid.status(host, stop), stop)
      isStanding = status.height <= (before?.last?.height ?? -1)
      const isDue = watched.answers % PEERS_EVERY === 0 || isStanding
      // A node that does not tell its peers has answered all the same.
      const peers = isDue
        ? await this.#call(host, () => seid.peers(host, stop), stop).catch(() => undefined)
        : undefined
      track = answered(watched.track, start, { ...status, peers }, this.#now(), this.#settings.stallMs)
      watched.answers += 1
      watched.failures = 0
    } catch (error) {
      const silence = error instanceof Error ? error.message : String(error)
      track = unanswered(watched.track, start, silence, this.#now())
      watched.failures += 1
    }
    watched.isAsked = false
    if (stop.aborted || this.#watched.get(key) !== watched) return
    watched.track = track
    if (track.last && track.silence === undefined)
      this.#lastHeights.set(key, { height: track.last.height, at: clock.now() })
    const { failures, isHurried, announced, network: name } = watched
    watched.isHurried = false
    const ended = { failures, isStanding, isHurried, kind: announced?.health.kind }
    const { dueAt, evaluateNow } = nextQuery(ended, clock.monotonic(), intervalMs, random())
    watched.dueAt = dueAt
    const network = this.#networks.get(name)
    if (network && evaluateNow) network.evaluateAt = 0
  }

  async #call<T>(host: string, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { limiter, intervalMs } = this.#options
    try {
      return await limiter.run({ target: `seid ${host}`, call, isSilence, signal, maxPauseMs: intervalMs })
    } catch (error) {
      throw error instanceof SilentTargetError ? error.cause : error
    }
  }
}
