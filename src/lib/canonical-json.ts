/** Serializes equal JSON values to the same text, to compare and hash them: `canonicalJson`. */

/**
 * JSON with the keys of every object sorted by UTF-16 code unit and no white space. As in `JSON.stringify`, keys whose
 * value is undefined are omitted; null is kept. Only for plain data: `toJSON` is not called.
 */
export function canonicalJson(value: unknown): string {
  const text = spell(value)
  if (text === undefined) throw new TypeError(`canonical JSON: expected a JSON value, found ${typeof value}`)
  return text
}

/** Strings that JSON writes without escapes. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/** Written by hand, because `JSON.stringify` with a sorting replacer takes twice as long. */
function spell(value: unknown): string | undefined {
  if (typeof value === 'string') return spellText(value)
  if (!isObject(value)) return JSON.stringify(value)
  let text = ''
  if (Array.isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${spell(item) ?? 'null'}`
    return `[${text}]`
  }
  // The default comparison is by code unit.
  for (const key of Object.keys(value).toSorted()) {
    const spelt = spell(value[key])
    if (spelt !== undefined) text += `${text === '' ? '' : ','}${spellText(key)}:${spelt}`
  }
  return `{${text}}`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function spellText(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text)
}
