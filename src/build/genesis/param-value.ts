/** A parameter as a value of genesis.json: `paramValue` gives it the type of the value that it replaces. */
import { assertNever } from '../../lib/assert-never.ts'
import { clip } from '../../lib/clip.ts'
import { type JsonKind, kindOf, parseExact } from '../../lib/exact-json.ts'
import { GenesisError } from './genesis-error.ts'

/** As spec.genesis.params has it. */
export type ParamValue = number | string

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/
const SHOWN = 64

/** The value in place of one of that kind. Throws a GenesisError that says what is allowed there. */
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
      // What seid leaves out is a list or an object that has nothing in it.
      return jsonOf(text, ['list', 'object']) ?? refuse('a list or an object as JSON, such as "[]" or "{}"')
    default:
      return assertNever(kind)
  }
}

/** The value of a JSON text of one of these kinds; undefined for all else. */
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
