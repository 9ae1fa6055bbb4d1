/** The nodes as a line for each change, for log files: `ChangeLines`. */
import type { NodeRow } from './node-row.ts'
import type { NodesView, ViewOptions } from './nodes-view.ts'

/** `12.3s mainnet-0 Initializing 3/7 config-apply`; ages change all the time and are no change. */
export class ChangeLines implements NodesView {
  readonly #options: ViewOptions
  readonly #shown = new Map<string, string>()

  constructor(options: ViewOptions) {
    this.#options = options
  }

  show(rows: readonly NodeRow[]): void {
    const { screen, now, started } = this.#options
    for (const { name, phase, task } of rows) {
      const state = `${phase} ${task}`
      // Before the operator has seen a node there is nothing to tell.
      if (phase === '-' || this.#shown.get(name) === state) continue
      this.#shown.set(name, state)
      screen.write(`${((now() - started) / 1000).toFixed(1)}s ${name} ${task === '-' ? phase : state}\n`)
    }
  }

  [Symbol.dispose](): void {
    this.#shown.clear()
  }
}
