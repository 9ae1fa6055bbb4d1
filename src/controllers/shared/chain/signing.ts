/** Samples which validators of a network sign its blocks: `SigningSampler`. */
import { sampled } from '../../../chain/track.ts'
import { hasAnswered, isAtHead, type Watched } from './watched.ts'

/** Resolves with the consensus addresses, in hex, of the validators that signed the block. */
export type QuerySigners = (host: string, height: number, stop: AbortSignal) => Promise<ReadonlySet<string>>

/** Nodes that are queried for the signatures of a block until one tells. */
const SOURCES = 3

/** One node that follows the chain tells for all validators of its network who signed a block. */
export class SigningSampler {
  readonly #intervalMs: number
  readonly #query: QuerySigners
  /** The last block whose signatures were sampled. */
  #height = 0
  /** When the next one is sampled. Monotonic, milliseconds. */
  #dueAt = 0

  constructor(intervalMs: number, query: QuerySigners) {
    this.#intervalMs = intervalMs
    this.#query = query
  }

  /** Samples a block no later than at this time. Monotonic, milliseconds. */
  hurry(at: number): void {
    this.#dueAt = Math.min(this.#dueAt, at)
  }

  /**
   * Extends the tracks of the validators among the members when the answer is there.
   * @param now monotonic, milliseconds
   */
  sampleWhenDue(members: readonly Watched[], now: number, stop: AbortSignal): void {
    if (now < this.#dueAt) return
    const validators = members.filter(each => (each.track?.last?.votingPower ?? 0) > 0)
    const sources = members.filter(each => isAtHead(each) && hasAnswered(each)).slice(0, SOURCES)
    // The signatures of a block are final in the next one.
    const height = Math.min(...sources.map(({ track }) => track?.last?.height ?? 0)) - 1
    if (sources.length === 0 || validators.length === 0 || height <= 0) return
    // Not `<=`: a chain that began anew is at lower heights.
    if (height === this.#height) return
    this.#height = height
    this.#dueAt = now + this.#intervalMs
    void this.#sample(sources, height, validators, stop)
  }

  async #sample(
    sources: readonly Watched[],
    height: number,
    validators: readonly Watched[],
    stop: AbortSignal,
  ): Promise<void> {
    const signers = await this.#signersOf(sources, height, stop)
    if (!signers) return
    for (const watched of validators) {
      const { track } = watched
      const address = track?.last?.validatorAddress
      // A node that was behind could not sign.
      const isExpected = track && isAtHead(watched) && height > track.movingFrom
      if (isExpected && address !== undefined) watched.track = sampled(track, signers.has(address))
    }
  }

  async #signersOf(
    sources: readonly Watched[],
    height: number,
    stop: AbortSignal,
  ): Promise<ReadonlySet<string> | undefined> {
    for (const { host } of sources) {
      try {
        return await this.#query(host, height, stop)
      } catch {
        // The next one may tell.
      }
    }
    return undefined
  }
}
