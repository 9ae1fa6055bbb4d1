/** Metrics with series for each SeiNode, read from caches when they are scraped: `registerNodeMetric`; several of one series each: `registerNodeGauges`. */
import { Counter, Gauge, type Registry } from 'prom-client'
import type { SeiNode } from '../../api/seinode.ts'
import type { Store } from '../../runtime/store.ts'

/** The labels that name a node: as many series as there are SeiNodes, and each goes with its SeiNode. */
const NODE_LABELS = ['namespace', 'seinode', 'chain_id'] as const

export interface NodeSeries {
  /** Of the metric's own labels. */
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

/** A counter if its name ends in `_total`, else a gauge. */
export interface NodeMetric {
  readonly name: string
  readonly help: string
  /** Beside those that name the node. */
  readonly labels?: readonly string[]
  readonly series: (node: Readonly<SeiNode>) => readonly NodeSeries[]
}

export function registerNodeMetric(
  registry: Registry,
  nodes: Pick<Store<SeiNode>, 'values'>,
  { name, help, labels = [], series }: NodeMetric,
): void {
  const read = function* (): Generator<readonly [labels: Record<string, string>, value: number]> {
    for (const node of nodes.values()) {
      const { namespace = '', name: seinode } = node.metadata
      for (const each of series(node)) {
        yield [{ namespace, seinode, chain_id: node.spec.chainId, ...each.labels }, each.value]
      }
    }
  }
  const settings = { name, help, labelNames: [...NODE_LABELS, ...labels], registers: [] }
  registry.registerMetric(
    name.endsWith('_total')
      ? new Counter({
          ...settings,
          collect() {
            this.reset()
            for (const [each, value] of read()) this.inc(each, value)
          },
        })
      : new Gauge({
          ...settings,
          collect() {
            this.reset()
            for (const [each, value] of read()) this.set(each, value)
          },
        }),
  )
}

/** A metric of at most one series for a node, from what is known of it. */
export interface NodeMeasure<Known> {
  readonly name: string
  readonly help: string
  /** Undefined: the node has no series. */
  readonly value: (node: Readonly<SeiNode>, known: Known) => number | undefined
  /** The value of a label `state`. */
  readonly state?: (node: Readonly<SeiNode>, known: Known) => string
}

export function registerNodeGauges<Known>(
  registry: Registry,
  measures: readonly NodeMeasure<Known>[],
  nodes: Pick<Store<SeiNode>, 'values'>,
  knownOf: (node: Readonly<SeiNode>) => Known,
): void {
  for (const { name, help, value, state } of measures) {
    registerNodeMetric(registry, nodes, {
      name,
      help,
      labels: state ? ['state'] : [],
      series: node => {
        const known = knownOf(node)
        const number = value(node, known)
        if (number === undefined) return []
        return [{ value: number, ...(state && { labels: { state: state(node, known) } }) }]
      },
    })
  }
}
