/** A real Prometheus that scrapes operators as the ServiceMonitor says, and evaluates the rules each second: `Prometheus`. */
import { mkdtempSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { freePorts } from '../../testing/controlplane/ports.ts'
import { Supervisor, type SupervisedProcess } from '../../testing/controlplane/supervisor.ts'
import { resolvePrometheus } from '../../testing/realcluster/debian-packages.ts'
import type { MonitorEndpoint } from '../deploy/rendered.ts'
import type { Rules } from '../support/monitoring.ts'
import { until } from '../support/until.ts'

export interface PrometheusOptions {
  readonly rules: Rules
  readonly endpoint: MonitorEndpoint
  /** Of a ServiceAccount that may read metrics. */
  readonly token: string
}

export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly state: 'pending' | 'firing'
}

interface Answer<T> {
  readonly status: 'success' | 'error'
  readonly error?: string
  readonly data: T
}

const START_DEADLINE_MS = 60_000
/** A chain takes its time to stop, and an alert to resolve. */
const ALERT_DEADLINE_MS = 180_000

export class Prometheus implements AsyncDisposable {
  readonly #dir: string
  readonly #supervisor: Supervisor
  readonly #url: string
  readonly #startedAt = Date.now()

  private constructor(dir: string, supervisor: Supervisor, url: string) {
    this.#dir = dir
    this.#supervisor = supervisor
    this.#url = url
  }

  static async start({ rules, endpoint, token }: PrometheusOptions): Promise<Prometheus> {
    const { prometheus } = await resolvePrometheus(process.env, process.stderr)
    const dir = mkdtempSync(join(tmpdir(), 'sei-prometheus-'))
    const { path, scheme, honorLabels, tlsConfig } = endpoint
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.yaml'],
      scrape_configs: [
        {
          job_name: 'operator',
          metrics_path: path,
          scheme,
          honor_labels: honorLabels,
          tls_config: { insecure_skip_verify: tlsConfig?.insecureSkipVerify },
          authorization: { credentials: token },
          file_sd_configs: [{ files: ['targets.json'] }],
        },
      ],
    }
    await writeFile(join(dir, 'prometheus.yaml'), stringify(config))
    await writeFile(join(dir, 'rules.yaml'), stringify(rules))
    await writeFile(join(dir, 'targets.json'), '[]')
    const [port] = await freePorts(1)
    const supervisor = new Supervisor(dir)
    const started = new Prometheus(dir, supervisor, `http://127.0.0.1:${port}`)
    const server = supervisor.spawn({
      path: prometheus,
      args: [
        `--config.file=${dir}/prometheus.yaml`,
        `--storage.tsdb.path=${dir}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      cwd: dir,
      logPath: join(dir, 'prometheus.log'),
    })
    await started.#untilReady(server)
    return started
  }

  async #untilReady(server: SupervisedProcess): Promise<void> {
    const isReady = async (): Promise<boolean> => (await fetch(`${this.#url}/-/ready`)).ok
    await server.untilReady(isReady, { deadlineMs: START_DEADLINE_MS })
  }

  /** From now on it scrapes the operator at that port of this machine. */
  async scrapePort(port: string): Promise<void> {
    // As those that the Prometheus Operator adds.
    const labels = { namespace: 'sei-k8s-controller-system', pod: 'sei-k8s-controller-manager-0' }
    const targets = join(this.#dir, 'targets.json')
    await writeFile(`${targets}.new`, JSON.stringify([{ targets: [`127.0.0.1:${port}`], labels }]))
    await rename(`${targets}.new`, targets)
  }

  /** The number of series that the expression has had at any time since the start. */
  async seriesOf(expr: string): Promise<number> {
    const { result } = await this.get<{ readonly result: readonly unknown[] }>('query_range', {
      query: expr,
      start: String(this.#startedAt / 1000),
      end: String(Date.now() / 1000),
      step: '1',
    })
    return result.length
  }

  async firing(alert: string): Promise<readonly FiringAlert[]> {
    const { alerts } = await this.get<{ readonly alerts: readonly FiringAlert[] }>('alerts', {})
    return alerts.filter(({ labels, state }) => state === 'firing' && labels['alertname'] === alert)
  }

  /** Resolves with the alerts of that name when there are any with these labels. */
  untilFiring(alert: string, labels: Readonly<Record<string, string>> = {}): Promise<readonly FiringAlert[]> {
    return until(
      `alert ${alert} to fire`,
      async () => {
        const found = await this.firing(alert)
        return found.some(each => hasLabels(each, labels)) ? found : undefined
      },
      { deadlineMs: ALERT_DEADLINE_MS, intervalMs: 500, found: () => this.get('alerts', {}) },
    )
  }

  async untilResolved(alert: string): Promise<void> {
    await until(`alert ${alert} to resolve`, async () => ((await this.firing(alert)).length === 0 ? true : undefined), {
      deadlineMs: ALERT_DEADLINE_MS,
      intervalMs: 500,
      found: () => this.firing(alert),
    })
  }

  /** Asks the HTTP API. */
  async get<T>(what: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1/${what}?${new URLSearchParams(parameters).toString()}`)
    const answer: Answer<T> = JSON.parse(await response.text())
    if (answer.status !== 'success') throw new Error(`Prometheus: ${what} ${parameters['query']}: ${answer.error}`)
    return answer.data
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#supervisor.stop()
  }
}

function hasLabels(alert: FiringAlert, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([label, value]) => alert.labels[label] === value)
}
