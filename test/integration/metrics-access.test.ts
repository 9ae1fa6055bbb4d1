/** Metrics over TLS, to those alone whom the API server lets read them, and what an operator says of itself to probes. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { request } from 'node:https'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { METRIC_LABELS } from '../../hack/metric-labels.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { parseMetrics } from '../../testing/metrics.ts'
import { until } from '../support/until.ts'
import { kubectl, tryKubectl } from '../../testing/kubectl.ts'
import { ROOT } from '../../testing/root.ts'

const namespace = `metrics-${randomUUID().slice(0, 8)}`
const BINDING = `${namespace}-reader`
let operator: OperatorProcess

before(async () => {
  await kubectl(['apply', '--server-side', '--force-conflicts', '-k', join(ROOT, 'config/crd')])
  await kubectl([
    'apply',
    '--server-side',
    '--force-conflicts',
    '-f',
    join(ROOT, 'config/rbac/metrics_reader_role.yaml'),
  ])
  await kubectl(['create', 'namespace', namespace])
  for (const name of ['prometheus', 'stranger']) await kubectl(['create', 'serviceaccount', name, '-n', namespace])
  const subject = `--serviceaccount=${namespace}:prometheus`
  await kubectl(['create', 'clusterrolebinding', BINDING, '--clusterrole=metrics-reader', subject])
  operator = new OperatorProcess({
    kubeconfig: attachedControlPlane(process.env).operatorKubeconfigPath,
    namespaces: [namespace],
    args: ['--metrics-secure=true', '--metrics-bind-address=127.0.0.1:0', '--health-probe-bind-address=127.0.0.1:0'],
  })
  operator.start()
})
after(async () => {
  await operator.stop()
  await tryKubectl(['delete', 'clusterrolebinding', BINDING])
  await tryKubectl(['delete', 'namespace', namespace, '--wait=false'])
})

function portOf(which: 'metricsPort' | 'healthPort'): Promise<string> {
  return until(
    `the operator to listen, ${which}`,
    async () => new RegExp(`listening .*${which}=(\\d+)`).exec(operator.log)?.[1],
    { found: () => operator.log },
  )
}

async function scrapeAs(account?: string): Promise<{ readonly status: number; readonly body: string }> {
  const port = await portOf('metricsPort')
  const token = account && (await kubectl(['create', 'token', account, '-n', namespace])).trim()
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return new Promise((resolve, reject) => {
    // Its certificate is self-signed.
    const options = { headers, rejectUnauthorized: false, agent: false }
    const outgoing = request(`https://127.0.0.1:${port}/metrics`, options, response => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    outgoing.on('error', reject).end()
  })
}

test('a scrape without a token is answered 401, and reads nothing', async () => {
  const { status, body } = await scrapeAs()
  assert.equal(status, 401)
  assert.doesNotMatch(body, /process_/)
})

test('a scrape with the token of somebody who may not is answered 403, and reads nothing', async () => {
  const { status, body } = await scrapeAs('stranger')
  assert.equal(status, 403)
  assert.doesNotMatch(body, /process_/)
})

test('a scrape with the token of somebody who has the role metrics-reader is answered 200', async () => {
  const { status, body } = await scrapeAs('prometheus')
  assert.equal(status, 200, operator.log)
  assert.match(body, /^process_resident_memory_bytes \d+/m)
  assert.match(
    body,
    /^kube_client_requests_total\{verb="create",resource="tokenreviews.authentication.k8s.io",code="201"\} \d/m,
  )
})

test('no label of any series has a value that the reference does not know', async () => {
  const samples = parseMetrics((await scrapeAs('prometheus')).body)
  assert.ok(samples.length > 100)
  const unknown = samples.flatMap(({ name, labels }) =>
    Object.entries(labels).flatMap(([label, value]) =>
      METRIC_LABELS[label]?.pattern.test(value) === true ? [] : [`${name} ${label}=${value}`],
    ),
  )
  assert.deepEqual(unknown, [])
})

test('nobody reads metrics by plain HTTP', async () => {
  await assert.rejects(fetch(`http://127.0.0.1:${await portOf('metricsPort')}/metrics`))
})

test('a running operator is live, and ready when its caches are synced', async () => {
  const url = `http://127.0.0.1:${await portOf('healthPort')}`
  assert.equal((await fetch(`${url}/healthz`)).status, 200)
  await until('ready', async () => (await fetch(`${url}/readyz`)).status === 200 || undefined, {
    found: () => operator.log,
  })
})
