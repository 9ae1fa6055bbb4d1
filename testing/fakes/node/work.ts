/** A keyed work loop: `Work` runs several keys at once, one key never twice at once. */
import { backoffMs } from '../../../src/lib/backoff.ts'
import type { Clock, Timer } from '../../../src/runtime/clock.ts'
import type { Logger } from '../../../src/runtime/log.ts'

/** Most of the time is spent waiting for the API server. */
const CONCURRENCY = 64
const BACKOFF = { initialMs: 20, maxMs: 1000 }
/** How long `stop` waits for requests in progress. */
const STOP_MS = 1000

export interface WorkOptions {
  readonly name: string
  /** Resolves with the delay until the next run, milliseconds; undefined: at the next `enqueue`. A rejection is retried. */
  readonly run: (key: string) => Promise<number | undefined>
  readonly log: Logger
  readonly clock: Clock
}

export class Work {
  readonly #options: WorkOptions
  readonly #queued = new Set<string>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #timers = new Map<string, Timer>()
  readonly #failures = new Map<string, number>()
  #state: 'new' | 'started' | 'stopped' = 'new'

  constructor(options: WorkOptions) {
    this.#options = options
  }

  /** A key that is running runs once more afterwards. */
  enqueue(key: string): void {
    if (this.#state === 'stopped') return
    this.#queued.add(key)
    this.#next()
  }

  start(): void {
    if (this.#state === 'new') this.#state = 'started'
    this.#next()
  }

  async stop(): Promise<void> {
    const { clock } = this.#options
    this.#state = 'stopped'
    for (const timer of this.#timers.values()) clock.clearTimeout(timer)
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = clock.setTimeout(resolve, STOP_MS)
    await Promise.race([Promise.all(this.#running.values()), promise])
    clock.clearTimeout(timer)
  }

  #next(): void {
    if (this.#state !== 'started') return
    for (const key of this.#queued) {
      if (this.#running.size >= CONCURRENCY) return
      if (this.#running.has(key)) continue
      this.#queued.delete(key)
      this.#running.set(
        key,
        Promise.resolve().then(() => this.#work(key)),
      )
    }
  }

  async #work(key: string): Promise<void> {
    const { run, clock } = this.#options
    const timer = this.#timers.get(key)
    if (timer) clock.clearTimeout(timer)
    this.#timers.delete(key)
    let delayMs: number | undefined
    try {
      delayMs = await run(key)
      this.#failures.delete(key)
    } catch (error) {
      delayMs = this.#failed(key, error)
    }
    this.#running.delete(key)
    if (this.#state === 'stopped') return
    if (delayMs !== undefined) {
      this.#timers.set(
        key,
        clock.setTimeout(() => this.enqueue(key), delayMs),
      )
    }
    this.#next()
  }

  /** Logs the first failure in a row. */
  #failed(key: string, error: unknown): number {
    const { name, log } = this.#options
    const attempt = this.#failures.get(key) ?? 0
    this.#failures.set(key, attempt + 1)
    if (attempt === 0 && this.#state !== 'stopped') log.warn({ err: error, key }, `${name}: failed, is retried`)
    return backoffMs(attempt, BACKOFF, 0)
  }
}
