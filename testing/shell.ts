/** Words for a POSIX shell: `quoted`. */

/** The text as one word, for a line that somebody copies into a terminal. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
