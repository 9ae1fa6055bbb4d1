/** Prepares a foreign message for use within a sentence: `unended`. */

/** Removes full stops and white space at the end. */
export function unended(text: string): string {
  return text.replace(/[.\s]+$/, '')
}
