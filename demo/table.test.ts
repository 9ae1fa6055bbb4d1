/** The table at different widths, with and without colour. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'

import type { NodeRow } from './node-row.ts'
import { renderTable } from './table.ts'

const NOW = 1_000_000_000
const ROWS: readonly NodeRow[] = [
  { name: 'mainnet-0', mode: 'Snapshot', phase: 'Initializing', task: '3/7 config-apply', created: NOW - 12_900 },
  { name: 'pacific-1-shadow-replayer', mode: 'Replayer', phase: 'Running', task: '7/7', created: NOW - 125_000 },
  { name: 'new', mode: 'Genesis', phase: '-', task: '-', created: NOW + 400 },
]

test('columns line up, and ages read as kubectl writes them', () => {
  assert.deepEqual(renderTable(ROWS, NOW, { width: 100, colour: false }), [
    'NAME                       MODE      PHASE         TASK                      AGE',
    'mainnet-0                  Snapshot  Initializing  3/7 config-apply          12s',
    'pacific-1-shadow-replayer  Replayer  Running       7/7                       2m5s',
    'new                        Genesis   -             -                         0s',
  ])
})

test('columns stay where they are while tasks and phases change', () => {
  const running = ROWS.map(row => ({ ...row, phase: 'Running', task: '7/7' }))
  const [before, after] = [ROWS, running].map(rows => renderTable(rows, NOW, { width: 100, colour: false })[0])
  assert.equal(before, after)
})

test('a narrow terminal shortens names before it cuts what moves', () => {
  assert.deepEqual(renderTable(ROWS, NOW, { width: 70, colour: false }).slice(1, 3), [
    'mainnet-0      Snapshot  Initializing  3/7 config-apply          12s',
    'pacific-1-sh…  Replayer  Running       7/7                       2m5s',
  ])
})

test('no line reaches the edge of the terminal, whatever its width', () => {
  for (let width = 1; width < 120; width += 1) {
    for (const line of renderTable(ROWS, NOW, { width, colour: true })) {
      assert.ok(stripVTControlCharacters(line).length < width, `${width}: ${line}`)
    }
  }
})

test('colour changes no character, and marks the phases', () => {
  const coloured = renderTable(ROWS, NOW, { width: 100, colour: true })
  const plain = renderTable(ROWS, NOW, { width: 100, colour: false })
  assert.deepEqual(
    coloured.map(line => stripVTControlCharacters(line).trimEnd()),
    plain,
  )
  assert.ok(coloured[2]?.includes('\x1b[32mRunning     \x1b[0m'))
})
