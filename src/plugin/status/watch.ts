/** Shows a view again and again: `watchView`. On a terminal it is redrawn; otherwise lines that are new are printed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT_CODES, type ExitCode } from '../exit-code.ts'
import type { Io } from '../output/io.ts'

const INTERVAL_MS = 2_000

/** What is shown: lines for people, and the same as data. */
export interface View {
  readonly lines: readonly string[]
  readonly data: unknown
}

/** Until Ctrl-C. */
export async function watchView(io: Io, read: () => Promise<View>): Promise<ExitCode> {
  let before: readonly string[] = []
  while (!io.signal.aborted) {
    const { lines } = await read()
    if (io.isTerminal) io.redraw(lines.join('\n'))
    else for (const line of newLines(before, lines)) io.print(line)
    before = lines
    await sleep(INTERVAL_MS, undefined, { signal: io.signal }).catch(() => undefined)
  }
  return EXIT_CODES.ok
}

/** Those of `lines` that are not in `before`, in their order. */
function newLines(before: readonly string[], lines: readonly string[]): readonly string[] {
  const known = new Set(before)
  return lines.filter(line => line !== '' && !known.has(line))
}
