/** The reference of metrics, made from the registry that serves them: `metricsReference`. */
import { registerRolloutMetrics } from '../src/controllers/metrics.ts'
import type { KnownNode } from '../src/controllers/shared/chain/observer.ts'
import { registerNodeMetrics } from '../src/controllers/shared/chain/metrics.ts'
import { registerVolumeMetrics } from '../src/controllers/shared/volumes/metrics.ts'
import { registerKeyMetrics } from '../src/controllers/seinode/keys/key-lease.ts'
import { registerStatusMetrics } from '../src/controllers/seinode/status-metrics.ts'
import { Metrics } from '../src/runtime/metrics.ts'
import { METRIC_LABELS } from './metric-labels.ts'

/** What a metric's name says of its unit, by its end, `_total` left out. */
const UNITS: readonly (readonly [suffix: string, unit: string])[] = [
  ['_seconds', 'seconds'],
  ['_bytes', 'bytes'],
  ['', ''],
]

/** A registry with every metric of the operator. */
export function allMetrics(): Metrics['registry'] {
  const { registry } = new Metrics()
  const nodes = { values: () => [].values() }
  registerRolloutMetrics(registry, () => ({ waiting: 0, underway: 0, halted: 0 }))
  registerKeyMetrics(registry, nodes)
  registerNodeMetrics(registry, nodes, { known: unknown })
  registerVolumeMetrics(registry, nodes, { known: () => undefined })
  registerStatusMetrics(registry, { nodes, pods: { get: () => undefined }, rolloutPhase: () => undefined })
  return registry
}

/** Markdown; the path is relative to the repository. */
export function metricsReference(): { readonly path: string; readonly text: string } {
  const metrics = allMetrics()
    .getMetricsAsArray()
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const used = new Set(metrics.flatMap(labelsOf))
  const text = [
    '# Metrics',
    '',
    'Made by `make generate` from `src/runtime` and `src/controllers`. [How to scrape them](../install.md#metrics).',
    '',
    '| metric | type | unit | labels | meaning |',
    '|---|---|---|---|---|',
    ...metrics.map(metric => {
      const labels = labelsOf(metric).map(label => `\`${label}\``)
      return `| \`${metric.name}\` | ${metric.type} | ${unitOf(metric.name)} | ${labels.join(', ')} | ${metric.help} |`
    }),
    '',
    'A histogram has the series `_bucket` (with the label `le`), `_sum` and `_count`.',
    '',
    '## Labels',
    '',
    'The metrics `sei_node_*` have series for each SeiNode, which go with it. Every replica serves those of the status; only the leader serves those of the chain. No other label holds anything that users make up: the number of those series does not grow with the number of nodes.',
    '',
    '| label | meaning | values |',
    '|---|---|---|',
    ...Object.entries(METRIC_LABELS).flatMap(([label, { meaning, values }]) =>
      used.has(label) ? [`| \`${label}\` | ${meaning} | ${values} |`] : [],
    ),
    '',
  ]
  return { path: 'docs/reference/metrics.md', text: text.join('\n') }
}

function unknown(): KnownNode {
  return { track: undefined, health: undefined, headHeight: 0 }
}

/** Of one metric of the registry, whose type does not tell. */
export function labelsOf(metric: object): readonly string[] {
  const labels: readonly string[] = Reflect.get(metric, 'labelNames') ?? []
  return labels
}

function unitOf(name: string): string {
  const base = name.replace(/_total$/, '')
  return UNITS.find(([suffix]) => base.endsWith(suffix))?.[1] ?? ''
}
