/** Metrics are named as Prometheus asks for, and have labels with few values alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRIC_LABELS } from './metric-labels.ts'
import { allMetrics, labelsOf } from './metrics-reference.ts'

const metrics = allMetrics().getMetricsAsArray()

test('every label of a metric is described, with all the values that it may have', () => {
  const undescribed = metrics.flatMap(labelsOf).filter(label => METRIC_LABELS[label] === undefined)
  assert.deepEqual(undescribed, [])
})

test('names say the unit, counters alone end in _total, and each metric says what it means', () => {
  for (const { name, type, help } of metrics) {
    assert.equal(name.endsWith('_total'), String(type) === 'counter', name)
    if (String(type) === 'histogram') assert.match(name, /_seconds$/)
    assert.match(name, /^[a-z][a-z0-9_]*$/)
    assert.match(help, /\.$/)
  }
})
