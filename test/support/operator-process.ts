/** The operator of a test, which it kills and restarts: `OperatorProcess`. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { until } from './until.ts'
import { Supervisor, type SupervisedProcess } from '../../testing/controlplane/supervisor.ts'
import { launchOperator } from '../../testing/launch.ts'

export interface OperatorProcessOptions {
  readonly kubeconfig: string
  /** Empty: all. */
  readonly namespaces?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Of Node, before the program. */
  readonly nodeArgs?: readonly string[]
  /** By how much its wall clock is ahead of the machine's; its own by default. */
  readonly clockAheadMs?: number
  /** How many of its seconds pass in one of the machine's; one by default. */
  readonly clockRate?: number
}

const CLOCK = import.meta.resolve('./operator-clock.ts')

export class OperatorProcess {
  readonly #options: OperatorProcessOptions
  readonly #dir = mkdtempSync(join(tmpdir(), 'sei-operator-'))
  readonly #supervisor = new Supervisor(this.#dir)
  #process: SupervisedProcess | undefined
  #starts = 0

  constructor(options: OperatorProcessOptions) {
    this.#options = options
  }

  start(): void {
    const { kubeconfig, namespaces = [], args = [], env = {}, nodeArgs = [], clockAheadMs = 0 } = this.#options
    const hasOwnClock = clockAheadMs !== 0 || this.clockRate !== 1
    const clock = { CLOCK_AHEAD_MS: String(clockAheadMs), CLOCK_RATE: String(this.clockRate) }
    this.#starts += 1
    this.#process = launchOperator({
      supervisor: this.#supervisor,
      kubeconfig,
      logPath: this.#logPath,
      // The bundle of `hack/run-tests.ts`, which starts in a third of the time.
      program: process.env['OPERATOR_PROGRAM'],
      nodeArgs: hasOwnClock ? [...nodeArgs, '--import', CLOCK] : nodeArgs,
      args: ['--chain-interval=1', '--volume-interval=0', `--namespaces=${namespaces.join(',')}`, ...args],
      env: { ...clock, ...env },
    })
  }

  get clockRate(): number {
    return this.#options.clockRate ?? 1
  }

  /** SIGTERM, as Kubernetes stops a pod; `exited` tells when it is gone. */
  terminate(): void {
    this.#process?.kill('SIGTERM')
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL')
    await this.#process?.exited
  }

  /** Kills it and starts another; resolves when that one knows what is there. */
  async restart(): Promise<void> {
    await this.kill()
    this.start()
    await until('the caches of the operator to be synced', () => this.log.includes('caches synced') || undefined, {
      found: () => this.log,
    })
  }

  /** How the process ended; pending while it runs. */
  get exited(): Promise<unknown> {
    return this.#process?.exited ?? Promise.resolve()
  }

  /** The log of the current start; empty before the first and after `stop`. */
  get log(): string {
    return existsSync(this.#logPath) ? readFileSync(this.#logPath, 'utf8') : ''
  }

  /** For good: its logs go too. */
  async stop(): Promise<void> {
    await this.#supervisor.stop()
  }

  get #logPath(): string {
    return join(this.#dir, `operator-${this.#starts}.log`)
  }
}
