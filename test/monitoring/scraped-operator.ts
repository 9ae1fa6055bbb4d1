/** A Prometheus that may scrape the operator of a fixture, as the ServiceMonitor says: `ScrapedOperator`. */
import { kubectl, tryKubectl } from '../../testing/kubectl.ts'
import { render } from '../deploy/rendered.ts'
import type { Rules } from '../support/monitoring.ts'
import type { OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { Prometheus } from './prometheus.ts'

/** Of an operator that elects a leader, and serves metrics with TLS to those who may read them. */
export const SCRAPED_ARGS = [
  '--leader-elect',
  '--leader-election-namespace=default',
  '--metrics-secure=true',
  '--metrics-bind-address=127.0.0.1:0',
]

export class ScrapedOperator implements AsyncDisposable {
  readonly prometheus: Prometheus
  readonly #fixture: OperatorFixture

  private constructor(fixture: OperatorFixture, prometheus: Prometheus) {
    this.#fixture = fixture
    this.prometheus = prometheus
  }

  /** @param fixture its operator runs with SCRAPED_ARGS */
  static async open(fixture: OperatorFixture, rules: Rules): Promise<ScrapedOperator> {
    const { namespace } = fixture
    await kubectl(['create', 'serviceaccount', 'prometheus', '-n', namespace])
    await kubectl(['create', 'clusterrole', namespace, '--verb=get', '--non-resource-url=/metrics'])
    const subject = `--serviceaccount=${namespace}:prometheus`
    await kubectl(['create', 'clusterrolebinding', namespace, `--clusterrole=${namespace}`, subject])
    const token = (await kubectl(['create', 'token', 'prometheus', '-n', namespace])).trim()
    const [endpoint] = (await render('config/prometheus')).only('ServiceMonitor').spec.endpoints
    if (!endpoint) throw new Error('the ServiceMonitor of config/prometheus has no endpoint: expected one')
    const scraped = new ScrapedOperator(fixture, await Prometheus.start({ rules, endpoint, token }))
    await scraped.untilScraped()
    return scraped
  }

  /** Tells Prometheus the port of the operator, which each start of it chooses anew. */
  async untilScraped(): Promise<void> {
    const { operator } = this.#fixture
    const port = await until('its port', () => /listening .*metricsPort=(\d+)/.exec(operator.log)?.[1], {
      found: () => operator.log,
    })
    await this.prometheus.scrapePort(port)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.prometheus[Symbol.asyncDispose]()
    for (const kind of ['clusterrolebinding', 'clusterrole'])
      await tryKubectl(['delete', kind, this.#fixture.namespace])
  }
}
