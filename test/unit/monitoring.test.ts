/** Alerts and dashboard ask for what the operator serves, and lead to runbooks that exist. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRIC_LABELS } from '../../hack/metric-labels.ts'
import { allMetrics } from '../../hack/metrics-reference.ts'
import { alertsOf, queriesOf, readDashboard, readRules } from '../support/monitoring.ts'
import { anchorsOf, readPage } from './pages.ts'

const RUNBOOKS = 'docs/runbooks.md'
const alerts = alertsOf(readRules())
const dashboard = readDashboard()
const queries = [...alerts.map(({ expr }) => expr), ...queriesOf(dashboard)]

/** Those that Prometheus adds to each series of a target. */
const TARGET_LABELS = ['instance', 'pod']
const OPERATORS = new Set(['and', 'or', 'unless', 'bool'])

function servedMetrics(): ReadonlySet<string> {
  const names = allMetrics()
    .getMetricsAsArray()
    .flatMap(({ name, type }) =>
      String(type) === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    )
  return new Set(names)
}

/** Names of metrics in a query: what is no string, matcher, window, list of labels, function or operator. */
function metricsIn(query: string): readonly string[] {
  const bare = query
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]|\b(?:by|on)\s*\([^)]*\)|\boffset \w+/g, '')
  const names = bare.match(/\b[a-z_]\w*\b(?!\s*\()/g) ?? []
  return names.filter(name => !OPERATORS.has(name))
}

test('every metric of alerts and dashboard is one that the operator serves', () => {
  const named = new Set(queries.flatMap(metricsIn))
  assert.ok(named.size > 30, [...named].join())
  const served = servedMetrics()
  assert.deepEqual(
    [...named].filter(name => !served.has(name)),
    [],
  )
})

test('the dashboard shows every metric of nodes', () => {
  const shown = new Set(queriesOf(dashboard).flatMap(metricsIn))
  const ofNodes = [...servedMetrics()].filter(name => name.startsWith('sei_'))
  assert.deepEqual(
    ofNodes.filter(name => !shown.has(name)),
    [],
  )
})

test('every label that a query names exists, and so does every value that it asks for', () => {
  const known = new Set([...Object.keys(METRIC_LABELS), ...TARGET_LABELS])
  for (const query of queries) {
    const lists = [...query.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '))
    const matchers = [...query.matchAll(/(\w+)=~?"([^"]*)"/g)].map(([, label = '', values = '']) => ({ label, values }))
    for (const label of [...lists, ...matchers.map(each => each.label)])
      assert.ok(known.has(label), `${label}: ${query}`)
    for (const { label, values } of matchers) {
      for (const value of values.startsWith('$') ? [] : values.split('|')) {
        assert.match(value, METRIC_LABELS[label]?.pattern ?? /./, query)
      }
    }
  }
})

test('every alert has a severity, a summary, a description, and a runbook of its name that exists', () => {
  const anchors = anchorsOf(readPage(RUNBOOKS))
  assert.equal(new Set(alerts.map(({ alert }) => alert)).size, alerts.length)
  for (const { alert, labels, annotations } of alerts) {
    assert.match(labels['severity'] ?? '', /^(critical|warning)$/, alert)
    assert.ok(annotations['summary'] && annotations['description'], alert)
    const [page, anchor = ''] = (annotations['runbook_url'] ?? '').split('#')
    assert.equal(page, `https://github.com/sei-protocol/sei-k8s-controller/blob/main/${RUNBOOKS}`)
    assert.equal(anchor, alert.toLowerCase())
    assert.ok(anchors.has(anchor), `${RUNBOOKS} has no section ${alert}`)
  }
})

test('every alert aggregates over the replicas of the operator', () => {
  for (const { alert, expr } of alerts) assert.match(expr, /\b(?:max|min|sum|count) by \(|\babsent\(/, alert)
})

test('panels have ids of their own, a place of their own, and the data source that the user chooses', () => {
  const { panels, templating } = dashboard
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  )
  assert.equal(new Set(cells).size, cells.length)
  for (const { title, targets = [] } of panels) {
    for (const { datasource } of targets) assert.equal(datasource.uid, '${datasource}', title)
  }
  assert.deepEqual(
    templating.list.map(({ name }) => name),
    ['datasource', 'namespace', 'chain_id', 'seinode'],
  )
})
