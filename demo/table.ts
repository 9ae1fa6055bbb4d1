/** The table of nodes as lines of text that fit the terminal: `renderTable`. Pure. */
import { TASK_TYPES } from '../src/plan/task-type.ts'
import type { NodeRow } from './node-row.ts'

export interface TableStyle {
  /** Columns of the terminal; no line is as wide, so that none wraps. */
  readonly width: number
  readonly colour: boolean
}

const HEADER = ['NAME', 'MODE', 'PHASE', 'TASK', 'AGE'] as const
const PHASE_COLUMN = HEADER.indexOf('PHASE')
const GAP = '  '
/** Columns that change while one looks on keep their width. */
const LEAST_WIDTHS = [0, 0, 'Initializing'.length, Math.max(...TASK_TYPES.map(type => `1/7 ${type}`.length)), 4]
/** A narrow terminal costs the name its end first: what moves stays in sight. */
const NARROWEST_NAME = 10

const COLOURS: Readonly<Record<string, number>> = { Running: 32, Initializing: 33, Pending: 2, Failed: 31, '-': 2 }

/** @param now milliseconds since the epoch */
export function renderTable(rows: readonly NodeRow[], now: number, { width, colour }: TableStyle): string[] {
  const table = [
    [...HEADER],
    ...rows.map(row => [row.name, row.mode, row.phase, row.task, formatAge(now - row.created)]),
  ]
  const widths = columnWidths(table, width - 1)
  return table.map((cells, index) => {
    const padded = cells.map((cell, column) => cut(cell, widths[column] ?? 0).padEnd(widths[column] ?? 0))
    const line = fit(padded, width - 1)
    if (!colour) return line.join(GAP).trimEnd()
    const code = index === 0 ? 2 : COLOURS[cells[PHASE_COLUMN] ?? '']
    return line
      .map((cell, column) =>
        code !== undefined && (index === 0 || column === PHASE_COLUMN) ? paint(cell, code) : cell,
      )
      .join(GAP)
      .trimEnd()
  })
}

/** `45s`, `2m5s`, as kubectl writes ages; a creation that lies ahead of this machine's clock is `0s`. */
function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  return seconds < 120 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}

function columnWidths(table: readonly (readonly string[])[], width: number): number[] {
  const widths = HEADER.map((_, column) =>
    Math.max(LEAST_WIDTHS[column] ?? 0, ...table.map(cells => cells[column]?.length ?? 0)),
  )
  const [name = 0, ...others] = widths
  const wanted = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (HEADER.length - 1)
  return [Math.max(Math.min(name, NARROWEST_NAME), name - Math.max(0, wanted - width)), ...others]
}

/** The cells that fit, the last of them cut. */
function fit(cells: readonly string[], width: number): string[] {
  const fitting: string[] = []
  let left = width
  for (const cell of cells) {
    if (left <= 0) break
    fitting.push(cell.slice(0, left))
    left -= cell.length + GAP.length
  }
  return fitting
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

function paint(text: string, code: number): string {
  return `\x1b[${code}m${text}\x1b[0m`
}
