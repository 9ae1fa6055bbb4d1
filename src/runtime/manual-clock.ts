/** A fake clock that a test advances: `ManualClock.advance`. */
import { setImmediate as afterInput } from 'node:timers/promises'
import type { Clock, Timer } from './clock.ts'

interface PendingTimer extends Timer {
  readonly at: number
  readonly callback: () => void
}

export class ManualClock implements Clock {
  readonly #start: number
  readonly #pending = new Set<PendingTimer>()
  #elapsed = 0

  /** `startMs`: the wall time at which it starts, milliseconds since the epoch. */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#start = startMs
  }

  now(): number {
    return this.#start + this.#elapsed
  }

  monotonic(): number {
    return this.#elapsed
  }

  /** The number of pending timers. */
  get timers(): number {
    return this.#pending.size
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const timer: PendingTimer = {
      at: this.#elapsed + Math.max(0, ms),
      callback,
      [Symbol.dispose]: () => this.#pending.delete(timer),
    }
    this.#pending.add(timer)
    return timer
  }

  clearTimeout(timer: Timer): void {
    timer[Symbol.dispose]()
  }

  /** Fires every timer due within `ms`, in order, and lets promises settle before and after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms
    await this.settle()
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#elapsed = Math.max(this.#elapsed, next.at)
      this.#pending.delete(next)
      next.callback()
      await this.settle()
    }
    this.#elapsed = end
  }

  /** Advances the time without firing timers, as after a stopped process or a suspended machine. */
  jump(ms: number): void {
    this.#elapsed += ms
  }

  /** Settles every promise that does not depend on the clock. */
  async settle(): Promise<void> {
    await afterInput()
    await afterInput()
  }

  #next(end: number): PendingTimer | undefined {
    let next: PendingTimer | undefined
    for (const timer of this.#pending) {
      if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer
    }
    return next
  }
}
