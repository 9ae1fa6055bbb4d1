/** Observes a chain from a pod in its namespace: `Observer` records the heights of its nodes over time. */
import type { Observation } from '../../testing/realcluster/tools/observe.ts'
import type { ObjectKey } from '../../src/kube/types.ts'
import { until } from '../support/until.ts'
import type { Cluster } from './cluster.ts'
import { rpc, runToolPod } from './tool-pods.ts'

export interface ObserverOptions {
  readonly namespace: string
  /** Of the pod. */
  readonly name: string
  /** Those that let it reach the nodes. */
  readonly labels: Readonly<Record<string, string>>
  /** Hosts by the names of nodes. */
  readonly hosts: Readonly<Record<string, string>>
}

export class Observer {
  readonly #cluster: Cluster
  readonly #options: ObserverOptions

  private constructor(cluster: Cluster, options: ObserverOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  static async start(cluster: Cluster, options: ObserverOptions): Promise<Observer> {
    const { namespace, name, labels, hosts } = options
    const nodes = Object.entries(hosts).map(([node, host]) => `${node}=${host}`)
    await runToolPod(cluster, { namespace, name, labels, program: ['observe', ...nodes] })
    return new Observer(cluster, options)
  }

  get #names(): readonly string[] {
    return Object.keys(this.#options.hosts)
  }

  get pod(): ObjectKey {
    const { namespace, name } = this.#options
    return { namespace, name }
  }

  /** What was seen at or after that time (epoch milliseconds), oldest first. */
  async since(at: number): Promise<readonly Observation[]> {
    const { namespace, name } = this.#options
    const seconds = Math.ceil((Date.now() - at) / 1000) + 2
    const log = await this.#cluster.kubectl(['logs', `--namespace=${namespace}`, name, `--since=${seconds}s`])
    return log
      .trim()
      .split('\n')
      .filter(line => line.endsWith('}'))
      .map((line): Observation => JSON.parse(line))
      .filter(observation => observation.at >= at)
  }

  /** Resolves when each of the nodes is `blocks` blocks above where the chain is now. */
  async untilAllRise(blocks: number, deadlineMs: number, nodes = this.#names): Promise<void> {
    let goal: number | undefined
    await this.#untilAll(`to make ${blocks} blocks`, highest => (goal ??= highest + blocks), deadlineMs, nodes)
  }

  /** Resolves when each of the nodes has that block. */
  async untilAllReach(height: number, deadlineMs: number, nodes = this.#names): Promise<void> {
    await this.#untilAll(`to reach ${height}`, () => height, deadlineMs, nodes)
  }

  /** `goalOf` gets the highest block that a node has, of each observation. */
  async #untilAll(
    what: string,
    goalOf: (highest: number) => number,
    deadlineMs: number,
    nodes: readonly string[],
  ): Promise<void> {
    let latest: Observation | undefined
    let goal: number | undefined
    await until(
      `${nodes.join(', ')} ${what}`,
      async () => {
        latest = (await this.since(Date.now() - 3000)).at(-1)
        if (latest === undefined) return undefined
        const { heights } = latest
        const wanted = goalOf(Math.max(0, ...Object.values(heights)))
        goal = wanted
        return nodes.every(name => (heights[name] ?? 0) >= wanted) ? true : undefined
      },
      { deadlineMs, intervalMs: 500, found: () => ({ goal, latest }) },
    )
  }

  async height(): Promise<number> {
    const latest = (await this.since(Date.now() - 3000)).at(-1)
    return Math.max(0, ...Object.values(latest?.heights ?? {}))
  }

  /** What the RPC of the node of that name answers. */
  rpc<T>(node: string, path: string): Promise<T> {
    const host = this.#options.hosts[node]
    if (host === undefined) throw new Error(`observer: it knows no node ${node}`)
    return rpc<T>(this.#cluster, this.pod, host, path)
  }
}

/** The longest time in which no node had a new block, milliseconds. */
export function longestStop(observations: readonly Observation[]): number {
  let longest = 0
  let height = 0
  let since = observations[0]?.at ?? 0
  for (const { at, heights } of observations) {
    const highest = Math.max(0, ...Object.values(heights))
    if (highest > height) {
      height = highest
      since = at
    }
    longest = Math.max(longest, at - since)
  }
  return longest
}
