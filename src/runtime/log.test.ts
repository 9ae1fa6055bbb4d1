/** Tests of the two log formats. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogFormat, LogLevel } from './log.ts'
import { createLogger } from './log.ts'

function setUp(format: LogFormat, level: LogLevel = 'info') {
  const lines: string[] = []
  return { lines, log: createLogger({ format, level, destination: { write: line => void lines.push(line) } }) }
}

test('a JSON line carries time, level, message and fields, and nothing else', () => {
  const { lines, log } = setUp('json')
  log.child({ controller: 'things' }).info({ key: 'ns/a' }, 'done')
  assert.equal(lines.length, 1)
  const { time, ...rest } = JSON.parse(lines[0] ?? '')
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.deepEqual(rest, { level: 'info', controller: 'things', key: 'ns/a', msg: 'done' })
})

test('lines below the level are not written', () => {
  const { lines, log } = setUp('json', 'warn')
  log.debug({}, 'no')
  log.info({}, 'no')
  log.warn({}, 'yes')
  log.error({}, 'yes')
  assert.equal(lines.length, 2)
})

test('a text line reads as one sentence with its fields, quoted where they would be ambiguous', () => {
  const { lines, log } = setUp('text')
  log.info({ key: 'ns/a', note: 'two words', empty: '', count: 3, list: [1] }, 'task done')
  assert.match(lines[0] ?? '', /^\S+Z INFO {2}task done key=ns\/a note="two words" empty="" count=3 list=\[1\]\n$/)
})

test('an error is written with its stack and its cause in both formats', () => {
  const error = new Error('outer', { cause: new Error('inner') })
  const json = setUp('json')
  json.log.error({ err: error }, 'failed')
  const written = JSON.parse(json.lines[0] ?? '')
  assert.equal(written.err.message, 'outer: inner')
  assert.match(written.err.stack, /caused by: Error: inner/)
  const text = setUp('text')
  text.log.error({ err: error }, 'failed')
  assert.match(text.lines[0] ?? '', / ERROR failed\n {4}Error: outer[^]*caused by: Error: inner/)
})

test('something thrown that is no error is written as it is', () => {
  const { lines, log } = setUp('text')
  log.error({ err: 'a string' }, 'failed')
  assert.match(lines[0] ?? '', / ERROR failed err="a string"\n$/)
})
