#!/usr/bin/env node
/** Entry point of `kubectl sei`: reads command line and environment, runs one command, sets the exit code. */
import { CommanderError } from 'commander'
import { EXIT_CODES, type ExitCode, PluginError } from './exit-code.ts'
import { explain } from './explain.ts'
import { createIo } from './output/terminal.ts'
import { usesColor } from './output/style.ts'
import { buildProgram, type Run } from './program.ts'
import { Session } from './session.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(signal)))
// A reader such as `head` that ends early is no error.
process.stdout.on('error', () => process.exit(EXIT_CODES.ok))

const run: Run = async (options, action) => {
  const hasColor = usesColor(options.color, process.env, process.stdout.isTTY)
  const io = createIo(process, hasColor, stop.signal)
  using session = new Session(options, process.env, io)
  try {
    process.exitCode = await action(session)
  } catch (error) {
    if (stop.signal.aborted) return
    io.note(`error: ${explain(error, session.source)}`)
    process.exitCode = exitCodeOf(error)
  }
}

function exitCodeOf(error: unknown): ExitCode {
  return error instanceof PluginError ? error.exitCode : EXIT_CODES.failed
}

try {
  await buildProgram(run).parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage
}
