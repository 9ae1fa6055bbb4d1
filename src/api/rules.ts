/** CEL rules, for what OpenAPI cannot express: `withRules` adds them to a schema. */
import type { z } from 'zod'

/** One entry of x-kubernetes-validations. */
export interface Rule {
  /** CEL; `self` is the value, `oldSelf` the stored one (such a rule is checked on updates only). */
  readonly rule: string
  /** Names the allowed values. */
  readonly message: string
  /** The field that the error names, relative to the schema: `.mode`. */
  readonly fieldPath?: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired'
}

const KEY = 'x-kubernetes-validations'

/** The schema with `rules` added to those that it has. */
export function withRules<T extends z.ZodType>(schema: T, ...rules: readonly Rule[]): T {
  return schema.meta({ ...schema.meta(), [KEY]: [...rulesOf(schema), ...rules] })
}

function rulesOf(schema: z.ZodType): readonly Rule[] {
  const rules: unknown = schema.meta()?.[KEY]
  return Array.isArray(rules) ? (rules as readonly Rule[]) : []
}

/** A CEL string literal. */
function celString(text: string): string {
  return JSON.stringify(text)
}

/** A CEL list of string literals. */
export function celStrings(texts: readonly string[]): string {
  return `[${texts.map(celString).join(', ')}]`
}

/** A pattern for both the zod check and the CEL rule. It must mean the same in RE2 and in ECMAScript. */
export function matches(pattern: RegExp, message: string): Rule {
  return { rule: `self.matches(${celString(pattern.source)})`, message }
}
