/** Ends a process at the n-th thing that it does to the world: `KillSwitch`. */

/** Whether the process still hears of the effect that it dies at. */
export type Moment = 'before the answer' | 'after the answer'

export class KillSwitch {
  readonly #kill: () => void
  #left = 0
  #moment: Moment = 'before the answer'
  #struckAt: string | undefined

  /** @param kill must take effect before it returns */
  constructor(kill: () => void) {
    this.#kill = kill
  }

  /** @param effect the one to die at, counted from 1 */
  arm(effect: number, moment: Moment): void {
    this.#left = effect
    this.#moment = moment
    this.#struckAt = undefined
  }

  disarm(): void {
    this.#left = 0
    this.#struckAt = undefined
  }

  /** The effect that the process died at, as it was named. */
  get struckAt(): string | undefined {
    return this.#struckAt
  }

  /** True when the process has been killed: the answer must not be sent. */
  beforeAnswer(effect: string): boolean {
    return this.#moment === 'before the answer' && this.#count(effect)
  }

  afterAnswer(effect: string): void {
    if (this.#moment === 'after the answer') this.#count(effect)
  }

  #count(effect: string): boolean {
    if (this.#left === 0) return false
    this.#left -= 1
    if (this.#left > 0) return false
    this.#struckAt = effect
    this.#kill()
    return true
  }
}
