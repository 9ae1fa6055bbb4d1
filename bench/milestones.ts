/** Records when each object of the benchmark reaches its milestones: `Milestones`, `nodeMilestones`, `podMilestones`. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { SIDECAR_CONTAINER } from '../src/api/names.ts'
import type { SeiNode } from '../src/api/seinode.ts'
import type { KubeClient } from '../src/kube/client.ts'
import type { KubeObject, Resource } from '../src/kube/types.ts'
import { findCondition } from '../src/lib/conditions.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { Informer } from '../src/runtime/informer.ts'
import { createLogger } from '../src/runtime/log.ts'
import { NAMESPACE } from './bench-node.ts'

const POLL_MS = 50

export class Milestones<T extends KubeObject> implements AsyncDisposable {
  /** By milestone and name of the object: when it was first observed, milliseconds since the epoch, in this order. */
  readonly #reached = new Map<string, Map<string, number>>()
  readonly #stop = new AbortController()
  readonly #following: Promise<void>
  #lastEventAt = Date.now()
  #failure: unknown

  /** @param reachedBy the milestones of an object; throws if it can reach no more */
  constructor(client: KubeClient, resource: Resource<T>, reachedBy: (object: Readonly<T>) => readonly string[]) {
    const log = createLogger({ level: 'error', format: 'text' })
    const informer = new Informer<T>({ client, resource, namespaces: [NAMESPACE], log, clock: systemClock })
    informer.store.subscribe(({ object }) => {
      this.#lastEventAt = Date.now()
      try {
        for (const milestone of reachedBy(object)) this.#record(milestone, object.metadata?.name ?? '')
      } catch (error) {
        this.#failure ??= error
      }
    })
    this.#following = informer.run(this.#stop.signal)
  }

  timesOf(milestone: string): ReadonlyMap<string, number> {
    return this.#reached.get(milestone) ?? new Map()
  }

  /** Returns when the last of `count` objects reached it. Rejects if none changes for `stallMs`. */
  async until(
    milestone: string,
    count: number,
    { stallMs, onProgress }: { readonly stallMs: number; readonly onProgress?: (text: string) => void },
  ): Promise<number> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      const times = this.timesOf(milestone)
      onProgress?.(`${times.size} ${milestone}`)
      if (times.size >= count) return [...times.values()].at(-1) ?? 0
      if (Date.now() - this.#lastEventAt > stallMs) {
        throw new Error(`${times.size} of ${count} are ${milestone}, and none changed for ${stallMs / 1000} s`)
      }
      await delay(POLL_MS)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#following
  }

  #record(milestone: string, name: string): void {
    const times = this.#reached.get(milestone) ?? new Map<string, number>()
    this.#reached.set(milestone, times)
    if (!times.has(name)) times.set(name, Date.now())
  }
}

/** @throws Error if the bootstrap failed, with its reason */
export function nodeMilestones({ metadata, status }: Readonly<SeiNode>): readonly string[] {
  const { phase, initPlan, conditions } = status ?? {}
  if (phase === 'Failed') {
    const reason = findCondition(conditions, 'Initialized')?.message ?? 'no reason'
    throw new Error(`SeiNode ${metadata.name} failed: ${reason}`)
  }
  return [...(initPlan?.phase === 'Complete' ? ['plan-complete'] : []), ...(phase === 'Running' ? ['running'] : [])]
}

export function podMilestones({ status }: Readonly<Pod>): readonly string[] {
  const sidecar = status?.initContainerStatuses?.find(({ name }) => name === SIDECAR_CONTAINER)
  return sidecar?.state?.running === undefined ? [] : ['sidecar-running']
}

/** 95th percentile from creation to completion; both maps hold milliseconds since the epoch by the node's name. */
export function bootstrapP95(createdAt: ReadonlyMap<string, number>, completedAt: ReadonlyMap<string, number>): number {
  const times = [...completedAt]
    .map(([name, completed]) => Math.max(0, completed - (createdAt.get(name) ?? completed)))
    .toSorted((a, b) => a - b)
  return times[Math.ceil(times.length * 0.95) - 1] ?? 0
}
