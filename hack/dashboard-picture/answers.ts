/** What Prometheus answers to the queries of a dashboard: `answersOf`. */
import type { Dashboard, Target } from '../../test/support/monitoring.ts'

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** Seconds since the epoch, and the value; one point for a query of an instant. */
  readonly points: readonly (readonly [at: number, value: number])[]
}

export interface TimeRange {
  /** Seconds since the epoch. */
  readonly start: number
  readonly end: number
  /** From a point to the next, seconds. */
  readonly step: number
}

export interface Answers {
  readonly range: TimeRange
  /** By the id of the panel: the series of each of its targets. */
  readonly panels: Readonly<Record<number, readonly (readonly Series[])[]>>
}

type Pair = readonly [at: number, value: string]
interface Result {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>
    /** Of a query of an instant; `values` of one over time. */
    readonly value?: Pair
    readonly values?: readonly Pair[]
  }[]
}
/** Asks the API of Prometheus, as `Prometheus.get`. */
type Ask = (what: string, parameters: Readonly<Record<string, string>>) => Promise<Result>

/** What Grafana sets it to, for scrapes every 15 s. */
const RATE_INTERVAL = '1m'

export async function answersOf({ panels }: Dashboard, range: TimeRange, ask: Ask): Promise<Answers> {
  const answers: Record<number, readonly (readonly Series[])[]> = {}
  for (const { id, targets = [] } of panels) {
    answers[id] = await Promise.all(targets.map(target => seriesOf(target, range, ask)))
  }
  return { range, panels: answers }
}

async function seriesOf({ expr, instant = false }: Target, range: TimeRange, ask: Ask): Promise<readonly Series[]> {
  const query = expr.replaceAll('$__rate_interval', RATE_INTERVAL).replaceAll(/\$(?:namespace|chain_id|seinode)/g, '.*')
  const { start, end, step } = range
  const parameters = instant ? { time: String(end) } : { start: String(start), end: String(end), step: String(step) }
  const { result } = await ask(instant ? 'query' : 'query_range', { query, ...parameters })
  return result.map(({ metric, value, values }) => ({
    labels: metric,
    points: (values ?? (value ? [value] : []))
      .map(([at, text]) => [at, Number(text)] as const)
      // A quantile of nothing is NaN.
      .filter(([, number]) => Number.isFinite(number)),
  }))
}

/** The name of a series in the legend. */
export function legendOf({ legendFormat = '' }: Target, { labels }: Series): string {
  return legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '')
}
