/** Asks now and then which upgrade a network has voted for: `UpgradePlanSampler`; what is known of it: `ChainOutlook`; whether its head is known: `headOf`. */
import type { ChainHealth } from '../../../chain/health.ts'
import type { ChainReach } from '../../../plan/upgrades.ts'
import type { VotedUpgrade } from '../../../seid/upgrade-plan.ts'
import { hasAnswered, isAtHead, type Watched } from './watched.ts'

/** What reconciles need to know of a chain for upgrades. */
export interface ChainOutlook {
  /** The highest block that is known; undefined if none is. */
  readonly headHeight: number | undefined
  /** As in `ChainReach`. */
  readonly head: ChainReach['head']
  /** Blocks per second at the head of the chain; undefined until it is known. */
  readonly pace: number | undefined
  /** The height that the node itself reported last, also after its seid ended; undefined if that was before its bootstrap. */
  readonly lastHeight: number | undefined
  /** The upgrade that the chain has voted for and not reached; `none`: there is none; undefined: not known. */
  readonly voted: VotedUpgrade | 'none' | undefined
}

/** A vote takes hours at least. Milliseconds. */
const INTERVAL_MS = 300_000
/** After a query without an answer. Milliseconds. */
const RETRY_MS = 60_000
/** A chain that is observed more often is asked more often too: once in this many observations. */
const OBSERVATIONS = 20

/** A node that says so has the last block of its chain, within what it makes between two queries. */
const AT_HEAD: ReadonlySet<ChainHealth['kind']> = new Set(['Following', 'NotSigning', 'ChainHalted'])

/**
 * @param headHeight the highest block of a node that answers; 0 if none does
 * @param isSettled this process has led for long enough to have asked everybody
 */
export function headOf(members: readonly Watched[], headHeight: number, isSettled: boolean): ChainReach['head'] {
  // Of a chain without a block, no height tells what is passed.
  if (members.some(({ announced }) => announced && AT_HEAD.has(announced.health.kind)))
    return headHeight > 0 ? 'followed' : 'awaited'
  const isAsking = members.some(({ answers, failures }) => answers + failures === 0)
  return isAsking || !isSettled ? 'awaited' : 'unknown'
}

/** One node that follows the chain tells for all nodes of its network. */
export class UpgradePlanSampler {
  readonly #scale: number
  readonly #query: (host: string, stop: AbortSignal) => Promise<VotedUpgrade | undefined>
  /** Monotonic, milliseconds. */
  #dueAt = 0
  #isAsked = false
  #voted: VotedUpgrade | 'none' | undefined

  /** @param intervalMs between two observations of a node */
  constructor(intervalMs: number, query: (host: string, stop: AbortSignal) => Promise<VotedUpgrade | undefined>) {
    this.#scale = Math.min(1, (intervalMs * OBSERVATIONS) / INTERVAL_MS)
    this.#query = query
  }

  get voted(): VotedUpgrade | 'none' | undefined {
    return this.#voted
  }

  /**
   * @param now monotonic, milliseconds
   * @param announce called when the answer differs from the one before
   */
  sampleWhenDue(members: readonly Watched[], now: number, announce: () => void, stop: AbortSignal): void {
    if (this.#isAsked || now < this.#dueAt) return
    const source = members.find(each => isAtHead(each) && hasAnswered(each))
    if (!source) return
    this.#isAsked = true
    this.#dueAt = now + INTERVAL_MS * this.#scale
    void this.#sample(source.host, announce, stop).catch(() => {
      this.#dueAt = now + RETRY_MS * this.#scale
    })
  }

  async #sample(host: string, announce: () => void, stop: AbortSignal): Promise<void> {
    try {
      const voted = (await this.#query(host, stop)) ?? 'none'
      const isNews = textOf(voted) !== textOf(this.#voted)
      this.#voted = voted
      if (isNews) announce()
    } finally {
      this.#isAsked = false
    }
  }
}

function textOf(voted: VotedUpgrade | 'none' | undefined): string {
  return typeof voted === 'object' ? `${voted.height} ${voted.name}` : String(voted)
}
