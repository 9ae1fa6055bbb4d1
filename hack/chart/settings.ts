/** The values of the Helm chart that are flags and variables of the manager: `flagValues`, `variableValues`. */
import { PLATFORM_VARIABLES, type VariableKind } from '../../src/cli/environment.ts'
import { MANAGER_FLAGS, type FlagName } from '../../src/cli/manager-options.ts'
import { PATTERNS } from './patterns.ts'
import type { Schema, Value } from './value.ts'

/** Flags that follow from other values or from the pod itself, by what sets them. */
export const FLAGS_OF_CHART: ReadonlyMap<FlagName, string> = new Map([
  ['kubeconfig', "the pod's ServiceAccount"],
  ['context', "the pod's ServiceAccount"],
  ['namespaces', '`namespaces`'],
  ['leader-elect', 'always true'],
  ['leader-election-namespace', "the release's namespace"],
  ['metrics-bind-address', '8443, or 8080 with `namespaces`'],
  ['metrics-secure', 'false with `namespaces`'],
  ['metrics-cert-dir', '`metrics.certificateSecret`'],
  ['health-probe-bind-address', 'the probes'],
])

type Flag = (typeof MANAGER_FLAGS)[number]

export function flagValues(): readonly Value[] {
  return MANAGER_FLAGS.filter(({ name }) => !FLAGS_OF_CHART.has(name)).map(flag => ({
    name: flag.name,
    meaning: flag.meaning,
    example: flag.default,
    schema: flagSchema(flag),
  }))
}

export function variableValues(): readonly Value[] {
  // The chart sets POD_NAMESPACE from the pod.
  return Object.values(PLATFORM_VARIABLES)
    .filter(({ name }) => name !== 'POD_NAMESPACE')
    .map(({ name, meaning, kind, default: fallback }) => ({
      name,
      meaning,
      example: JSON.stringify(fallback),
      schema: variableSchema(kind),
    }))
}

function flagSchema({ value, range }: Flag): Schema {
  if (value === 'true|false') return { type: 'boolean' }
  if (value.includes('|')) return { enum: value.split('|') }
  if (range === undefined) return { type: 'string' }
  const { min, max, mayBeOff = false } = range
  const schema = { type: 'integer', minimum: min, maximum: max }
  return mayBeOff ? { anyOf: [{ const: 0 }, schema] } : schema
}

function variableSchema(kind: VariableKind): Schema {
  if (kind === 'boolean') return { enum: [true, false, 'true', 'false'] }
  // `--set` makes a number of a number.
  const type = kind === 'cpu' ? ['string', 'number'] : 'string'
  return { type, pattern: PATTERNS[kind].source }
}
