/** What the controllers tell of all nodes in metrics: `registerRolloutMetrics`. */
import { Gauge, type Registry } from 'prom-client'
import { ROLLOUT_PHASES, type RolloutCounts } from './shared/rollout-gate.ts'

/** @param read counts the nodes; called when metrics are read */
export function registerRolloutMetrics(registry: Registry, read: () => RolloutCounts): void {
  registry.registerMetric(rolloutGauge(read))
}

function rolloutGauge(read: () => RolloutCounts): Gauge<'phase'> {
  return new Gauge({
    name: 'sei_nodes_in_rollout',
    help: 'SeiNodes with a change that restarts their pod: waiting for their turn, underway, or halted, which is underway for more than ten minutes without working.',
    labelNames: ['phase'],
    registers: [],
    collect() {
      const counts = read()
      for (const phase of ROLLOUT_PHASES) this.set({ phase }, counts[phase])
    },
  })
}
