/** Shows the nodes as they change: `nodesView` redraws a table on a terminal, and writes a line for each change elsewhere. */
import type { ProgressStream } from '../testing/progress.ts'
import { ChangeLines } from './change-lines.ts'
import { LiveTable } from './live-table.ts'
import type { NodeRow } from './node-row.ts'

export interface Screen extends ProgressStream {
  readonly rows?: number
}

/** Disposing of it leaves what was shown last. */
export interface NodesView extends Disposable {
  show(rows: readonly NodeRow[]): void
}

export interface ViewOptions {
  readonly screen: Screen
  /** `NO_COLOR` and `TERM` are read. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** When the demo began, milliseconds since the epoch. */
  readonly started: number
}

export function nodesView(options: ViewOptions): NodesView {
  const { screen, env } = options
  return screen.isTTY && env['TERM'] !== 'dumb' ? new LiveTable(options) : new ChangeLines(options)
}
