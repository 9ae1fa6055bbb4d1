/** What is written of the chart's values: `valuesYaml`, `valuesSchema` and the reference, `valuesReference`. */
import { toYaml } from '../to-yaml.ts'
import { FLAGS_OF_CHART } from './settings.ts'
import type { Group, Schema, Value } from './value.ts'

type Entry = Value | Group

/** The text of values.yaml, with the meaning of each value in a comment. */
export function valuesYaml(entries: readonly Entry[]): string {
  return entries.map(entry => `\n${entryYaml(entry)}`).join('')
}

function entryYaml(entry: Entry): string {
  const comment = entry.meaning
    .split('. ')
    .map((sentence, index, all) => `# ${sentence}${index < all.length - 1 ? '.' : ''}\n`)
    .join('')
  if (!('values' in entry)) {
    return entry.default === undefined
      ? `${comment}# ${entry.name}: ${entry.example ?? ''}\n`
      : comment + toYaml({ [entry.name]: entry.default })
  }
  const isEmpty = entry.values.every(value => !('values' in value) && value.default === undefined)
  const children = entry.values.map(value => entryYaml(value).replaceAll(/^(?=.)/gm, '  ')).join('')
  return `${comment}${entry.name}:${isEmpty ? ' {}' : ''}\n${children}`
}

/** The text of values.schema.json, by which Helm refuses other values. */
export function valuesSchema(entries: readonly Entry[]): string {
  // Helm adds them where this chart is a dependency of another one.
  const ofParents = { global: { type: 'object' }, enabled: { type: 'boolean' } }
  const { properties, ...rest } = objectSchema(entries)
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...rest,
    properties: { ...properties, ...ofParents },
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

function objectSchema(entries: readonly Entry[]): Schema & { readonly properties: Readonly<Record<string, Schema>> } {
  const properties = Object.fromEntries(
    entries.map((entry): [string, Schema] => [
      entry.name,
      { description: entry.meaning, ...('values' in entry ? objectSchema(entry.values) : entry.schema) },
    ]),
  )
  return { type: 'object', additionalProperties: false, properties }
}

/** Markdown; the path is relative to the repository. */
export function valuesReference(entries: readonly Entry[]): { readonly path: string; readonly text: string } {
  const text = [
    '# Values of the Helm chart',
    '',
    'Made by `make generate` from `hack/chart`. Helm refuses a value that is not in this list, or that has the wrong type. [Install the operator](../install.md#with-helm) has examples.',
    '',
    '| value | default | meaning |',
    '|---|---|---|',
    ...entries.flatMap(entry => rows(entry)),
    '',
    '`flags` has the flags and `env` the variables of the [configuration reference](configuration.md), by the same names. The chart itself sets these flags:',
    '',
    '| flag | set by |',
    '|---|---|',
    ...[...FLAGS_OF_CHART].map(([name, source]) => `| \`--${name}\` | ${source} |`),
    '',
  ]
  return { path: 'docs/reference/helm-values.md', text: text.join('\n') }
}

function rows(entry: Entry, prefix = ''): readonly string[] {
  const name = `${prefix}${entry.name}`
  if (!('values' in entry)) {
    if (entry.default === undefined) return []
    const text = JSON.stringify(entry.default)
    return [`| \`${name}\` | ${text.length > 80 ? 'see values.yaml' : `\`${text}\``} | ${entry.meaning} |`]
  }
  const children = entry.values.flatMap(value => rows(value, `${name}.`))
  return children.length > 0 ? children : [`| \`${name}\` | \`{}\` | ${entry.meaning} |`]
}
