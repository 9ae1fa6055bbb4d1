/** What a watcher of the demo sees, on a terminal and in a log file. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import type { NodeRow } from './node-row.ts'
import { type NodesView, nodesView, type Screen } from './nodes-view.ts'

const ROW: NodeRow = { name: 'mainnet-0', mode: 'Snapshot', phase: 'Pending', task: '-', created: 0 }
const INITIALIZING: NodeRow = { ...ROW, phase: 'Initializing', task: '3/7 config-apply' }

/** `written` shows the escape character as ESC. */
interface Seen {
  readonly view: NodesView
  readonly written: string[]
  readonly screen: { columns: number }
}

function open(t: TestContext, size: Partial<Screen>, env: Record<string, string> = { NO_COLOR: '1' }): Seen {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] })
  const written: string[] = []
  const write = (text: string): number => written.push(text.replaceAll('\x1b', 'ESC'))
  const screen = { columns: 80, ...size, write }
  return { view: nodesView({ screen, env, now: Date.now, started: 0 }), written, screen }
}

test('a log file gets one line for each change, with the time since the start', t => {
  const { view, written } = open(t, { isTTY: false })
  view.show([{ ...ROW, phase: '-' }])
  t.mock.timers.tick(1500)
  view.show([ROW])
  view.show([ROW, { ...ROW, name: 'seed' }])
  t.mock.timers.tick(10_840)
  view.show([INITIALIZING, { ...ROW, name: 'seed' }])
  assert.deepEqual(written, [
    '1.5s mainnet-0 Pending\n',
    '1.5s seed Pending\n',
    '12.3s mainnet-0 Initializing 3/7 config-apply\n',
  ])
})

test('a terminal that cannot move its cursor is written to as a log file is', t => {
  const { view, written } = open(t, { isTTY: true }, { TERM: 'dumb' })
  view.show([ROW])
  assert.deepEqual(written, ['0.0s mainnet-0 Pending\n'])
})

test('a terminal gets the table drawn over the one before, one write each, and its cursor back', t => {
  const { view, written } = open(t, { isTTY: true })
  view.show([ROW])
  view.show([INITIALIZING])
  view[Symbol.dispose]()
  view.show([ROW])
  const [hidden, first, second, shown, ...others] = written
  assert.deepEqual([hidden, shown, others], ['ESC[?25l', 'ESC[?25h', []])
  assert.match(first ?? '', /^NAME .*\n.*Pending .*\n0 of 1 Running, 0 s since the startESC\[K\nESC\[J$/)
  assert.match(second ?? '', /^ESC\[3A\rNAME .*\n.*3\/7 config-apply .*\n0 of 1 Running/)
})

test('ages go on while nothing changes', t => {
  const { view, written } = open(t, { isTTY: true })
  view.show([ROW])
  t.mock.timers.tick(1000)
  assert.match(written.at(-1) ?? '', /Pending .* 1sESC\[K\n0 of 1 Running, 1 s since/)
  view[Symbol.dispose]()
})

test('lines that a narrowed terminal has wrapped are drawn over too', t => {
  const { view, written, screen } = open(t, { isTTY: true })
  view.show([ROW])
  screen.columns = 40
  view.show([ROW])
  // Header and node wrap to two lines each; the summary fits.
  assert.match(written.at(-1) ?? '', /^ESC\[5A\r/)
  view[Symbol.dispose]()
})

test('NO_COLOR takes the colours away; an empty one does not', t => {
  const { view, written } = open(t, { isTTY: true }, { NO_COLOR: '' })
  view.show([ROW])
  assert.match(written.at(-1) ?? '', /ESC\[2mPending/)
  view[Symbol.dispose]()
})

test('of more nodes than the terminal has lines, the first are shown and all are counted', t => {
  const { view, written } = open(t, { isTTY: true, rows: 6 })
  view.show(Array.from({ length: 9 }, (_, i) => ({ ...ROW, name: `node-${i}` })))
  const lines = (written.at(-1) ?? '').split('\n')
  assert.equal(lines.filter(line => line.startsWith('node-')).length, 2)
  assert.match(lines.at(-2) ?? '', /^0 of 9 Running/)
  view[Symbol.dispose]()
})
