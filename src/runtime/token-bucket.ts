/** A rate limit with bursts: `TokenBucket`. */

/** Holds at most `burst` tokens and gains `perSecond` of them each second; each action takes one. */
export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #tokens: number
  #at: number

  /** `nowMs`: monotonic time at which the bucket is full. */
  constructor(rate: { readonly perSecond: number; readonly burst: number }, nowMs: number) {
    this.#perMs = rate.perSecond / 1000
    this.#burst = rate.burst
    this.#tokens = rate.burst
    this.#at = nowMs
  }

  /** Takes a token if there is one. */
  tryTake(nowMs: number): boolean {
    this.#refill(nowMs)
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  #refill(nowMs: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#at) * this.#perMs)
    this.#at = nowMs
  }
}
