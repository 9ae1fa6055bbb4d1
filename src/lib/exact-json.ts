/** JSON whose numbers stay as they are written, beyond what JavaScript can hold: `parseExact`, `formatExact`. */

declare global {
  interface JSON {
    // Of ECMAScript 2026, in Node.js since 21; the compiler's libraries lack them.
    rawJSON(text: string): { readonly rawJSON: string }
    isRawJSON(value: unknown): value is { readonly rawJSON: string }
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown,
    ): unknown
  }
}

export type JsonKind = 'object' | 'list' | 'string' | 'number' | 'boolean' | 'null'

/** The value of a JSON text; of equal keys the last counts. Throws a SyntaxError where the text is no JSON. */
export function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, value, { source }) => (typeof value === 'number' ? JSON.rawJSON(source) : value))
}

/** Text of a value from `parseExact`, indented by two spaces, with a line end. */
export function formatExact(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

export function kindOf(value: unknown): JsonKind {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value === 'string' ? 'string' : 'boolean'
  return JSON.isRawJSON(value) ? 'number' : 'object'
}

/** Values directly within: of an object by their keys, of a list by their numbers, of others none. */
export function childrenOf(value: unknown): ReadonlyMap<string, unknown> {
  const isNested = typeof value === 'object' && value !== null && !JSON.isRawJSON(value)
  return new Map(isNested ? Object.entries(value) : [])
}

/** The value at the end of the path; undefined where it is not there. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((at, key) => childrenOf(at).get(key), value)
}

/** Puts `value` in the place of a child that is there. */
export function setChild(parent: unknown, key: string, value: unknown): void {
  // An own property, whatever its name is.
  if (typeof parent === 'object' && parent !== null) Object.defineProperty(parent, key, { value })
}
