/** A parameter as it is written into genesis.json: `paramText` gives it the type of the value that it replaces. */
import { assertNever } from '../../lib/assert-never.ts'
import { clip } from '../../lib/clip.ts'
import type { JsonKind } from '../../lib/json-text.ts'
import { jsonRoot } from '../../lib/json-text.ts'
import { GenesisError } from './genesis-error.ts'

/** As spec.genesis.params has it. */
export type ParamValue = number | string

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/
const SHOWN = 64

/** JSON of the value in place of one of that kind. Throws a GenesisError that says what is allowed there. */
export function paramText(path: string, value: ParamValue, kind: JsonKind): string {
  const refuse = (expected: string): never => {
    const found = typeof value === 'number' ? `the number ${value}` : `the text ${clip(JSON.stringify(value), SHOWN)}`
    throw new GenesisError(
      `spec.genesis.params: ${path} is ${named(kind)} in genesis.json: expected ${expected}, found ${found}`,
    )
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    return refuse('whole numbers up to 9007199254740991 as such, and all others as text')
  }
  const text = String(value)
  switch (kind) {
    case 'string':
      return JSON.stringify(text)
    case 'number':
      return NUMBER.test(text) ? text : refuse('a number such as 5 or "0.5"')
    case 'boolean':
      return text === 'true' || text === 'false' ? text : refuse('"true" or "false"')
    case 'list':
      return jsonOf(text, ['list']) ?? refuse('a list as JSON, such as "[]"')
    case 'object':
      return jsonOf(text, ['object']) ?? refuse('an object as JSON, such as "{}"')
    case 'null':
      // What seid leaves out is a list or an object that has nothing in it.
      return jsonOf(text, ['list', 'object']) ?? refuse('a list or an object as JSON, such as "[]" or "{}"')
    default:
      return assertNever(kind)
  }
}

/** The text as it is where it is JSON of one of these kinds. */
function jsonOf(text: string, kinds: readonly JsonKind[]): string | undefined {
  try {
    return kinds.includes(jsonRoot(text).kind) ? text : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function named(kind: JsonKind): string {
  if (kind === 'null') return 'null'
  return kind === 'object' ? 'an object' : `a ${kind}`
}
