/** How the program ends: `EXIT_CODES`, and `PluginError` for an end with one sentence; `outputExitCode`. */

export const EXIT_CODES = {
  ok: 0,
  /** The command failed: no cluster, no rights, no such object, or nothing to do. */
  failed: 1,
  /** The command line is wrong, or it needs an answer and there is no terminal. */
  usage: 2,
  /** The object that was waited for is stalled: a person is needed. */
  stalled: 3,
  /** What was waited for did not happen in time. */
  timeout: 4,
  /** Ctrl-C, as shells report it. */
  interrupted: 130,
  /** The reader of standard output ended before all was written, as shells report SIGPIPE. */
  brokenPipe: 141,
} as const

/** Of `plan`, as those of `kubectl diff`. */
export const PLAN_EXIT_CODES = {
  same: 0,
  different: 1,
  /** A manifest is refused, or the plan could not be made. */
  failed: 2,
} as const

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES]

/** Commands of which a reader such as `head` may want only the beginning. */
const VIEWS: ReadonlySet<string> = new Set(['status', 'tree', 'logs'])

/** The exit code where standard output could not be written: what the command does is not known to its user. */
export function outputExitCode(command: string | undefined, { code }: NodeJS.ErrnoException): ExitCode {
  if (code !== 'EPIPE') return command === 'plan' ? PLAN_EXIT_CODES.failed : EXIT_CODES.failed
  return command !== undefined && VIEWS.has(command) ? EXIT_CODES.ok : EXIT_CODES.brokenPipe
}

/** Ends the program. The message is one sentence that says what is wrong and what to do. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = EXIT_CODES.failed) {
    super(message)
    this.exitCode = exitCode
  }
}
