/** The rows of a table panel, merged and organized as its transformations say: `tableOf`. Pure. */
import { canonicalJson } from '../../src/lib/canonical-json.ts'
import type { Panel } from '../../test/support/monitoring.ts'
import type { Series } from './answers.ts'

type Cell = string | number | undefined

export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** What `tableOf` applies; Grafana knows others. */
export const TRANSFORMATIONS: ReadonlySet<string> = new Set(['merge', 'organize'])

/** @param answers one for each target of the panel */
export function tableOf({ transformations = [], options = {} }: Panel, answers: readonly (readonly Series[])[]): Table {
  const rows = new Map<string, Map<string, Cell>>()
  // Grafana numbers the columns of those queries that have series, if more than one has.
  const isNumbered = answers.filter(({ length }) => length > 0).length > 1
  for (const [index, series] of answers.entries()) {
    const value = !isNumbered ? 'Value' : `Value #${String.fromCodePoint(65 + index)}`
    for (const { labels, points } of series) {
      const key = canonicalJson(labels)
      const row = rows.get(key) ?? new Map<string, Cell>(Object.entries(labels))
      rows.set(key, row.set(value, points.at(-1)?.[1]))
    }
  }
  const organize = transformations.find(({ id }) => id === 'organize')?.options
  const { excludeByName = {}, indexByName = {}, renameByName = {} } = organize ?? {}
  const position = (name: string): number => indexByName[name] ?? Infinity
  const names = [...new Set([...rows.values()].flatMap(row => row.keys().toArray()))]
    .filter(name => !excludeByName[name])
    .toSorted((a, b) => position(a) - position(b))
  const columns = names.map(name => renameByName[name] ?? name)
  const cells = [...rows.values()].map(row => names.map(name => row.get(name)))
  const [by] = options.sortBy ?? []
  if (!by) return { columns, rows: cells }
  const sorted = columns.indexOf(by.displayName)
  const keyOf = (row: readonly Cell[]): number => Number(row[sorted] ?? -Infinity)
  return { columns, rows: cells.toSorted((a, b) => (by.desc ? keyOf(b) - keyOf(a) : keyOf(a) - keyOf(b))) }
}
