/** The nodes of one network whose seids run, evaluated together: `Network`; which one a node is of: `networkOf`. */
import { POOL_LABEL } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { type ChainMember, evaluateChain, type HealthSettings } from '../../../chain/health.ts'
import { paceOf, sampled } from '../../../chain/track.ts'
import { announce } from './news.ts'
import { batchMs } from './schedule.ts'
import type { SigningSampler } from './signing.ts'
import type { UpgradePlanSampler } from './upgrade-plans.ts'
import { kindOf, type Watched } from './watched.ts'

export interface NetworkOptions {
  readonly intervalMs: number
  readonly settings: HealthSettings
  readonly signing: SigningSampler
  readonly plans: UpgradePlanSampler
  /** Reconciles a SeiNode whose health changed. */
  readonly wake: (node: Readonly<SeiNode>) => void
}

export class Network {
  readonly #options: NetworkOptions
  readonly members: Watched[] = []
  /** When its nodes are evaluated again. Monotonic, milliseconds. */
  evaluateAt = 0
  #headHeight = 0
  #pace: number | undefined

  constructor(options: NetworkOptions) {
    this.#options = options
  }

  /** The highest block of a node that answers; 0 if none does. */
  get headHeight(): number {
    return this.#headHeight
  }

  /** Blocks per second of its fastest node that follows it; undefined until it is known. */
  get pace(): number | undefined {
    return this.#pace
  }

  get plans(): UpgradePlanSampler {
    return this.#options.plans
  }

  /** Samples its signatures no later than at this time. Monotonic, milliseconds. */
  hurry(at: number): void {
    this.#options.signing.hurry(at)
  }

  /**
   * Between two batches, only where an answer asks for it.
   * @param now monotonic, milliseconds
   */
  evaluateWhenDue(now: number, stop: AbortSignal): void {
    if (now < this.evaluateAt) return
    const { intervalMs, signing, plans, wake } = this.#options
    this.evaluateAt = now + batchMs(intervalMs)
    this.#evaluate(now)
    signing.sampleWhenDue(this.members, now, stop)
    const tell = (): void => {
      // That none is voted for is news to a node whose status has one.
      for (const { node } of this.members) if (plans.voted !== 'none' || node.status?.upgrade?.voted) wake(node)
    }
    plans.sampleWhenDue(this.members, now, tell, stop)
  }

  #evaluate(now: number): void {
    const { settings, wake } = this.#options
    const asked: ChainMember[] = []
    for (const watched of this.members) {
      const { key, track } = watched
      if (track) asked.push({ key, track, before: kindOf(watched) })
    }
    const chainID = this.members[0]?.node.spec.chainId ?? ''
    const { healths, headHeight } = evaluateChain(chainID, asked, now, settings)
    this.#headHeight = headHeight
    let fastest: number | undefined
    for (const watched of this.members) {
      const health = healths.get(watched.key)
      if (!health || !watched.track) continue
      if (health.kind !== 'Following' && health.kind !== 'NotSigning') watched.track = sampled(watched.track, undefined)
      const own = health.kind === 'Following' ? paceOf(watched.track)?.own : undefined
      if (own !== undefined && (fastest === undefined || own > fastest)) fastest = own
      const before = watched.announced
      watched.announced = announce(before, health, now, settings.stallMs)
      if (watched.announced.health !== before?.health) wake(watched.node)
    }
    this.#pace = fastest ?? this.#pace
  }
}

/** Two pools may use one chain id for two networks. Nodes that share a pool's network have its label. */
export function networkOf({ metadata: { namespace, labels }, spec: { chainId } }: Readonly<SeiNode>): string {
  const pool = labels?.[POOL_LABEL]
  return pool === undefined ? chainId : `${namespace}/${pool}/${chainId}`
}
