/** Tables of aligned columns: `renderTable`. */
import type { Style, StyleName } from './style.ts'

/** A cell that has a style, or a plain text. */
export type Cell = string | { readonly text: string; readonly style: StyleName }

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => Cell
}

const GAP = '   '

/** Lines without trailing spaces, the titles first. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: Style,
): readonly string[] {
  const cells = rows.map(row => columns.map(({ cell }) => cell(row)))
  const widths = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...cells.map(line => widthOf(textOf(line[at] ?? '')))),
  )
  const lineOf = (line: readonly Cell[]): string => {
    const last = line.length - 1
    return line
      .map((cell, at) => styled(cell, style) + ' '.repeat(at === last ? 0 : padding(cell, widths[at] ?? 0)))
      .join(GAP)
      .trimEnd()
  }
  return [lineOf(columns.map(({ title }) => ({ text: title, style: 'dim' }))), ...cells.map(lineOf)]
}

/** Pairs of a title and a text, with the texts in one column; a text of several lines keeps its column. */
export function renderPairs(pairs: readonly (readonly [title: string, text: string])[], style: Style): string[] {
  const width = Math.max(0, ...pairs.map(([title]) => widthOf(title)))
  return pairs.flatMap(([title, text]) => {
    const [first = '', ...others] = text.split('\n')
    const head = `${style.dim(title)}${' '.repeat(width - widthOf(title))}${GAP}${first}`.trimEnd()
    return [head, ...others.map(line => `${' '.repeat(width)}${GAP}${line}`)]
  })
}

export function styled(cell: Cell, style: Style): string {
  return typeof cell === 'string' ? cell : style[cell.style](cell.text)
}

function padding(cell: Cell, width: number): number {
  return Math.max(0, width - widthOf(textOf(cell)))
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text
}

/** In code points: names, numbers and box drawing are one column each. */
function widthOf(text: string): number {
  return Array.from(text).length
}
