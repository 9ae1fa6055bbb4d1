/** Reads the metrics of an operator in Prometheus' text format: `scrape`, `parseMetrics`, `sumOf`, `total`. */

/** One series. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LINE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)/
const LABEL = /(?<name>[a-zA-Z_]\w*)="(?<value>(?:[^"\\]|\\.)*)"/g

/** @param log text log of an operator with `--metrics-bind-address=127.0.0.1:0`, which names the port */
export async function scrape(log: string): Promise<readonly Sample[]> {
  const port = /listening .*metricsPort=(\d+)/.exec(log)?.[1]
  if (port === undefined) throw new Error(`metrics: expected the port in the log, found ${log}`)
  return scrapeURL(`http://127.0.0.1:${port}/metrics`)
}

export async function scrapeURL(url: string): Promise<readonly Sample[]> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`metrics: expected 200, found ${response.status}`)
  return parseMetrics(await response.text())
}

export function parseMetrics(text: string): readonly Sample[] {
  return text.split('\n').flatMap(line => {
    const { name, labels = '', value } = LINE.exec(line)?.groups ?? {}
    return name === undefined ? [] : [{ name, labels: parseLabels(labels), value: Number(value) }]
  })
}

/** The sum of all series of that name whose labels are among the given ones. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, readonly string[]>> = {},
): number {
  return samples
    .filter(sample => sample.name === name)
    .filter(sample => Object.entries(labels).every(([label, values]) => values.includes(sample.labels[label] ?? '')))
    .reduce((sum, { value }) => sum + value, 0)
}

/** As `sumOf`. @throws Error if there is no series of that name */
export function total(samples: readonly Sample[], name: string): number {
  if (!samples.some(sample => sample.name === name)) throw new Error(`metrics: expected a series ${name}, found none`)
  return sumOf(samples, name)
}

function parseLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(LABEL)].map(
    ({ groups }) => [groups?.['name'] ?? '', groups?.['value'] ?? ''] as const,
  )
  return Object.fromEntries(pairs)
}
