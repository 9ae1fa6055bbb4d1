#!/usr/bin/env node
/** Entry point of `kubectl sei`: reads command line and environment, runs one command, sets the exit code. */
import { CommanderError } from 'commander'
import { candidates } from './completion/complete.ts'
import { EXIT_CODES, type ExitCode, outputExitCode, PluginError } from './exit-code.ts'
import { explain } from './explain.ts'
import { createIo } from './output/terminal.ts'
import { usesColor } from './output/style.ts'
import { buildProgram, type ProgramOptions, type Run } from './program.ts'
import { Session } from './session.ts'

/** The command that completion scripts run. */
const COMPLETE = '__complete'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(signal)))

function open(options: ProgramOptions): Session {
  const hasColor = usesColor(options.color ?? 'auto', process.env, process.stdout.isTTY)
  return new Session(options, process.env, createIo(process, hasColor, stop.signal))
}

const run: Run = async (options, action) => {
  using session = open(options)
  try {
    process.exitCode = await action(session)
  } catch (error) {
    process.exitCode = exitCodeOf(error)
    if (!stop.signal.aborted) session.io.note(`error: ${explain(error, session.source)}`)
  }
}

function exitCodeOf(error: unknown): ExitCode {
  if (stop.signal.aborted) return EXIT_CODES.interrupted
  return error instanceof PluginError ? error.exitCode : EXIT_CODES.failed
}

async function main(): Promise<void> {
  const program = buildProgram(run)
  let command: string | undefined
  program.hook('preAction', (_program, action) => {
    command = action.name()
  })
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.stderr.write(`error: standard output cannot be written: ${error.message}\n`)
    process.exit(outputExitCode(command, error))
  })
  const [first, separator, ...words] = process.argv.slice(2)
  if (first === COMPLETE && separator === '--') {
    const found = await candidates(program, words, open)
    process.stdout.write(found.map(each => `${each}\n`).join(''))
    return
  }
  try {
    await program.parseAsync()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage
  }
}

// Not awaited at the top: the executables need a CommonJS bundle.
void main()
