/** JSON with numbers of any size and precision, kept as written: `parseExact`, `formatExact`. */

declare global {
  interface JSON {
    // ECMAScript 2026, in Node.js since 21, but not in the compiler's libraries.
    rawJSON(text: string): { readonly rawJSON: string }
    isRawJSON(value: unknown): value is { readonly rawJSON: string }
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown,
    ): unknown
  }
}

export type JsonKind = 'object' | 'list' | 'string' | 'number' | 'boolean' | 'null'

/** Parses a JSON text. Of duplicate keys the last counts. Throws a SyntaxError if the text is not JSON. */
export function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, value, { source }) => (typeof value === 'number' ? JSON.rawJSON(source) : value))
}

/** Formats a value from `parseExact`, indented by two spaces, with a final newline. */
export function formatExact(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

export function kindOf(value: unknown): JsonKind {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value === 'string' ? 'string' : 'boolean'
  return JSON.isRawJSON(value) ? 'number' : 'object'
}

/** The direct children: those of an object by key, those of a list by index; other values have none. */
export function childrenOf(value: unknown): ReadonlyMap<string, unknown> {
  const isNested = typeof value === 'object' && value !== null && !JSON.isRawJSON(value)
  return new Map(isNested ? Object.entries(value) : [])
}

/** The value at the path; undefined if it does not exist. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((at, key) => childrenOf(at).get(key), value)
}

/** Replaces an existing child by `value`. */
export function setChild(parent: unknown, key: string, value: unknown): void {
  // Defines an own property even for names such as __proto__.
  if (typeof parent === 'object' && parent !== null) Object.defineProperty(parent, key, { value })
}
