/** What a command reads and writes: `Io`. */
import type { Style } from './style.ts'

export interface Io {
  /** One or more lines to standard output. Control characters are left out here and below, but for `write`. */
  readonly print: (text: string) => void
  /** To standard output, unchanged. */
  readonly write: (bytes: Uint8Array) => void
  /** Hints and progress, to standard error. */
  readonly note: (text: string) => void
  /** Progress, to standard error: `line` where it is new, or on a terminal `shown` in place of the last. */
  readonly progress: (line: string, shown: string) => void
  readonly style: Style
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean
  /** Replaces what `redraw` wrote before; only where `isTerminal`. */
  readonly redraw: (text: string) => void
  /** The answer of a person; undefined where standard input is no terminal. Throws a PluginError after Ctrl-C. */
  readonly ask: (question: string) => Promise<string | undefined>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}
