/** JSON as Go's encoder writes it, which escapes what a browser might take for markup: `goJson`. */

const ESCAPED = /[<>&\u2028\u2029]/g

export function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(ESCAPED, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
