/** Whether two JSON values are the same, whatever the order of their keys: `isEqualJson`. */

type Fields = Readonly<Record<string, unknown>>

/** Equality of the canonical JSON: a key with an undefined value counts as absent, one with null does not. */
export function isEqualJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((item, index) => isEqualJson(item, b[index]))
  }
  return isFields(a) && isFields(b) && definedKeys(a) === definedKeys(b) && holdsAll(a, b)
}

function holdsAll(held: Fields, wanted: Fields): boolean {
  for (const key of Object.keys(wanted)) {
    const value = wanted[key]
    if (value !== undefined && !(Object.hasOwn(held, key) && isEqualJson(held[key], value))) return false
  }
  return true
}

function definedKeys(fields: Fields): number {
  let count = 0
  for (const value of Object.values(fields)) if (value !== undefined) count++
  return count
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}
