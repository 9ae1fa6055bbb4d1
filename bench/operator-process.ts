/** The operator under measurement, as a process of its own: `OperatorProcess`. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts } from '../testing/controlplane/ports.ts'
import type { SupervisedProcess, Supervisor } from '../testing/controlplane/supervisor.ts'
import { OPERATOR_ENV } from './bench-node.ts'
import { NODE_FLAGS } from './node-flags.ts'
import { parseMetrics, type Sample, total, totalBy } from './prometheus.ts'

const BUNDLE = join(import.meta.dirname, '../dist/sei-k8s-controller.mjs')

const READY_DEADLINE_MS = 30_000
const STOP_MS = 10_000

export interface OperatorOptions {
  readonly supervisor: Supervisor
  readonly kubeconfig: string
  readonly logPath: string
  readonly cpuProfDir?: string | undefined
}

/** What the operator has used and done since it started. */
export interface OperatorUsage {
  /** User and system time, milliseconds. */
  readonly cpuMs: number
  /** In bytes. */
  readonly rss: number
  /** The parts of it that are memory of its own, and pages of files, such as Node's program. 0 where the system does not tell. */
  readonly anonymousRss: number
  readonly fileRss: number
  /** The most it ever was, bytes; undefined where the system does not tell. */
  readonly peakRss: number | undefined
  readonly heapUsed: number
  /** Reconciles by result. */
  readonly reconciles: Readonly<Record<string, number>>
}

export class OperatorProcess {
  readonly #process: SupervisedProcess
  readonly #metricsURL: string

  /** Resolves when all caches of the operator are filled. */
  static async start({ supervisor, kubeconfig, logPath, cpuProfDir }: OperatorOptions): Promise<OperatorProcess> {
    const [metricsPort = 0, healthPort = 0] = await freePorts(2)
    const profile = cpuProfDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProfDir}`]
    const supervised = supervisor.spawn({
      name: 'operator',
      path: process.execPath,
      args: [
        ...NODE_FLAGS,
        ...profile,
        BUNDLE,
        'manager',
        `--kubeconfig=${kubeconfig}`,
        '--leader-elect=false',
        `--metrics-bind-address=127.0.0.1:${metricsPort}`,
        '--metrics-secure=false',
        `--health-probe-bind-address=127.0.0.1:${healthPort}`,
      ],
      env: { ...process.env, ...OPERATOR_ENV },
      logPath,
    })
    const operator = new OperatorProcess(supervised, `http://127.0.0.1:${metricsPort}/metrics`)
    const readyz = `http://127.0.0.1:${healthPort}/readyz`
    await supervised.untilReady(async () => (await fetch(readyz)).ok, { deadlineMs: READY_DEADLINE_MS })
    return operator
  }

  private constructor(supervised: SupervisedProcess, metricsURL: string) {
    this.#process = supervised
    this.#metricsURL = metricsURL
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
    const answer = await fetch(this.#metricsURL)
    const samples: readonly Sample[] = parseMetrics(await answer.text())
    return {
      cpuMs: total(samples, 'process_cpu_seconds_total') * 1000,
      rss: total(samples, 'process_resident_memory_bytes'),
      anonymousRss: total(samples, 'process_resident_memory_anonymous_bytes'),
      fileRss: total(samples, 'process_resident_memory_file_bytes'),
      peakRss: await peakRss(this.#process.pid),
      heapUsed: total(samples, 'nodejs_heap_used_bytes'),
      reconciles: totalBy(samples, 'controller_runtime_reconcile_total', 'result'),
    }
  }

  async stop(): Promise<void> {
    await this.#process.stop(STOP_MS)
  }
}

/** Linux alone tells of another process how much memory it ever had. */
async function peakRss(pid: number | undefined): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}
