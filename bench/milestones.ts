/** Follows the objects of a namespace and says when how many of them have got how far: `Milestones`. */
import { type ListWatcher, type ReflectorEvent, runReflector } from '../src/kube/reflector.ts'
import type { KubeObject, Resource } from '../src/kube/types.ts'

export interface MilestonesOptions<T extends KubeObject, M extends string> {
  readonly client: ListWatcher<NoInfer<T>>
  readonly resource: Resource<T>
  readonly namespace: string
  /** How far an object is. Throws where it will never get further: whoever waits is told. */
  readonly reachedBy: (object: T) => readonly M[]
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

export interface Milestone {
  /** How many objects have reached it. */
  readonly count: number
  /** When the last of them was seen to, milliseconds since the epoch; 0 before the first. */
  readonly at: number
}

export interface WaitOptions {
  /** Gives up when no object gets any further for so long. */
  readonly stallMs: number
  readonly onProgress?: (count: number) => void
}

/** An object that has reached a milestone counts for good, whatever becomes of it. Dispose of it to stop the watch. */
export class Milestones<T extends KubeObject, M extends string> implements AsyncDisposable {
  readonly #options: MilestonesOptions<T, M>
  /** By milestone and name: when the object was seen to reach it. */
  readonly #reached = new Map<M, Map<string, number>>()
  readonly #stop = new AbortController()
  readonly #following: Promise<void>
  #failure: unknown
  /** What the watch met last. */
  #trouble: unknown
  #changed = Promise.withResolvers<void>()

  constructor(options: MilestonesOptions<T, M>) {
    this.#options = options
    const { client, resource, namespace } = options
    this.#following = runReflector<T>({
      client,
      resource,
      namespace,
      sink: event => this.#receive(event),
      // It goes on by itself: a measurement fails only where that does not help.
      onError: error => (this.#trouble = error),
      signal: this.#stop.signal,
    })
  }

  milestone(name: M): Milestone {
    const times = this.timesOf(name)
    return { count: times.size, at: [...times.values()].at(-1) ?? 0 }
  }

  /** By the name of each object that has reached it: when it was seen to, milliseconds since the epoch. In this order. */
  timesOf(name: M): ReadonlyMap<string, number> {
    return this.#reached.get(name) ?? new Map()
  }

  /** Resolves when `count` objects have reached `name`. Rejects when they cannot, or when nothing moves any more. */
  async until(name: M, count: number, { stallMs, onProgress }: WaitOptions): Promise<Milestone> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      const milestone = this.milestone(name)
      onProgress?.(milestone.count)
      if (milestone.count >= count) return milestone
      let timer: NodeJS.Timeout | undefined
      const stalled = new Promise<void>((_, reject) => {
        const found = `${milestone.count} of ${count} are ${name}, and no object has moved for ${stallMs / 1000} s`
        timer = setTimeout(() => reject(this.#stalled(found)), stallMs)
      })
      try {
        await Promise.race([this.#changed.promise, stalled])
      } finally {
        clearTimeout(timer)
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#following
  }

  #receive(event: ReflectorEvent<T>): void {
    switch (event.kind) {
      case 'replaced':
        for (const object of event.items) this.#note(object)
        return
      case 'applied':
        this.#note(event.object)
        return
      case 'deleted':
        return
    }
  }

  #note(object: T): void {
    const { now = Date.now } = this.#options
    for (const milestone of this.#reachedBy(object)) {
      const times = this.#reached.get(milestone) ?? new Map<string, number>()
      this.#reached.set(milestone, times)
      const name = object.metadata?.name ?? ''
      if (!times.has(name)) times.set(name, now())
    }
    this.#wake()
  }

  #reachedBy(object: T): readonly M[] {
    try {
      return this.#options.reachedBy(object)
    } catch (error) {
      this.#failure ??= error
      return []
    }
  }

  #stalled(found: string): Error {
    const trouble = this.#trouble instanceof Error ? `; the watch met: ${this.#trouble.message}` : ''
    return new Error(`${this.#options.resource.plural}: ${found}${trouble}`, { cause: this.#trouble })
  }

  #wake(): void {
    const { resolve } = this.#changed
    this.#changed = Promise.withResolvers<void>()
    resolve()
  }
}
