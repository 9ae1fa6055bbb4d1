/** The SeiNodes of a namespace from a watch, which is cheaper than lists of many: `NodeWatch`, `untilAllRunning`. */
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { Informer } from '../../src/runtime/informer.ts'
import { createLogger } from '../../src/runtime/log.ts'
import { compareResourceVersions } from '../../src/runtime/store.ts'
import { isReady, type OperatorFixture } from './operator-fixture.ts'
import { until } from './until.ts'

export interface NodeWatchOptions {
  readonly client: KubeClient
  readonly namespace: string
  /** Every state of every node, in order. */
  readonly onState?: (node: Readonly<SeiNode>) => void
}

export class NodeWatch implements AsyncDisposable {
  readonly #informer: Informer<SeiNode>
  readonly #stop = new AbortController()
  readonly #following: Promise<void>
  /** Every state of every node, by name, in order. */
  readonly #history = new Map<string, Readonly<SeiNode>[]>()

  constructor({ client, namespace, onState }: NodeWatchOptions) {
    const log = createLogger({ level: 'error', format: 'text' })
    this.#informer = new Informer({ client, resource: seiNodes, namespaces: [namespace], log, clock: systemClock })
    this.#informer.store.subscribe(({ object }) => {
      const states = this.#history.get(object.metadata.name)
      if (states) states.push(object)
      else this.#history.set(object.metadata.name, [object])
      onState?.(object)
    })
    this.#following = this.#informer.run(this.#stop.signal)
  }

  /** Resolves once there are `count` nodes, all Running and Ready. */
  async untilReady(count: number, deadlineMs: number, log: () => string): Promise<void> {
    const { store } = this.#informer
    const unready = (): readonly Readonly<SeiNode>[] => [...store.values()].filter(node => !isReady(node))
    const found = (): unknown => {
      const waiting = unready()
      const [first] = waiting
      return { waiting: waiting.map(({ metadata: { name } }) => name), first: first?.status, operator: log() }
    }
    await until(
      `${count} nodes to be Running and Ready`,
      () => (store.size === count && unready().length === 0 ? true : undefined),
      { deadlineMs, found },
    )
  }

  /**
   * Every state of the node up to the one that was read, and those after it that are known. A watch can be behind what a GET
   * answers.
   */
  statesThrough({ metadata }: SeiNode): Promise<readonly Readonly<SeiNode>[]> {
    const { resourceVersion = '' } = metadata
    const isSeen = (state: SeiNode): boolean =>
      compareResourceVersions(state.metadata.resourceVersion ?? '', resourceVersion) >= 0
    return until(`SeiNode ${metadata.name}: the watch to know its version ${resourceVersion}`, () => {
      const states = this.#history.get(metadata.name) ?? []
      return states.some(isSeen) ? states : undefined
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#following
  }
}

/** Resolves once there are `count` nodes in the fixture's namespace, all Running and Ready. */
export async function untilAllRunning(fixture: OperatorFixture, count: number, deadlineMs = 120_000): Promise<void> {
  await using watch = new NodeWatch(fixture)
  await watch.untilReady(count, deadlineMs, () => fixture.operator.log)
}
