/** Schemas of labels, annotations and label selectors, with the fields of Kubernetes: `labelSelector`, `labels`, `annotations`. */
import { z } from 'zod'
import { celStrings, type Rule, withRules } from './rules.ts'
import { formatted, map } from './scalars.ts'

const KEY = '^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$'
const KEY_MESSAGE = 'must be a label key such as app.kubernetes.io/name'
const KEY_RULE = `k.size() <= 317 && k.matches("${KEY}")`

export const labelKey = formatted(317, new RegExp(KEY), KEY_MESSAGE)
export const labelValue = formatted(
  63,
  /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/,
  'must be a label value: letters, digits, "-", "_" and ".", first and last a letter or digit',
)

/** Labels with their values; `max` bounds their number. */
export function labels(max: number): z.ZodRecord<z.ZodString, z.ZodString> {
  return withRules(map(labelValue, max), { rule: `self.all(k, ${KEY_RULE})`, message: `each key ${KEY_MESSAGE}` })
}

/** The API server bounds the annotations of an object to 256 KiB together. */
export function annotations(max: number): z.ZodRecord<z.ZodString, z.ZodString> {
  return withRules(map(z.string().max(4096), max), {
    rule: `self.all(k, ${KEY_RULE})`,
    message: 'each key must be an annotation key such as example.com/team',
  })
}

/** Refuses the keys of a map that are someone else's to set. */
export function reserved(prefixes: readonly string[], names: readonly string[], message: string): Rule {
  const isPrefixed = prefixes.map(prefix => `k.startsWith("${prefix}")`).join(' || ')
  return { rule: `self.all(k, !(${isPrefixed} || k in ${celStrings(names)}))`, message }
}

const matchExpression = withRules(
  z.object({
    key: labelKey.describe('The label.'),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How the label is compared.'),
    values: z.array(labelValue).min(1).max(16).describe('What In and NotIn compare with.').exactOptional(),
  }),
  {
    rule: 'has(self.values) == (self.operator in ["In", "NotIn"])',
    message: 'values must be set where operator is In or NotIn, and only there',
  },
)

// The API server drops empty lists and maps, so the operator would apply them in every reconcile.
export const labelSelector = z.object({
  matchLabels: labels(16).meta({ minProperties: 1 }).describe('Labels that must have these values.').exactOptional(),
  matchExpressions: z.array(matchExpression).min(1).max(8).describe('Further conditions on labels.').exactOptional(),
})
