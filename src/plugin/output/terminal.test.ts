/** What is written to a terminal, and what to a pipe. */
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { EXIT_CODES, PluginError } from '../exit-code.ts'
import type { Io } from './io.ts'
import { createIo } from './terminal.ts'

const read = (stream: PassThrough) => () => String(stream.read() ?? '')

function io(
  isTTY: boolean,
  hasColor = false,
): {
  readonly io: Io
  readonly stdin: PassThrough
  readonly out: () => string
  readonly err: () => string
} {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  for (const stream of [stdin, stdout, stderr]) Object.assign(stream, { isTTY, columns: 40 })
  return {
    io: createIo({ stdin, stdout, stderr }, hasColor, new AbortController().signal),
    stdin,
    out: read(stdout),
    err: read(stderr),
  }
}

test('in a pipe, progress is a line for each thing that is new', () => {
  const { io: pipe, err, out } = io(false)
  pipe.progress('1 of 2', '[#.] 1 of 2 (1s)')
  pipe.progress('1 of 2', '[#.] 1 of 2 (2s)')
  pipe.progress('2 of 2', '[##] 2 of 2 (3s)')
  pipe.print('done')
  assert.equal(err(), '1 of 2\n2 of 2\n')
  assert.equal(out(), 'done\n')
})

test('on a terminal, progress is one line that is written again, no wider than the terminal, and gone at the end', () => {
  const { io: terminal, err, out } = io(true)
  terminal.progress('1 of 2', '[#.] 1 of 2 (1s)')
  terminal.progress('1 of 2', 'x'.repeat(100))
  terminal.print('done')
  assert.equal(err(), `\r\u001b[K[#.] 1 of 2 (1s)\r\u001b[K${'x'.repeat(39)}\r\u001b[K`)
  assert.equal(out(), 'done\n')
})

const HOSTILE = 'a\u001b]0;title\u0007b\u009b2Jc\rd\te\u001b[2J\u001b[31mred\u001b[0m'

test('escape sequences of the cluster do not reach the terminal; colours do', () => {
  const { io: colored, out, err } = io(true, true)
  colored.print(`${HOSTILE}\nnext`)
  assert.equal(out(), 'a]0;titleb2Jcd\te[2J\u001b[31mred\u001b[0m\nnext\n')
  colored.redraw(HOSTILE)
  assert.equal(out(), '\u001b[H\u001b[Ja]0;titleb2Jcd\te[2J\u001b[31mred\u001b[0m\n')
  colored.progress('x', 'one\ntwo\u001b[A')
  assert.equal(err(), '\r\u001b[Kone two[A')
  const { io: plain, err: notes } = io(false)
  plain.note(HOSTILE)
  plain.progress('one\ntwo\r', '')
  assert.equal(notes(), 'abcd\tered\none two\n')
})

test('a question has an answer only on a terminal', async () => {
  assert.equal(await io(false).io.ask('Continue? '), undefined)
  const { io: terminal, stdin, err } = io(true)
  const answer = terminal.ask('Continue? ')
  stdin.write('y\n')
  assert.equal(await answer, 'y')
  assert.match(err(), /Continue\? /)
})

test('Ctrl-C, or the end of the input, instead of an answer ends the program as interrupted', async () => {
  for (const interrupt of [(stdin: PassThrough) => stdin.write('\u0003'), (stdin: PassThrough) => stdin.end()]) {
    const { io: terminal, stdin } = io(true)
    const answer = terminal.ask('Continue? ')
    interrupt(stdin)
    await assert.rejects(
      answer,
      (error: unknown) => error instanceof PluginError && error.exitCode === EXIT_CODES.interrupted,
    )
  }
})
