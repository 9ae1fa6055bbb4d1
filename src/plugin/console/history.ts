/** Heights that this process has observed: `ChainHistory`, the samples of each node with how far it was behind its chain. */
import type { Live } from '../cluster/live.ts'

export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly height: number
  /** Blocks behind the highest that was known then; undefined without a node to compare with. */
  readonly lag: number | undefined
}

/** A quarter of an hour at the usual pace. */
const MAX_SAMPLES = 180
/** Answers of several nodes that count as given at the same time. */
const SIMULTANEOUS_MS = 10_000

interface Heard {
  readonly chain: string
  readonly live: Live
  readonly at: number
}

export class ChainHistory {
  readonly #samples = new Map<string, Sample[]>()
  readonly #heard = new Map<string, Heard>()

  /** @param key of the node @param at milliseconds since the epoch */
  record(key: string, chain: string, live: Live, at: number): void {
    this.#heard.set(key, { chain, live, at })
    if (live.kind === 'unknown') return
    const { height, maxPeerHeight } = live.answer
    const best = Math.max(maxPeerHeight, ...this.#heightsOfOthers(key, chain, at))
    const samples = this.#samples.get(key) ?? []
    samples.push({ at, height, lag: best > 0 ? Math.max(0, best - height) : undefined })
    if (samples.length > MAX_SAMPLES) samples.shift()
    this.#samples.set(key, samples)
  }

  #heightsOfOthers(key: string, chain: string, at: number): readonly number[] {
    return [...this.#heard].flatMap(([other, heard]) =>
      other !== key && heard.chain === chain && heard.live.kind === 'known' && at - heard.at < SIMULTANEOUS_MS
        ? [heard.live.answer.height]
        : [],
    )
  }

  /** Oldest first. */
  samplesOf(key: string): readonly Sample[] {
    return this.#samples.get(key) ?? []
  }

  /** The last answer; undefined if it was never asked. */
  liveOf(key: string): Live | undefined {
    return this.#heard.get(key)?.live
  }

  /** When it was last asked; 0 if never. */
  askedAt(key: string): number {
    return this.#heard.get(key)?.at ?? 0
  }

  /** Forgets nodes that are gone. */
  keep(keys: ReadonlySet<string>): void {
    for (const map of [this.#samples, this.#heard]) for (const key of map.keys()) if (!keys.has(key)) map.delete(key)
  }
}
