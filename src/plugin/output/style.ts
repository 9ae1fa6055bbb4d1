/** Colours of a terminal: `createStyle`. Without colours, every style returns its text unchanged. */

export type ColorMode = 'auto' | 'always' | 'never'

export const COLOR_MODES: readonly ColorMode[] = ['auto', 'always', 'never']

export interface Style {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
  readonly dim: (text: string) => string
  readonly bold: (text: string) => string
}

export type StyleName = keyof Style

const CODES: Readonly<Record<StyleName, string>> = { good: '32', bad: '31', warn: '33', dim: '2', bold: '1' }

/**
 * Whether to write colours. `--color` wins over NO_COLOR, which any value but the empty one sets (no-color.org).
 * @param terminal whether the output is one, and its TERM
 */
export function usesColor(
  mode: ColorMode,
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (mode !== 'auto') return mode === 'always'
  return isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}

export function createStyle(hasColor: boolean): Style {
  const style = (name: StyleName) => (text: string) =>
    hasColor && text !== '' ? `\u001b[${CODES[name]}m${text}\u001b[0m` : text
  return { good: style('good'), bad: style('bad'), warn: style('warn'), dim: style('dim'), bold: style('bold') }
}
