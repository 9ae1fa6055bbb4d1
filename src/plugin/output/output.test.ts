/** Durations, colours, tables, trees and bars. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ageOf, humanDuration } from './duration.ts'
import { progressBar } from './progress-bar.ts'
import { createStyle, usesColor } from './style.ts'
import { renderPairs, renderTable } from './table.ts'
import { renderTree } from './tree.ts'

const plain = createStyle(false)
const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000]

test('durations have at most two units, fewer the longer they are', () => {
  const cases: readonly (readonly [ms: number, text: string])[] = [
    [-5 * SECOND, '0s'],
    [0, '0s'],
    [119 * SECOND, '119s'],
    [2 * MINUTE, '2m'],
    [3 * MINUTE + 20 * SECOND, '3m20s'],
    [25 * MINUTE, '25m'],
    [5 * HOUR + 10 * MINUTE, '5h10m'],
    [30 * HOUR, '30h'],
    [4 * DAY + 2 * HOUR, '4d2h'],
    [90 * DAY, '90d'],
    [3 * 365 * DAY, '3y'],
    [Number.NaN, 'unknown'],
  ]
  for (const [ms, text] of cases) assert.equal(humanDuration(ms), text)
  assert.equal(ageOf('2026-11-27T12:00:00Z', Date.parse('2026-11-27T12:01:00Z')), '60s')
  assert.equal(ageOf(undefined, 0), 'unknown')
})

test('colours are for terminals, unless NO_COLOR or --color says otherwise', () => {
  assert.equal(usesColor('auto', {}, true), true)
  assert.equal(usesColor('auto', {}, false), false)
  assert.equal(usesColor('auto', { NO_COLOR: '1' }, true), false)
  assert.equal(usesColor('auto', { NO_COLOR: '' }, true), true)
  assert.equal(usesColor('auto', { TERM: 'dumb' }, true), false)
  assert.equal(usesColor('always', { NO_COLOR: '1' }, false), true)
  assert.equal(usesColor('never', {}, true), false)
  assert.equal(createStyle(true).bad('x'), '\u001b[31mx\u001b[0m')
  assert.equal(createStyle(true).bad(''), '')
})

test('columns of a table are aligned, with colours or without', () => {
  const columns = [
    { title: 'NAME', cell: ({ name }: { name: string }) => name },
    { title: 'STATE', cell: () => ({ text: 'Failed', style: 'bad' as const }) },
    { title: 'NOTE', cell: () => '' },
  ]
  const rows = [{ name: 'a' }, { name: '└─ long-name' }]
  assert.deepEqual(renderTable(columns, rows, plain), [
    'NAME           STATE    NOTE',
    'a              Failed',
    '└─ long-name   Failed',
  ])
  // eslint-disable-next-line no-control-regex
  const colours = /\u001b\[\d+m/g
  const colored = renderTable(columns, rows, createStyle(true)).map(line => line.replaceAll(colours, '').trimEnd())
  assert.deepEqual(colored, renderTable(columns, rows, plain))
})

test('pairs keep further lines of a text in its column', () => {
  assert.deepEqual(
    renderPairs(
      [
        ['A', 'one\ntwo'],
        ['Long', 'three'],
      ],
      plain,
    ),
    ['A      one', '       two', 'Long   three'],
  )
})

const leaf = (label: string) => ({ label, state: 'ok', children: [] })

test('a tree has one line for each object, with the states in one column', () => {
  const tree = { label: 'root', state: '', children: [{ ...leaf('a'), children: [leaf('b')] }, leaf('c')] }
  assert.deepEqual(renderTree(tree, plain), ['root', '├─ a      ok', '│  └─ b   ok', '└─ c      ok'])
})

test('a bar is full at the end and never beyond', () => {
  assert.equal(progressBar(0, 4), '[........................] 0/4')
  assert.equal(progressBar(1, 4), '[######..................] 1/4')
  assert.equal(progressBar(9, 4), '[########################] 9/4')
  assert.equal(progressBar(0, 0), '[........................] 0/0')
})
