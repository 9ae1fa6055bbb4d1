/** Metrics are read from the text that the operator serves. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metrics } from '../src/runtime/metrics.ts'
import { parseMetrics, sumOf, total } from './metrics.ts'

const TEXT = `# HELP x_total What x is.
# TYPE x_total counter
x_total{name="a",result="ok"} 3
x_total{name="b",result="ok"} 4
x_total{name="b",result="has \\"quotes\\", and } a brace"} 0.5
plain_seconds 1.25e-3
`

test('series of one name are added up, in all or those with a label', () => {
  const samples = parseMetrics(TEXT)
  assert.equal(total(samples, 'x_total'), 7.5)
  assert.equal(total(samples, 'plain_seconds'), 0.00125)
  assert.equal(sumOf(samples, 'x_total', { name: ['b'] }), 4.5)
})

test('label values may contain quotes and braces', () => {
  assert.equal(parseMetrics(TEXT)[2]?.labels['result'], 'has \\"quotes\\", and } a brace')
})

test('a series that is missing is an error, not a zero', () => {
  assert.throws(() => total(parseMetrics(TEXT), 'y_total'), /expected a series y_total, found none/)
})

test("the runtime's own metrics are understood", async () => {
  const metrics = new Metrics()
  metrics.controller('seinode').reconciled('success')
  const samples = parseMetrics(await metrics.registry.metrics())
  assert.equal(sumOf(samples, 'controller_runtime_reconcile_total', { result: ['success'] }), 1)
  assert.ok(total(samples, 'process_cpu_seconds_total') > 0)
})
