/** Shows a view again and again: `watchView`. On a terminal it is redrawn; otherwise what is new is printed, with the time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isPassing } from '../../kube/errors.ts'
import { EXIT_CODES, type ExitCode } from '../exit-code.ts'
import type { Io } from '../output/io.ts'

const INTERVAL_MS = 2_000

/** What is shown: lines for people, and the same as data. */
export interface View {
  readonly lines: readonly string[]
  /** A line for each thing that may change. */
  readonly changes: readonly string[]
  readonly data: unknown
}

/** Until Ctrl-C. Goes on when the API server does not answer for a while. */
export async function watchView(io: Io, read: () => Promise<View>): Promise<ExitCode> {
  let known: ReadonlySet<string> = new Set()
  while (!io.signal.aborted) {
    const view = await read().catch((error: unknown) => {
      if (io.signal.aborted) return
      if (!isPassing(error)) throw error
      io.note('the API server does not answer')
    })
    if (view) {
      if (io.isTerminal) io.redraw(view.lines.join('\n'))
      else for (const line of view.changes) if (!known.has(line)) io.print(`${timeOf(io.now())} ${line}`)
      known = new Set(view.changes)
    }
    await sleep(INTERVAL_MS, undefined, { signal: io.signal }).catch(() => undefined)
  }
  return EXIT_CODES.ok
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
