/** Which sizes of claims the API server has refused, so that each is asked for again less and less often: `RefusedSizes`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { requestOf } from '../../../build/claim-spec.ts'
import { backoffMs } from '../../../lib/backoff.ts'

interface RefusedSize {
  readonly from: string | undefined
  readonly to: string | undefined
  /** The API server's words. */
  readonly message: string
  readonly count: number
  /** Milliseconds since the epoch. */
  readonly askAgainAt: number
}

/** Whoever lifts a quota waits this long at most. */
const PAUSE = { initialMs: 30_000, maxMs: 600_000 }

/** Of one owner and one process. A new process asks at once. */
export class RefusedSizes {
  /** By UID of the claim. */
  readonly #refused = new Map<string, RefusedSize>()

  /**
   * @param live the claim as it is
   * @param build the claim as it is to be
   * @returns what the API server said, while it is not to be asked again
   */
  find(
    live: Readonly<PersistentVolumeClaim>,
    build: (live: Readonly<PersistentVolumeClaim>) => PersistentVolumeClaim,
    now: number,
  ): string | undefined {
    if (!this.#refused.has(uidOf(live))) return undefined
    const known = this.#known(live, build(live))
    return known && now < known.askAgainAt ? known.message : undefined
  }

  note(
    live: Readonly<PersistentVolumeClaim>,
    wanted: Readonly<PersistentVolumeClaim>,
    message: string,
    now: number,
  ): void {
    const count = (this.#known(live, wanted)?.count ?? 0) + 1
    const askAgainAt = now + backoffMs(count - 1, PAUSE, 0)
    const sizes = { from: requestOf(live), to: requestOf(wanted) }
    this.#refused.set(uidOf(live), { ...sizes, message, count, askAgainAt })
  }

  forget(live: Readonly<PersistentVolumeClaim>): void {
    this.#refused.delete(uidOf(live))
  }

  #known(live: Readonly<PersistentVolumeClaim>, wanted: Readonly<PersistentVolumeClaim>): RefusedSize | undefined {
    const known = this.#refused.get(uidOf(live))
    return known && known.from === requestOf(live) && known.to === requestOf(wanted) ? known : undefined
  }
}

function uidOf({ metadata }: Readonly<PersistentVolumeClaim>): string {
  return metadata?.uid ?? ''
}
