/** Trees, drawn as `kubectl tree` does: `renderTree`. */
import { type Cell, styled } from './table.ts'
import type { Style } from './style.ts'

export interface Tree {
  readonly label: string
  /** What follows the label, in a column of its own. */
  readonly state: Cell
  readonly children: readonly Tree[]
}

interface Line {
  readonly text: string
  readonly state: Cell
}

const GAP = '   '

/** One line for each object, with the states in one column. */
export function renderTree(tree: Tree, style: Style): readonly string[] {
  const lines = linesOf(tree, '', '')
  const width = Math.max(...lines.map(({ text }) => Array.from(text).length))
  return lines.map(({ text, state }) =>
    `${text}${' '.repeat(width - Array.from(text).length)}${GAP}${styled(state, style)}`.trimEnd(),
  )
}

/** @param first what the line of the object begins with @param rest what those of its children begin with */
function linesOf({ label, state, children }: Tree, first: string, rest: string): readonly Line[] {
  const below = children.flatMap((child, at) =>
    at === children.length - 1
      ? linesOf(child, `${rest}└─ `, `${rest}   `)
      : linesOf(child, `${rest}├─ `, `${rest}│  `),
  )
  return [{ text: `${first}${label}`, state }, ...below]
}
