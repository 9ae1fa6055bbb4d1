/** Filters Kubernetes Events: `EventFilter` drops repetitions and limits the rate per object. */
import type { KubeObject } from '../kube/types.ts'
import type { Clock } from './clock.ts'
import { keyOf } from './object-key.ts'
import { TokenBucket } from './token-bucket.ts'

export interface EventInput {
  /** The object of the event, with its apiVersion and kind. */
  readonly regarding: Readonly<KubeObject>
  readonly type: 'Normal' | 'Warning'
  /** The reason, one CamelCase word of at most 128 characters. */
  readonly reason: string
  /** The message; truncated to 1,024 bytes. */
  readonly note: string
  /** The action that was taken or failed, one CamelCase word of at most 128 characters. */
  readonly action: string
  /** Distinguishes events with the same text that are no repetitions. Not posted. */
  readonly occurrence?: string
}

/**
 * - `post`: post it; `repetitions` of it were dropped since the last post.
 * - `repetition`: the same event was posted recently.
 * - `too-many`: the object exceeds its rate limit.
 */
export type EventDecision =
  | { readonly kind: 'post'; readonly repetitions: number }
  | { readonly kind: 'repetition' }
  | { readonly kind: 'too-many' }

/** An event with the same object, type, reason, action, note and occurrence is a repetition for this long after a post. */
const WINDOW_MS = 10 * 60_000
/** Rate limit per object: more than any sequence of transitions needs, less than a loop produces. */
const OBJECT_RATE = { perSecond: 1 / 60, burst: 25 }
/** Cached objects and cached events. The least recently used are evicted first. */
const REMEMBERED = 4096

export class EventFilter {
  readonly #clock: Clock
  /** Oldest first. */
  readonly #posted = new Map<string, { readonly at: number; repetitions: number }>()
  readonly #objects = new Map<string, TokenBucket>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Assumes that an event is posted if the decision is `post`. */
  decide(event: EventInput): EventDecision {
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

/** Moves the entry to the end, and evicts the first if there are too many. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= REMEMBERED) return
  const oldest = map.keys().next()
  if (oldest.done !== true) map.delete(oldest.value)
}
