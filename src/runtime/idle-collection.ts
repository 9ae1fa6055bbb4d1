/** Frees memory after work: `collectWhenIdle`. V8 itself runs no full garbage collection while a process is idle. */
import type { Clock } from './clock.ts'

export interface IdleCollectionOptions {
  readonly clock: Clock
  /** The number of reconciled keys so far. */
  readonly worked: () => number
  /** Bytes of the JavaScript heap in use. */
  readonly heapUsed: () => number
  /** Runs a full garbage collection. */
  readonly collect: () => void
  /** By how much the heap may grow until V8 runs one itself, in per cent; 0: as V8 decides. */
  readonly allowGrowth: (percent: number) => void
}

/** A collection takes 0.4 s with 1,000 nodes and should not delay reconciles. */
const IDLE_MS = 10_000
/** Less garbage is not worth a collection. */
const LEAST_GROWTH_BYTES = 8_000_000
/** Reconciled keys that are work: in 10 s, more than the probes of 5,000 sidecars every five minutes, fewer than of bootstraps. */
const MANY_KEYS = 200
/**
 * V8 keeps the heap of an idle process small. What the queries of 1,000 seids leave behind was a full collection every 15 s,
 * and a third of the CPU at rest.
 */
const GROWTH_AT_REST_PERCENT = 50

/**
 * Collects once after much work, when no key was reconciled for 10 to 20 s. From then on, until there is much work again, the
 * heap may grow by half. Ends with the signal.
 */
export function collectWhenIdle(
  { clock, worked, heapUsed, collect, allowGrowth }: IdleCollectionOptions,
  signal: AbortSignal,
): void {
  let [seen, collectedAt, usedThen] = [0, 0, 0]
  const check = (): void => {
    const now = worked()
    if (now - seen >= MANY_KEYS) allowGrowth(0)
    const isDue = now - collectedAt >= MANY_KEYS && heapUsed() - usedThen >= LEAST_GROWTH_BYTES
    if (now === seen && isDue) {
      allowGrowth(GROWTH_AT_REST_PERCENT)
      collect()
      collectedAt = now
      usedThen = heapUsed()
    }
    seen = now
    timer = clock.setTimeout(check, IDLE_MS)
  }
  let timer = clock.setTimeout(check, IDLE_MS)
  signal.addEventListener('abort', () => clock.clearTimeout(timer), { once: true })
}
