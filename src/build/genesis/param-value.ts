/** Converts a parameter to the type of the value in genesis.json that it replaces: `paramValue`. */
import { assertNever } from '../../lib/assert-never.ts'
import { clip } from '../../lib/clip.ts'
import { type JsonKind, kindOf, parseExact } from '../../lib/exact-json.ts'
import { GenesisError } from './genesis-error.ts'

/** The key and value in spec.genesis.params. */
export type ParamValue = number | string

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/
const SHOWN = 64

/** Converts the value to the JSON type `kind`. Throws a GenesisError that names the allowed values. */
export function paramValue(path: string, value: ParamValue, kind: JsonKind): unknown {
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
      return text
    case 'number':
      return NUMBER.test(text) ? parseExact(text) : refuse('a number such as 5 or "0.5"')
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : refuse('"true" or "false"')
    case 'list':
      return jsonOf(text, ['list']) ?? refuse('a list as JSON, such as "[]"')
    case 'object':
      return jsonOf(text, ['object']) ?? refuse('an object as JSON, such as "{}"')
    case 'null':
      // seid prints an empty list or object as null.
      return jsonOf(text, ['list', 'object']) ?? refuse('a list or an object as JSON, such as "[]" or "{}"')
    default:
      return assertNever(kind)
  }
}

/** Parses a JSON text that holds one of these kinds; undefined for any other text. */
function jsonOf(text: string, kinds: readonly JsonKind[]): unknown {
  try {
    const value = parseExact(text)
    return kinds.includes(kindOf(value)) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function named(kind: JsonKind): string {
  if (kind === 'null') return 'null'
  return kind === 'object' ? 'an object' : `a ${kind}`
}
