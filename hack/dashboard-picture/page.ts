/** A page with the panels of one row of the dashboard, in their places: `groupsOf`, `pageOf`; `PANELS` says how each type is drawn. */
import type { Dashboard, Panel } from '../../test/support/monitoring.ts'
import { type Answers, legendOf } from './answers.ts'
import { CHARTS } from './charts.ts'
import { fieldOf, shown } from './fields.ts'
import { tableOf } from './tables.ts'

export interface Group {
  /** Title of the row. */
  readonly title: string
  readonly panels: readonly Panel[]
}

export interface Page {
  readonly html: string
  /** In pixels. */
  readonly width: number
  readonly height: number
}

type Draw = (panel: Panel, answers: Answers, size: readonly [width: number, height: number]) => string

/** Of Grafana's grid: 24 columns, and rows of 30 pixels with gaps of 8. */
const WIDTH = 1600
const GAP = 8
const COLUMN = (WIDTH - GAP) / 24
const ROW = 38
const HEADER = 32
const TITLE = 40

/** By type. */
export const PANELS: Readonly<Record<string, Draw>> = { stat, table, ...CHARTS }

const STYLE = `
* { box-sizing: border-box; margin: 0 }
body { background: #111217; color: #ccccdc; font: 13px Inter, sans-serif; width: ${WIDTH}px; position: relative }
h1 { font: 500 17px Inter; padding: 10px 12px }
section { position: absolute; background: #181b1f; border: 1px solid #25282d; border-radius: 3px; overflow: hidden }
h2 { font: 500 14px/${HEADER}px Inter; padding: 0 8px; white-space: nowrap }
.stats { display: flex; height: calc(100% - ${HEADER}px); gap: 4px }
.stats div { flex: 1; display: flex; flex-direction: column; align-items: center; justify-content: center }
.stats b { font: 500 42px Inter }
.colored { color: #fff }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: 6px 8px; border-bottom: 1px solid #25282d; white-space: nowrap }
th { color: #6e9fff; font-weight: 500 }
.right { text-align: right }
.empty { text-align: center; padding: 40px; opacity: 0.7 }`

/** The rows, each with the panels below it. */
export function groupsOf({ panels }: Dashboard): readonly Group[] {
  const rows = panels.filter(({ type }) => type === 'row')
  return rows.map(({ title, gridPos }, index) => {
    const end = rows[index + 1]?.gridPos.y ?? Infinity
    return { title, panels: panels.filter(({ gridPos: { y } }) => y > gridPos.y && y < end) }
  })
}

export function pageOf({ title, panels }: Group, answers: Answers): Page {
  const top = Math.min(...panels.map(({ gridPos }) => gridPos.y))
  const bottom = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h))
  const sections = panels.map(panel => {
    const { x, y, w, h } = panel.gridPos
    const [width, height] = [COLUMN * w - GAP, ROW * h - GAP]
    const place = `left:${GAP + COLUMN * x}px;top:${TITLE + ROW * (y - top)}px;width:${width}px;height:${height}px`
    const body = PANELS[panel.type]?.(panel, answers, [width - 2, height - HEADER - 8]) ?? ''
    return `<section style="${place}"><h2>${escaped(panel.title)}</h2>${body}</section>`
  })
  const html = `<!doctype html><meta charset="utf-8"><style>${STYLE}</style><h1>${escaped(title)}</h1>${sections.join('\n')}`
  return { html, width: WIDTH, height: TITLE + ROW * (bottom - top) }
}

function stat(panel: Panel, answers: Answers): string {
  const { targets = [], options } = panel
  const values = targets.flatMap((target, index) =>
    (answers.panels[panel.id]?.[index] ?? []).map(series => {
      const name = legendOf(target, series)
      const { text, color } = shown(series.points.at(-1)?.[1] ?? 0, fieldOf(panel, name))
      const fill = options?.colorMode === 'background' ? `class="colored" style="background:${color}"` : ''
      return `<div ${fill}>${escaped(name)}<b>${escaped(text)}</b></div>`
    }),
  )
  return values.length === 0 ? EMPTY : `<div class="stats">${values.join('')}</div>`
}

function table(panel: Panel, answers: Answers): string {
  const { columns, rows } = tableOf(panel, answers.panels[panel.id] ?? [])
  if (rows.length === 0) return EMPTY
  const isNumber = columns.map((_, column) => rows.some(row => typeof row[column] === 'number'))
  const cell = (tag: string, column: number, text: string, style = ''): string =>
    `<${tag}${isNumber[column] ? ' class="right"' : ''}${style}>${escaped(text)}</${tag}>`
  const body = rows.map(row => {
    const cells = row.map((value, column) => {
      if (typeof value !== 'number') return cell('td', column, value ?? '')
      const field = fieldOf(panel, columns[column] ?? '')
      const { text, color } = shown(value, field)
      const isColored = field['custom.cellOptions']?.type === 'color-text' && color !== undefined
      return cell('td', column, text, isColored ? ` style="color:${color}"` : '')
    })
    return `<tr>${cells.join('')}</tr>`
  })
  return `<table><tr>${columns.map((name, column) => cell('th', column, name)).join('')}</tr>${body.join('')}</table>`
}

const EMPTY = '<p class="empty">No data</p>'

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
