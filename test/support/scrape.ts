/** Reads the metrics of an operator: `scrape`, `sumOf`. */

/** One series. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** @param log text log of an operator with `--metrics-bind-address=127.0.0.1:0`, which tells the port */
export async function scrape(log: string): Promise<readonly Sample[]> {
  const port = /listening .*metricsPort=(\d+)/.exec(log)?.[1]
  if (port === undefined) throw new Error(`metrics: expected the port in the log, found ${log}`)
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  if (!response.ok) throw new Error(`metrics: expected 200, found ${response.status}`)
  return parseSamples(await response.text())
}

/** @param text of the metrics page */
export function parseSamples(text: string): readonly Sample[] {
  return text.split('\n').flatMap(parseSample)
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

function parseSample(line: string): Sample[] {
  const [, name = '', labels = '', value = ''] = /^([a-z_:]+)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? []
  if (name === '') return []
  const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/gi)].map(([, key = '', text = '']) => [key, text])
  return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }]
}
