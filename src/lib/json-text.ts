/** JSON that is changed where it is told and nowhere else: values are found and replaced in its text. */
import { assertNever } from './assert-never.ts'

export type JsonKind = 'object' | 'list' | 'string' | 'number' | 'boolean' | 'null'

/** One value of a JSON text: where it stands, `end` exclusive. */
export interface JsonSpan {
  readonly kind: JsonKind
  readonly start: number
  readonly end: number
}

/** The value that is the whole text. Throws a SyntaxError where the text is no JSON. */
export function jsonRoot(text: string): JsonSpan {
  JSON.parse(text)
  return valueAt(text, skipSpace(text, 0))
}

/** Values of an object by their keys, in their order; of equal keys the last counts, as for `JSON.parse`. */
export function jsonMembers(text: string, object: JsonSpan): ReadonlyMap<string, JsonSpan> {
  const members = new Map<string, JsonSpan>()
  let at = skipSpace(text, object.start + 1)
  while (text[at] !== '}') {
    const key = valueAt(text, at)
    const value = valueAt(text, skipSpace(text, skipSpace(text, key.end) + 1))
    members.set(String(jsonValue(text, key)), value)
    at = nextAfter(text, value)
  }
  return members
}

/** Values of a list. */
export function jsonItems(text: string, list: JsonSpan): readonly JsonSpan[] {
  const items: JsonSpan[] = []
  let at = skipSpace(text, list.start + 1)
  while (text[at] !== ']') {
    const item = valueAt(text, at)
    items.push(item)
    at = nextAfter(text, item)
  }
  return items
}

/** Values directly within: of an object by their keys, of a list by their numbers, of others none. */
export function jsonChildren(text: string, span: JsonSpan): ReadonlyMap<string, JsonSpan> {
  if (span.kind === 'object') return jsonMembers(text, span)
  if (span.kind === 'list') return new Map(jsonItems(text, span).map((item, index) => [String(index), item]))
  return new Map()
}

/** The value at the end of the path; undefined where it is not there. */
export function jsonAt(text: string, from: JsonSpan | undefined, path: readonly string[]): JsonSpan | undefined {
  return path.reduce<JsonSpan | undefined>((at, key) => at && jsonChildren(text, at).get(key), from)
}

/** What `JSON.parse` makes of it. */
export function jsonValue(text: string, { start, end }: JsonSpan): unknown {
  return JSON.parse(text.slice(start, end))
}

/** The text with `replacement` in the value's place. */
export function replaceJson(text: string, { start, end }: JsonSpan, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end)
}

/** The text with another member at the beginning of the object. */
export function addJsonMember(text: string, object: JsonSpan, key: string, value: string): string {
  const inside = object.start + 1
  const first = skipSpace(text, inside)
  const isEmpty = text[first] === '}'
  // In the object's own way of breaking lines.
  const space = isEmpty ? '' : text.slice(inside, first)
  const member = `${space}${JSON.stringify(key)}:${space === '' ? '' : ' '}${value}${isEmpty ? '' : ','}`
  return text.slice(0, inside) + member + text.slice(inside)
}

const KINDS: Readonly<Record<string, JsonKind>> = {
  '{': 'object',
  '[': 'list',
  '"': 'string',
  t: 'boolean',
  f: 'boolean',
  n: 'null',
}

/** The value that begins at `start`; the text is known to be JSON. */
function valueAt(text: string, start: number): JsonSpan {
  const kind = KINDS[text[start] ?? ''] ?? 'number'
  switch (kind) {
    case 'object':
    case 'list':
      return { kind, start, end: endOfNested(text, start) }
    case 'string':
      return { kind, start, end: endOfString(text, start) }
    case 'number':
    case 'boolean':
    case 'null':
      return { kind, start, end: endOfWord(text, start) }
    default:
      return assertNever(kind)
  }
}

function endOfNested(text: string, start: number): number {
  let depth = 0
  for (let at = start; ; at += 1) {
    const character = text[at]
    if (character === '"') at = endOfString(text, at) - 1
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function endOfWord(text: string, start: number): number {
  let at = start
  while (at < text.length && !/[\s,\]}]/.test(text[at] ?? '')) at += 1
  return at
}

function nextAfter(text: string, { end }: JsonSpan): number {
  const at = skipSpace(text, end)
  return text[at] === ',' ? skipSpace(text, at + 1) : at
}

function skipSpace(text: string, start: number): number {
  let at = start
  while (' \t\r\n'.includes(text[at] ?? '-')) at += 1
  return at
}
