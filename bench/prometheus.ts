/** Reads metrics in Prometheus' text format: `parseMetrics`. */

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LINE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)/
const LABEL = /(?<name>[a-zA-Z_]\w*)="(?<value>(?:[^"\\]|\\.)*)"/g

export function parseMetrics(text: string): Sample[] {
  return text.split('\n').flatMap(line => {
    const { name, labels = '', value } = LINE.exec(line)?.groups ?? {}
    return name === undefined ? [] : [{ name, labels: parseLabels(labels), value: Number(value) }]
  })
}

/** The sum of all series of that name. @throws Error where there is none */
export function total(samples: readonly Sample[], name: string): number {
  const series = samples.filter(sample => sample.name === name)
  if (series.length === 0) throw new Error(`metrics: expected a series ${name}, found none`)
  return series.reduce((sum, { value }) => sum + value, 0)
}

/** The series of that name summed by the value of one label. */
export function totalBy(samples: readonly Sample[], name: string, label: string): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { labels, value } of samples.filter(sample => sample.name === name)) {
    const key = labels[label] ?? ''
    sums[key] = (sums[key] ?? 0) + value
  }
  return sums
}

function parseLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(LABEL)].map(
    ({ groups }) => [groups?.['name'] ?? '', groups?.['value'] ?? ''] as const,
  )
  return Object.fromEntries(pairs)
}
