/** Text of others as a part of a longer sentence: `unended`. */

/** Without the full stops and white space at its end. */
export function unended(text: string): string {
  return text.replace(/[.\s]+$/, '')
}
