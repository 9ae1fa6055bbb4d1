/** The metrics of the runtime in one registry: `Metrics`. Each series with a known label starts at 0. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { CallLimiterView } from './call-limiter.ts'
import { registerProcessMetrics } from './process-metrics.ts'
import type { QueueMetrics, QueueView } from './queue.ts'

export const RECONCILE_RESULTS = ['success', 'requeue_after', 'backoff', 'conflict', 'error'] as const
export type ReconcileResult = (typeof RECONCILE_RESULTS)[number]

export interface ControllerMetrics {
  reconciled(result: ReconcileResult): void
}

export const EVENT_OUTCOMES = ['posted', 'aggregated', 'dropped'] as const
export type EventOutcome = (typeof EVENT_OUTCOMES)[number]

/** One finished request to the API server. */
export interface FinishedRequest {
  readonly verb: string
  /** The resource label, from a fixed set. */
  readonly resource: string
  /** HTTP status code; 0 without an answer. */
  readonly status: number
}

/** Histogram buckets, seconds. */
const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60]

/** Uses the metric names of controller-runtime where the meaning is the same, for existing dashboards. */
export class Metrics {
  /** The registry, to which an application adds its own metrics. */
  readonly registry = new Registry()
  readonly #queues = new Map<string, QueueView>()
  #podCalls: CallLimiterView | undefined
  #worked = 0

  readonly #adds = this.#counter('workqueue_adds_total', 'Keys added.', ['name'])
  readonly #retries = this.#counter('workqueue_retries_total', 'Keys added again with a growing delay.', ['name'])
  readonly #waiting = this.#histogram('workqueue_queue_duration_seconds', 'How long keys wait for a worker.')
  readonly #working = this.#histogram('workqueue_work_duration_seconds', 'How long workers take for a key.')
  readonly #reconciles = this.#counter('controller_runtime_reconcile_total', 'Reconciles by result.', [
    'controller',
    'result',
  ])
  readonly #reconcileErrors = this.#counter('controller_runtime_reconcile_errors_total', 'Reconciles that failed.', [
    'controller',
  ])
  readonly #requests = this.#counter(
    'kube_client_requests_total',
    'Requests to the API server by their status code; code "none" where no answer came.',
    ['verb', 'resource', 'code'],
  )
  readonly #watchRestarts = this.#counter('kube_client_watch_restarts_total', 'Watches that ended in an error.', [
    'resource',
  ])
  readonly #events = this.#counter('event_recorder_events_total', 'Events by what became of them.', ['outcome'])
  readonly #leader = new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this process holds the lease.',
    labelNames: ['name'],
    registers: [this.registry],
  })

  constructor() {
    registerProcessMetrics(this.registry)
    this.#readQueues('workqueue_depth', 'Keys that wait for a worker.', queue => queue.depth)
    this.#readQueues(
      'workqueue_longest_running_processor_seconds',
      'How long the oldest running key has been with its worker.',
      queue => queue.longestRunningMs / 1000,
    )
    this.#callGauge('pod_calls_running', 'Calls to programs in pods that are under way.', calls => calls.running)
    this.#callGauge('pod_calls_waiting', 'Calls to programs in pods that wait for their turn.', calls => calls.waiting)
    this.#callGauge(
      'pod_calls_silent_targets',
      'Programs in pods that did not answer their last call in time.',
      calls => calls.silent,
    )
    for (const outcome of EVENT_OUTCOMES) this.#events.inc({ outcome }, 0)
  }

  /** The number of keys that the workers of all queues have finished. */
  get worked(): number {
    return this.#worked
  }

  /** The metrics of the work queue `name`. */
  queue(name: string): QueueMetrics {
    for (const counter of [this.#adds, this.#retries]) counter.inc({ name }, 0)
    for (const histogram of [this.#waiting, this.#working]) histogram.zero({ name })
    return {
      observe: queue => {
        this.#queues.set(name, queue)
      },
      added: () => this.#adds.inc({ name }),
      retried: () => this.#retries.inc({ name }),
      waited: ms => this.#waiting.observe({ name }, ms / 1000),
      worked: ms => {
        this.#worked++
        this.#working.observe({ name }, ms / 1000)
      },
    }
  }

  /** The metrics of the controller `controller`. */
  controller(controller: string): ControllerMetrics {
    for (const result of RECONCILE_RESULTS) this.#reconciles.inc({ controller, result }, 0)
    this.#reconcileErrors.inc({ controller }, 0)
    return {
      reconciled: result => {
        this.#reconciles.inc({ controller, result })
        if (result === 'error') this.#reconcileErrors.inc({ controller })
      },
    }
  }

  /** Metrics of the calls to programs in pods. The view is read on each scrape. */
  podCalls(view: CallLimiterView): void {
    this.#podCalls = view
  }

  /** Initializes the series of these requests to 0, for code 200 and for no answer. */
  declareRequests(verbs: readonly string[], resources: readonly string[]): void {
    for (const verb of verbs) {
      for (const resource of resources) {
        for (const code of ['200', 'none']) this.#requests.inc({ verb, resource, code }, 0)
      }
    }
  }

  request({ verb, resource, status }: FinishedRequest): void {
    this.#requests.inc({ verb, resource, code: status === 0 ? 'none' : String(status) })
  }

  /** Call the returned function when a watch of `resource` failed and is restarted. */
  watchRestarts(resource: string): () => void {
    this.#watchRestarts.inc({ resource }, 0)
    return () => this.#watchRestarts.inc({ resource })
  }

  event(outcome: EventOutcome): void {
    this.#events.inc({ outcome })
  }

  /** Call the returned function when this process begins or stops to lead. */
  leader(name: string): (leading: boolean) => void {
    this.#leader.set({ name }, 0)
    return leading => this.#leader.set({ name }, leading ? 1 : 0)
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] })
  }

  #histogram(name: string, help: string): Histogram<'name'> {
    return new Histogram({ name, help, labelNames: ['name'], buckets: DURATION_BUCKETS, registers: [this.registry] })
  }

  #callGauge(name: string, help: string, read: (calls: CallLimiterView) => number): Gauge {
    const value = (): number => (this.#podCalls ? read(this.#podCalls) : 0)
    return new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(value())
      },
    })
  }

  /** A gauge that is read from each queue on a scrape. */
  #readQueues(name: string, help: string, read: (queue: QueueView) => number): Gauge<'name'> {
    const queues = this.#queues
    return new Gauge({
      name,
      help,
      labelNames: ['name'],
      registers: [this.registry],
      collect() {
        for (const [queue, view] of queues) this.set({ name: queue }, read(view))
      },
    })
  }
}
