/** What was measured is shown beside its budget. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestCount } from '../testing/audit-log.ts'
import type { Round } from './figures.ts'
import { differences, renderTable } from './table.ts'

function counted(byKind: Readonly<Record<string, number>>): RequestCount {
  const requests = Object.values(byKind).reduce((sum, count) => sum + count, 0)
  const byVerb: Record<string, number> = {}
  for (const [kind, count] of Object.entries(byKind)) {
    const verb = kind.split(' ')[0] ?? ''
    byVerb[verb] = (byVerb[verb] ?? 0) + count
  }
  return { requests, writes: requests, watchesOpened: 0, byVerb, byKind, failed: {} }
}

/** 100 nodes that meet every budget. */
function round(operator: Partial<Round['operator']> = {}, quiet: Partial<Round['quiet']> = {}): Round {
  return {
    nodes: 100,
    floor: {
      lastWriteMs: 2000,
      podsMs: 2300,
      cpuMs: 280,
      rss: 90e6,
      requests: counted({ 'patch services': 100, 'update seinodes/status': 300 }),
    },
    operator: {
      planCompleteMs: 2500,
      runningMs: 2600,
      bootstrapP95Ms: 1000,
      cpuMs: 700,
      rss: 80e6,
      peakMemory: { anonymous: 40e6, file: 42e6 },
      requests: counted({ 'patch services': 100, 'update seinodes/status': 300 }),
      reconciles: 300,
      ...operator,
    },
    quiet: {
      seconds: 60,
      observedSeconds: 15,
      requests: counted({}),
      cpuMs: 60,
      rss: 79e6,
      memory: undefined,
      reconciles: 0,
      ...quiet,
    },
    silent: { sidecars: 40, bootstrapP95Ms: 1500 },
  }
}

/** The cells of the row that begins with `label`, after the floor's rows where the operator has one of the same name. */
function row(rounds: readonly Round[], label: string): string[] {
  const rows = renderTable(rounds).map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  )
  return rows.findLast(([first]) => first === label)?.slice(1) ?? []
}

test('nodes beside silent sidecars are held to those without them', () => {
  const slower = { ...round(), silent: { sidecars: 40, bootstrapP95Ms: 1501 } }
  assert.deepEqual(row([round(), slower], '- times that without them'), ['1.50 x (met)', '1.50 x (MISSED)', '≤ 1.5 x'])
  assert.deepEqual(row([round()], 'Sidecars that swallow what they are sent'), ['40', ''])
})

test('a budget is shown beside what was measured, with whether it was met', () => {
  assert.deepEqual(row([round()], '- times the floor'), ['1.25 x (met)', '≤ 1.3 x'])
  assert.deepEqual(row([round({ planCompleteMs: 2601 })], '- times the floor'), ['1.30 x (MISSED)', '≤ 1.3 x'])
  assert.deepEqual(row([round()], '- API requests per node'), ['4 (met)', '≤ 12'])
  assert.deepEqual(row([round({ cpuMs: 900 })], '- CPU per node'), ['9 ms (MISSED)', '≤ 8 ms'])
})

test('memory counts with its larger value, before or after the quiet period', () => {
  assert.deepEqual(row([round()], '- RSS at the end'), ['80 MB (met)', '≤ 84 MB'])
  assert.deepEqual(row([round({}, { rss: 85e6 })], '- RSS at the end'), ['85 MB (MISSED)', '≤ 84 MB'])
})

test('a single request in the quiet period is named, and misses the budget', () => {
  assert.deepEqual(row([round()], '- API requests but watches'), ['0 (met)', 'none'])
  const noisy = round({}, { requests: counted({ 'update seinodes/status': 1 }) })
  assert.deepEqual(row([noisy], '- API requests but watches'), ['1 update (MISSED)', 'none'])
})

test('each round has a column, and all lines are equally wide', () => {
  const lines = renderTable([round(), { ...round(), nodes: 1000 }])
  assert.deepEqual(
    lines[0]?.split('|').map(cell => cell.trim()),
    ['', 'SeiNodes', '100', '1,000', 'budget', ''],
  )
  assert.equal(new Set(lines.map(line => line.length)).size, 1)
})

test('what the system does not tell is called unknown', () => {
  assert.deepEqual(row([round()], '- memory at its peak'), ['40 MB anonymous, 42 MB file', ''])
  assert.deepEqual(row([round()], '- memory at its end'), ['unknown', ''])
})

test('writes that the operator and the floor do not share are named', () => {
  assert.deepEqual(differences(round()), [])
  const requests = counted({ 'patch services': 100, 'update seinodes/status': 350, 'get pods': 1 })
  assert.deepEqual(differences(round({ requests })), [
    'update seinodes/status: 3.50 per node, 3 in the floor',
    'get pods: 0.01 per node, 0 in the floor',
  ])
})
