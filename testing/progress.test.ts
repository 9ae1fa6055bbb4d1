/** What a watcher of long work sees, on a terminal and in a log file. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import { formatDuration, Progress, type ProgressStream } from './progress.ts'

function recording(isTTY: boolean): ProgressStream & { readonly written: string[] } {
  const written: string[] = []
  return { isTTY, columns: 40, written, write: text => written.push(text) }
}

function begin(t: TestContext, stream: ProgressStream): Progress {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] })
  return new Progress('Building', { stream })
}

test('a terminal gets one line that is rewritten every second and cut to its width', t => {
  const stream = recording(true)
  const progress = begin(t, stream)
  progress.detail('a detail far longer than the terminal is wide')
  t.mock.timers.tick(1000)
  progress.end('done')
  assert.deepEqual(stream.written, [
    '\r\x1b[KBuilding, 0 s',
    '\r\x1b[KBuilding, 1 s: a detail far longer than',
    '\r\x1b[KBuilding: done (1 s)\n',
  ])
})

test('a log file gets a plain line every 15 s', t => {
  const stream = recording(false)
  const progress = begin(t, stream)
  progress.detail('812 packages compiled')
  t.mock.timers.tick(14_999)
  assert.deepEqual(stream.written, ['Building, 0 s\n'])
  t.mock.timers.tick(1)
  progress.end('done')
  assert.deepEqual(stream.written.slice(1), ['Building, 15 s: 812 packages compiled\n', 'Building: done (15 s)\n'])
})

test('nothing more is written once it has ended or was disposed of', t => {
  const stream = recording(true)
  const progress = begin(t, stream)
  progress[Symbol.dispose]()
  progress.end('done')
  t.mock.timers.tick(5000)
  assert.deepEqual(stream.written, ['\r\x1b[KBuilding, 0 s', '\r\x1b[K'])
})

test('durations read as people say them', () => {
  assert.deepEqual([400, 8000, 125_000].map(formatDuration), ['0 s', '8 s', '2 min 5 s'])
})
