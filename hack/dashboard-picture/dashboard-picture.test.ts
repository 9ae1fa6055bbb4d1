/** The picture leaves out nothing of the dashboard, and shows values as Grafana does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Panel, readDashboard } from '../../test/support/monitoring.ts'
import { fieldOf, shown, UNITS } from './fields.ts'
import { groupsOf, PANELS, pageOf } from './page.ts'
import { tableOf, TRANSFORMATIONS } from './tables.ts'

const dashboard = readDashboard()
const groups = groupsOf(dashboard)
const drawn = groups.flatMap(({ panels }) => panels)

/** Options of fields that change what Grafana draws, by the name that overrides have for them. */
const OPTIONS = new Set([
  'unit',
  'decimals',
  'min',
  'max',
  'mappings',
  'thresholds',
  'color',
  'custom',
  'custom.cellOptions',
])
const CUSTOM = new Set(['lineWidth', 'fillOpacity', 'lineInterpolation', 'stacking', 'showPoints'])

function optionsOf({ fieldConfig }: Panel): readonly (readonly [id: string, value: unknown])[] {
  const { defaults = {}, overrides = [] } = fieldConfig ?? {}
  return [
    ...Object.entries(defaults),
    ...overrides.flatMap(({ properties }) => properties.map(({ id, value }) => [id, value] as const)),
  ]
}

test('every panel of the dashboard is in one of its rows', () => {
  assert.deepEqual(
    groups.map(({ title }) => title),
    ['Fleet', 'Nodes', 'Operator'],
  )
  assert.equal(drawn.length + groups.length, dashboard.panels.length)
})

test('the picture can draw every type of panel, unit, option and transformation that the dashboard uses', () => {
  const unknown = drawn.flatMap(panel => {
    const options = optionsOf(panel)
    return [
      ...(PANELS[panel.type] ? [] : [`type ${panel.type}`]),
      ...options.flatMap(([id, value]) => (id === 'unit' && !UNITS[String(value)] ? [`unit ${String(value)}`] : [])),
      ...options.flatMap(([id]) => (OPTIONS.has(id) ? [] : [`option ${id}`])),
      ...Object.keys(panel.fieldConfig?.defaults['custom'] ?? {}).flatMap(id =>
        CUSTOM.has(id) ? [] : [`custom ${id}`],
      ),
      ...(panel.transformations ?? []).flatMap(({ id }) => (TRANSFORMATIONS.has(id) ? [] : [`transformation ${id}`])),
    ].map(what => `${panel.title}: ${what}`)
  })
  assert.deepEqual(unknown, [])
})

test('a page has every panel of its group with what Prometheus answered', () => {
  const range = { start: 0, end: 60, step: 30 }
  const labels = { namespace: 'sei', seinode: 'rpc', state: 'Running' }
  const points = [0, 30, 60].map(at => [at, 1] as const)
  const panels = Object.fromEntries(drawn.map(({ id, targets = [] }) => [id, targets.map(() => [{ labels, points }])]))
  for (const group of groups) {
    const { html } = pageOf(group, { range, panels })
    assert.equal(html.split('<section').length - 1, group.panels.length)
    assert.ok(!html.includes('No data'))
    const charts = group.panels.filter(({ type }) => type === 'timeseries' || type === 'state-timeline')
    assert.equal(html.split('<svg').length - 1, charts.length)
  }
  const [fleet] = groups
  assert.ok(fleet && pageOf(fleet, { range, panels: {} }).html.includes('No data'))
})

test('values have the unit, the mapping and the colour of their field', () => {
  const texts: readonly (readonly [unit: string, value: number, text: string])[] = [
    ['short', 1500, '1.5 K'],
    ['locale', 81_234_567, '81,234,567'],
    ['percentunit', 0.914, '91.4%'],
    ['bytes', 3 * 1024 ** 3, '3 GiB'],
    ['bytes', 0, '0 B'],
    ['s', 0.004, '4 ms'],
    ['s', 90, '1.5 mins'],
    ['s', 172_800, '2 days'],
    ['ops', 2.5, '2.5 ops/s'],
  ]
  for (const [unit, value, text] of texts) assert.equal(shown(value, { unit }).text, text)
  const thresholds = {
    steps: [
      { color: 'green', value: null },
      { color: 'red', value: 1 },
    ],
  }
  assert.deepEqual(shown(1, { unit: 'short', thresholds }), { text: '1', color: '#f2495c' })
  const mappings = [{ options: { '1': { text: 'Ready', color: 'green' } } }]
  assert.deepEqual(shown(1, { unit: 'short', mappings }), { text: 'Ready', color: '#73bf69' })
})

function labelsOf(seinode: string) {
  return { namespace: 'sei', seinode, chain_id: 'arctic-1', plan: 'bootstrap' }
}

test('a table merges the answers of its targets by their labels, and has the names and the order of its columns', () => {
  const plans = drawn.find(({ title }) => title === 'Plans')
  assert.ok(plans)
  const started = ['rpc', 'new'].map((seinode, index) => ({
    labels: labelsOf(seinode),
    points: [[0, 90 - index] as const],
  }))
  const took = [{ labels: labelsOf('rpc'), points: [[0, 12] as const] }]
  assert.deepEqual(tableOf(plans, [started, took]), {
    columns: ['Namespace', 'SeiNode', 'Chain', 'Plan', 'Since start', 'Took'],
    rows: [
      ['sei', 'new', 'arctic-1', 'bootstrap', 89, undefined],
      ['sei', 'rpc', 'arctic-1', 'bootstrap', 90, 12],
    ],
  })
  assert.deepEqual(tableOf(plans, [started, []]).columns, ['Namespace', 'SeiNode', 'Chain', 'Plan', 'Since start'])
  assert.equal(fieldOf(plans, 'Took').unit, 's')
})
