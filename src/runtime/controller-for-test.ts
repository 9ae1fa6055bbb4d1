/** What tests of controllers share: one on a manual clock (`runController`), and what it reconciles. */
import type { TestContext } from 'node:test'
import { ApiError } from '../kube/errors.ts'
import type { KubeObject } from '../kube/types.ts'
import type { ControllerOptions, Reconcile } from './controller.ts'
import { Controller } from './controller.ts'
import { createLogger } from './log.ts'
import { ManualClock } from './manual-clock.ts'
import { Metrics } from './metrics.ts'

/** A controller that runs until the test is over, with what it logged and the times at which it reconciled. */
export function runController(context: TestContext, reconcile: Reconcile, options: Partial<ControllerOptions> = {}) {
  const clock = new ManualClock()
  const metrics = new Metrics()
  const lines: Record<string, unknown>[] = []
  const runs: string[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const controller = new Controller({
    name: 'things',
    log: createLogger({ level: 'info', format: 'json', destination }),
    metrics,
    clock,
    random: () => 0,
    ...options,
    reconcile: (key, reconcileContext) => {
      runs.push(`${key}@${clock.monotonic()}`)
      return reconcile(key, reconcileContext)
    },
  })
  const [stop, abandon] = [new AbortController(), new AbortController()]
  const running = controller.run(stop.signal, abandon.signal)
  context.after(() => abandon.abort())
  const results = async () => {
    const text = await metrics.registry.getSingleMetricAsString('controller_runtime_reconcile_total')
    return Array.from(text.matchAll(/result="(\w+)"\} ([1-9]\d*)/g), match => `${match[1]} ${match[2]}`)
  }
  return { clock, lines, runs, controller, results, stop, abandon, running }
}

export function conflict(): ApiError {
  return new ApiError({ operation: 'apply', object: 'things a' }, 409, { reason: 'Conflict', message: 'changed' })
}

export function thing(name: string, version: number, more: KubeObject['metadata'] = {}): KubeObject {
  return { metadata: { namespace: 'ns', name, uid: `uid-${name}`, resourceVersion: String(version), ...more } }
}
