/** Metrics with one series for each SeiNode, which goes with it: `registerNodeGauges`. Read when they are scraped. */
import { Gauge, type Registry } from 'prom-client'
import type { SeiNode } from '../../api/seinode.ts'
import type { Store } from '../../runtime/store.ts'

/** The labels that name a node. */
const NODE_LABELS = ['namespace', 'seinode', 'chain_id'] as const

/** One metric, from what is known of a node. */
export interface NodeMeasure<Known> {
  readonly name: string
  readonly help: string
  /** Undefined: the node has no series. */
  readonly value: (node: Readonly<SeiNode>, known: Known) => number | undefined
  /** The value of a label `state` beside those that name the node. */
  readonly state?: (node: Readonly<SeiNode>, known: Known) => string
}

export function registerNodeGauges<Known>(
  registry: Registry,
  measures: readonly NodeMeasure<Known>[],
  nodes: Pick<Store<SeiNode>, 'values'>,
  knownOf: (node: Readonly<SeiNode>) => Known,
): void {
  for (const { name, help, value, state } of measures) {
    const gauge = new Gauge({
      name,
      help,
      labelNames: [...NODE_LABELS, ...(state ? ['state'] : [])],
      registers: [],
      collect() {
        this.reset()
        for (const node of nodes.values()) {
          const known = knownOf(node)
          const number = value(node, known)
          if (number === undefined) continue
          const labels = {
            namespace: node.metadata.namespace ?? '',
            seinode: node.metadata.name,
            chain_id: node.spec.chainId,
          }
          this.set(state ? { ...labels, state: state(node, known) } : labels, number)
        }
      },
    })
    registry.registerMetric(gauge)
  }
}
