/** Which events are worth a request: `EventFilter` holds back repetitions, and floods about one object. */
import type { KubeObject } from '../kube/types.ts'
import type { Clock } from './clock.ts'
import { keyOf } from './keys.ts'
import { TokenBucket } from './token-bucket.ts'

export interface EventInput {
  /** What the event is about; must say its apiVersion and kind. */
  readonly regarding: Readonly<KubeObject>
  readonly type: 'Normal' | 'Warning'
  /** Why, as one CamelCase word: at most 128 characters. */
  readonly reason: string
  /** For people: cut at 1,024 bytes. */
  readonly note: string
  /** What was done or tried, as one CamelCase word: at most 128 characters. */
  readonly action: string
  /** Tells apart what happened from what happened before and reads alike: these are no repetitions. Not posted. */
  readonly occurrence?: string
}

/**
 * - `post`: post it; `repetitions` like it were held back since the last one was posted.
 * - `repetition`: one like it was posted lately.
 * - `too-many`: this object has used up its share.
 */
export type EventVerdict =
  | { readonly kind: 'post'; readonly repetitions: number }
  | { readonly kind: 'repetition' }
  | { readonly kind: 'too-many' }

/** An event of the same object, type, reason, action, note and occurrence within this time of one that was posted is a repetition. */
const WINDOW_MS = 10 * 60_000
/** What one object may cause: more than any sequence of transitions does, less than a loop would. */
const OBJECT_RATE = { perSecond: 1 / 60, burst: 25 }
/** Objects, and events, that are remembered. The ones unheard of for longest are forgotten first. */
const REMEMBERED = 4096

export class EventFilter {
  readonly #clock: Clock
  /** Oldest first. */
  readonly #posted = new Map<string, { readonly at: number; repetitions: number }>()
  readonly #objects = new Map<string, TokenBucket>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes the verdict `post` for done. */
  judge(event: EventInput): EventVerdict {
    const now = this.#clock.monotonic()
    const object = event.regarding.metadata?.uid ?? `${event.regarding.kind} ${keyOf(event.regarding)}`
    const identity = JSON.stringify([object, event.type, event.reason, event.action, event.note, event.occurrence])
    const last = this.#posted.get(identity)
    if (last !== undefined && now - last.at < WINDOW_MS) {
      last.repetitions++
      return { kind: 'repetition' }
    }
    const bucket = this.#objects.get(object) ?? new TokenBucket(OBJECT_RATE, now)
    remember(this.#objects, object, bucket)
    if (!bucket.tryTake(now)) return { kind: 'too-many' }
    remember(this.#posted, identity, { at: now, repetitions: 0 })
    return { kind: 'post', repetitions: last?.repetitions ?? 0 }
  }
}

/** Puts the entry last, and drops the first where there are too many. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= REMEMBERED) return
  const oldest = map.keys().next()
  if (oldest.done !== true) map.delete(oldest.value)
}
