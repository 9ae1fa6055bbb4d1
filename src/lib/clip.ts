/** Shortens texts to the size of a field: `clip`. */

/** The text, or its beginning with an ellipsis where it is longer than `max` characters. */
export function clip(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text
}
