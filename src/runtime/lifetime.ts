/** What tells the parts of one run to go on, to stop, or to drop everything: `Lifetime`. */

/** Two signals, in this order, and the reason where something went wrong. */
export class Lifetime {
  readonly #stop = new AbortController()
  readonly #abandon = new AbortController()
  readonly #stopped = Promise.withResolvers<void>()
  #failure: unknown

  constructor(signal: AbortSignal) {
    const onAbort = () => {
      this.#stop.abort(signal.reason)
      this.#stopped.resolve()
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  }

  /** Aborted: begin nothing more. */
  get stop(): AbortSignal {
    return this.#stop.signal
  }

  get stopped(): Promise<void> {
    return this.#stopped.promise
  }

  /** Aborted: wait for nothing more. */
  get abandoned(): AbortSignal {
    return this.#abandon.signal
  }

  /** What ended the run, where that was not its signal. */
  get failure(): unknown {
    return this.#failure
  }

  readonly abandon = (): void => {
    this.#abandon.abort(new Error('stopping: no time left'))
  }

  /** Ends everything at once. */
  readonly fail = (error: unknown): void => {
    this.#failure ??= error
    this.#abandon.abort(error)
    this.#stop.abort(error)
    this.#stopped.resolve()
  }

  /** For waits that the stop ends by rejecting. */
  readonly failUnlessStopped = (error: unknown): false => {
    if (!this.#stop.signal.aborted) this.fail(error)
    return false
  }
}
