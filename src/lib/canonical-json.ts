/** One spelling for equal JSON values, so that they can be compared and hashed as text: `canonicalJson`. */

/**
 * JSON with the keys of every object sorted and no white space. As in `JSON.stringify`, keys whose value is undefined are
 * left out; null is kept.
 */
export function canonicalJson(value: unknown): string {
  // Typed as text by the library, yet undefined for values that JSON cannot hold (undefined, functions, symbols).
  const text: string | undefined = JSON.stringify(value, sortKeys)
  if (text === undefined) throw new TypeError(`canonical JSON: expected a JSON value, found ${typeof value}`)
  return text
}

function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries)
}
