/** Child processes that never outlive this one: `Supervisor.spawn` starts them, a small shell process kills them should this process die. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { assertNever } from '../../src/lib/assert-never.ts'

const REAPER = fileURLToPath(new URL('reaper.sh', import.meta.url))
const TAIL_LINES = 20

export interface Command {
  /** What messages call it; the file name of `path` by default. */
  readonly name?: string
  readonly path: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Standard output and error are appended here. */
  readonly logPath: string
}

export type Exit =
  | { readonly kind: 'not-started'; readonly cause: Error }
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }

export interface ReadinessOptions {
  readonly deadlineMs: number
  readonly intervalMs?: number
}

/** Ends in a word what a process did, for messages: "exited with status 1", "was killed by SIGKILL". */
export function describeExit(exit: Exit): string {
  switch (exit.kind) {
    case 'not-started':
      return `could not be started: ${exit.cause.message}`
    case 'code':
      return `exited with status ${exit.code}`
    case 'signal':
      return `was killed by ${exit.signal}`
    default:
      return assertNever(exit)
  }
}

/** A child in a process group of its own, so that stopping it stops what it started as well. */
export class SupervisedProcess {
  readonly name: string
  readonly logPath: string
  readonly pid: number | undefined
  /** Never rejects. */
  readonly exited: Promise<Exit>
  #exit: Exit | undefined
  #wasAsked = false

  constructor(name: string, logPath: string, child: ChildProcess) {
    this.name = name
    this.logPath = logPath
    this.pid = child.pid
    this.exited = new Promise(resolve => {
      const end = (exit: Exit): void => {
        this.#exit ??= exit
        resolve(exit)
      }
      child.once('error', cause => end({ kind: 'not-started', cause }))
      child.once('exit', (code, signal) => end(signal ? { kind: 'signal', signal } : { kind: 'code', code: code ?? 0 }))
    })
  }

  /** How it ended, or undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit
  }

  /** Resolves, with its end and the last lines of its log, if it ends although nobody here signalled it. */
  async failed(): Promise<Error> {
    const exit = await this.exited
    return this.#wasAsked ? new Promise(() => undefined) : this.#failure(describeExit(exit), undefined)
  }

  /** Signals the whole group; one that has ended already is no error. */
  kill(signal: NodeJS.Signals): void {
    this.#wasAsked = true
    if (this.pid === undefined) return
    try {
      process.kill(-this.pid, signal)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }

  /** Asks with SIGTERM, and ends it with SIGKILL after `graceMs` milliseconds; 0 kills at once. */
  async stop(graceMs = 5000): Promise<Exit> {
    if (graceMs > 0 && this.#exit === undefined) {
      this.kill('SIGTERM')
      const timeUp = new AbortController()
      await Promise.race([this.exited, delay(graceMs, undefined, { signal: timeUp.signal }).catch(() => undefined)])
      timeUp.abort()
    }
    this.kill('SIGKILL')
    return this.exited
  }

  /** The last lines of its log, for error messages. */
  logTail(): string {
    let text: string
    try {
      text = readFileSync(this.logPath, 'utf8')
    } catch {
      return '(no log)'
    }
    return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n') || '(empty log)'
  }

  /**
   * Resolves once `probe` answers true. Rejects, with the end of the log, when the process ends first or `deadlineMs`
   * passes. A probe that throws counts as "not yet"; its last error is the cause.
   */
  async untilReady(probe: () => Promise<boolean>, options: ReadinessOptions): Promise<void> {
    const { deadlineMs, intervalMs = 20 } = options
    const started = Date.now()
    let cause: unknown
    for (;;) {
      if (this.#exit) throw this.#failure(describeExit(this.#exit), cause)
      try {
        if (await probe()) return
      } catch (error) {
        cause = error
      }
      if (Date.now() - started > deadlineMs) throw this.#failure(`was not ready within ${deadlineMs / 1000} s`, cause)
      await delay(intervalMs)
    }
  }

  #failure(what: string, cause: unknown): Error {
    return new Error(`${this.name} ${what}; the end of ${this.logPath}:\n${this.logTail()}`, { cause })
  }
}

/** Starts processes and ends them all; should this process die without doing so, a reaper does it (reaper.sh). */
export class Supervisor {
  readonly #processes = new Set<SupervisedProcess>()
  readonly #reaper: ChildProcess

  /** `scratchDir`, when given, is removed by the reaper when this process has ended. */
  constructor(scratchDir?: string) {
    this.#reaper = spawn('/bin/sh', [REAPER, scratchDir ?? ''], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    this.#reaper.once('error', () => undefined)
    this.#reaper.stdin?.on('error', () => undefined)
    this.#reaper.unref()
    if (this.#reaper.stdin instanceof Socket) this.#reaper.stdin.unref()
  }

  spawn(command: Command): SupervisedProcess {
    const log = openSync(command.logPath, 'a')
    const child = spawn(command.path, command.args, {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    if (child.pid !== undefined) this.#tell(`+ ${child.pid}`)
    const supervised = new SupervisedProcess(command.name ?? basename(command.path), command.logPath, child)
    this.#processes.add(supervised)
    child.once('exit', () => {
      this.#processes.delete(supervised)
      if (child.pid !== undefined) this.#tell(`- ${child.pid}`)
    })
    return supervised
  }

  /** Ends every process that still runs, side by side. The supervisor cannot be used afterwards. */
  async stop(graceMs = 0): Promise<void> {
    await Promise.all([...this.#processes].map(supervised => supervised.stop(graceMs)))
    this.#reaper.stdin?.end()
  }

  #tell(line: string): void {
    this.#reaper.stdin?.write(`${line}\n`)
  }
}
