/** The operator under measurement, as a process of its own: `MeasuredOperator`. */
import { existsSync, readFileSync } from 'node:fs'
import { freePorts } from '../testing/controlplane/ports.ts'
import { launchOperator } from '../testing/launch.ts'
import { scrapeURL, total } from '../testing/metrics.ts'
import type { SupervisedProcess, Supervisor } from '../testing/controlplane/supervisor.ts'
import { OPERATOR_ENV } from './bench-node.ts'

const READY_DEADLINE_MS = 30_000
const STOP_MS = 10_000

export interface MeasuredOperatorOptions {
  readonly supervisor: Supervisor
  readonly kubeconfig: string
  readonly logPath: string
  readonly program: string
  readonly cpuProfDir?: string | undefined
  readonly observedSeconds: number
}

/** What the operator has used and done since it started. */
export interface OperatorUsage {
  /** User and system time, milliseconds. */
  readonly cpuMs: number
  /** Resident memory in bytes. */
  readonly rss: number
  readonly reconciles: number
}

/** Resident memory, bytes. */
export interface Memory {
  /** Heap and stacks. */
  readonly anonymous: number
  /** Mapped files: mostly Node.js itself, which the system can drop. */
  readonly file: number
}

const SAMPLE_MS = 250

export class MeasuredOperator {
  readonly #process: SupervisedProcess
  readonly #metricsURL: string
  readonly #sampler: NodeJS.Timeout
  #peak: Memory | undefined

  /** Resolves when all caches of the operator are filled. */
  static async start({ cpuProfDir, observedSeconds, ...options }: MeasuredOperatorOptions): Promise<MeasuredOperator> {
    const [metricsPort = 0, healthPort = 0] = await freePorts(2)
    const supervised = launchOperator({
      ...options,
      nodeArgs: cpuProfDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProfDir}`],
      args: [
        `--metrics-bind-address=127.0.0.1:${metricsPort}`,
        `--health-probe-bind-address=127.0.0.1:${healthPort}`,
        '--log-format=json',
        `--chain-interval=${observedSeconds}`,
        // The machines are fakes without a kubelet to ask.
        '--volume-interval=0',
      ],
      env: OPERATOR_ENV,
    })
    const operator = new MeasuredOperator(supervised, `http://127.0.0.1:${metricsPort}/metrics`)
    const readyz = `http://127.0.0.1:${healthPort}/readyz`
    await supervised.untilReady(async () => (await fetch(readyz)).ok, { deadlineMs: READY_DEADLINE_MS })
    return operator
  }

  private constructor(supervised: SupervisedProcess, metricsURL: string) {
    this.#process = supervised
    this.#metricsURL = metricsURL
    this.#sampler = setInterval(() => this.memory(), SAMPLE_MS)
  }

  /** Rejects when the operator ends by itself: race it against what is waited for. */
  ended(): Promise<never> {
    const ended = this.#process.exited.then(() => {
      throw new Error('the operator ended')
    })
    ended.catch(() => undefined)
    return ended
  }

  logTail(): string {
    return this.#process.logTail()
  }

  async usage(): Promise<OperatorUsage> {
    const samples = await scrapeURL(this.#metricsURL)
    return {
      cpuMs: total(samples, 'process_cpu_seconds_total') * 1000,
      rss: total(samples, 'process_resident_memory_bytes'),
      reconciles: total(samples, 'controller_runtime_reconcile_total'),
    }
  }

  /** User and system time so far, milliseconds; undefined where the system does not tell. Unlike `usage`, it costs the operator nothing. */
  cpuMs(): number | undefined {
    return cpuMsOf(this.#process.pid)
  }

  /** Returns undefined where the system does not tell: only Linux does. */
  memory(): Memory | undefined {
    const memory = memoryOf(this.#process.pid)
    if (memory && (!this.#peak || sizeOf(memory) > sizeOf(this.#peak))) this.#peak = memory
    return memory
  }

  /** The largest so far, from samples. */
  get peakMemory(): Memory | undefined {
    return this.#peak
  }

  async stop(): Promise<void> {
    clearInterval(this.#sampler)
    await this.#process.stop(STOP_MS)
  }
}

/** As in /proc/PID/stat: of a hundred in a second, after the name in parentheses. */
const TICK_MS = 10

function cpuMsOf(pid: number | undefined): number | undefined {
  const path = `/proc/${pid}/stat`
  if (!existsSync(path)) return undefined
  const stat = readFileSync(path, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

function memoryOf(pid: number | undefined): Memory | undefined {
  const path = `/proc/${pid}/status`
  const status = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const [anonymous, file] = ['RssAnon', 'RssFile'].map(
    key => new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1],
  )
  if (anonymous === undefined || file === undefined) return undefined
  return { anonymous: Number(anonymous) * 1024, file: Number(file) * 1024 }
}

function sizeOf({ anonymous, file }: Memory): number {
  return anonymous + file
}
