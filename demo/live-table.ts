/** The nodes as a table that is redrawn in place on a terminal: `LiveTable`. */
import { stripVTControlCharacters } from 'node:util'

import type { NodeRow } from './node-row.ts'
import type { NodesView, ViewOptions } from './nodes-view.ts'
import { renderTable } from './table.ts'

const REDRAW_MS = 1000
const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const CLEAR_LINE_END = '\x1b[K'
const CLEAR_BELOW = '\x1b[J'

/** Each drawing is one write that overwrites the one before line by line, so that nothing flickers. */
export class LiveTable implements NodesView {
  readonly #options: ViewOptions
  readonly #timer: NodeJS.Timeout
  #rows: readonly NodeRow[] = []
  #drawn: readonly string[] = []
  #disposed = false

  constructor(options: ViewOptions) {
    this.#options = options
    options.screen.write(HIDE_CURSOR)
    // Ages grow although nothing happens.
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS)
    this.#timer.unref()
  }

  show(rows: readonly NodeRow[]): void {
    this.#rows = rows
    this.#draw()
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return
    this.#disposed = true
    clearInterval(this.#timer)
    this.#options.screen.write(SHOW_CURSOR)
  }

  #draw(): void {
    if (this.#rows.length === 0 || this.#disposed) return
    const { screen } = this.#options
    const up = this.#drawn.reduce((sum, line) => sum + heightOf(line, screen.columns ?? 80), 0)
    this.#drawn = this.#lines()
    const text = this.#drawn.map(line => `${line}${CLEAR_LINE_END}\n`).join('')
    screen.write(`${up > 0 ? `\x1b[${up}A\r` : ''}${text}${CLEAR_BELOW}`)
  }

  #lines(): string[] {
    const { screen, env, now, started } = this.#options
    const style = { width: screen.columns ?? 80, colour: !env['NO_COLOR'] }
    const lines = renderTable(this.#rows, now(), style)
    const running = this.#rows.filter(row => row.phase === 'Running').length
    const seconds = Math.floor((now() - started) / 1000)
    const summary = `${running} of ${this.#rows.length} Running, ${seconds} s since the start`.slice(0, style.width - 1)
    // What has scrolled off the top cannot be drawn over.
    const room = Math.max(1, (screen.rows ?? 24) - 3)
    return [...lines.slice(0, room), summary]
  }
}

/** The lines that a drawn line takes after the terminal became `columns` wide. */
function heightOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns))
}
