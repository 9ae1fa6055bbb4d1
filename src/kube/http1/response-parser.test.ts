/** Every form of answer is read to its end, and what is none is refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MalformedAnswerError } from './errors.ts'
import { MAX_HEAD_BYTES } from './response-parser.ts'
import { parse } from './testdata/parse.ts'

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`

for (const [what, text, expected] of [
  ['a length', `${OK}content-length: 3\r\n\r\nabc`, { body: 'abc' }],
  ['a length of 0', `${OK}content-length: 0\r\n\r\n`, { body: '' }],
  ['the same length twice', `${OK}content-length: 1\r\nContent-Length: 1\r\n\r\na`, { body: 'a' }],
  ['chunks', `${CHUNKED}2\r\nab\r\nA\r\n0123456789\r\n0\r\n\r\n`, { body: 'ab0123456789' }],
  ['chunks with line ends in them', `${CHUNKED}4\r\n\r\n\r\n\r\n0\r\n\r\n`, { body: '\r\n\r\n' }],
  ['chunks with extensions and trailers', `${CHUNKED}1;a="b"\r\nx\r\n0;c\r\nd: e\r\n\r\n`, { body: 'x' }],
  ['CHUNKED in capitals', `${OK}Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n`, { body: '' }],
  [
    'an interim answer before it',
    `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}content-length: 1\r\n\r\na`,
    { body: 'a' },
  ],
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '' }],
  ['304 with the length of what is not sent', 'HTTP/1.1 304 x\r\ncontent-length: 9\r\n\r\n', { status: 304, body: '' }],
  ['no reason', 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n', { statusText: '', body: '' }],
  ['an empty reason', 'HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n', { statusText: '', body: '' }],
] as const) {
  test(`an answer with ${what} is whole`, () => {
    const found = parse([Buffer.from(text)])
    assert.partialDeepStrictEqual(found, { status: 200, isDone: true, used: text.length, ...expected })
  })
}

test('the answer to HEAD has no body, whatever length it names', () => {
  const { isDone, body } = parse([Buffer.from(`${OK}content-length: 3\r\n\r\n`)], { method: 'HEAD' })
  assert.deepEqual([isDone, body], [true, ''])
})

test('a body without length or chunks ends with the connection', () => {
  const text = 'HTTP/1.0 200 OK\r\n\r\nabc'
  assert.equal(parse([Buffer.from(text)]).isDone, false)
  assert.deepEqual(parse([Buffer.from(text)], { end: true }).isDone, true)
  assert.equal(parse([Buffer.from(text)], { end: true }).body, 'abc')
})

for (const [what, text] of [
  ['the status line', 'HTTP/1.1 20'],
  ['the headers', `${OK}content-length: 0\r\n`],
  ['the body', `${OK}content-length: 3\r\n\r\nab`],
  ['a chunk', `${CHUNKED}3\r\nab`],
  ['the chunks', `${CHUNKED}2\r\nab\r\n`],
  ['the trailers', `${CHUNKED}0\r\n`],
] as const) {
  test(`an answer that ends inside ${what} is not whole`, () => {
    assert.equal(parse([Buffer.from(text)], { end: true }).isDone, false)
  })
}

test('bytes after the answer are left', () => {
  const text = `${OK}content-length: 1\r\n\r\na`
  assert.equal(parse([Buffer.from(`${text}HTTP/1.1 408`)]).used, text.length)
})

test('headers are read by name in any case, joined where there are several, and are never the prototype’s', () => {
  const { headers } = parse([Buffer.from(`${OK}A:  1 \r\na:2\r\n__proto__: x\r\nEmpty:\r\ncontent-length: 0\r\n\r\n`)])
  assert.deepEqual(Object.entries(headers ?? {}), [
    ['a', '1, 2'],
    ['__proto__', 'x'],
    ['empty', ''],
    ['content-length', '0'],
  ])
  assert.equal(headers?.['constructor'], undefined)
})

for (const [what, text] of [
  ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.7\r\n'],
  ['an empty line first', `\r\n${OK}`],
  ['no status', 'HTTP/1.1 OK\r\n'],
  ['a status of two digits', 'HTTP/1.1 99 x\r\n'],
  ['another protocol from here on', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ['line ends without CR', 'HTTP/1.1 200 OK\n\n'],
  ['CR within a line', `${OK}a: b\rc\r\n`],
  ['NUL in a header', `${OK}a: b\0\r\n`],
  ['a space before the colon', `${OK}content-length : 3\r\n`],
  ['a continued line', `${OK}a: b\r\n c\r\n`],
  ['a header without a colon', `${OK}abc\r\n`],
  ['a header without a name', `${OK}: c\r\n`],
  ['two lengths', `${OK}content-length: 3\r\ncontent-length: 4\r\n\r\n`],
  ['two lengths in one line', `${OK}content-length: 3, 3\r\n\r\n`],
  ['a negative length', `${OK}content-length: -1\r\n\r\n`],
  ['a length with a sign', `${OK}content-length: +1\r\n\r\n`],
  ['a hexadecimal length', `${OK}content-length: 0x1\r\n\r\n`],
  ['a length that is no safe number', `${OK}content-length: 9999999999999999\r\n\r\n`],
  ['an empty length', `${OK}content-length:\r\n\r\n`],
  ['a length and chunks', `${OK}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n`],
  ['a length and chunks, of 204', 'HTTP/1.1 204 x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n'],
  ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'],
  ['an encoding besides chunks', `${OK}transfer-encoding: gzip, chunked\r\n\r\n`],
  ['chunks twice', `${OK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`],
  ['a chunk without a length', `${CHUNKED}\r\n`],
  ['a chunk whose length is no number', `${CHUNKED}0x3\r\n`],
  ['a chunk of negative length', `${CHUNKED}-3\r\n`],
  ['a chunk whose length is no safe number', `${CHUNKED}fffffffffffff\r\n`],
  ['a chunk longer than announced', `${CHUNKED}1\r\nabc\r\n`],
  ['a chunk that ends in LF alone', `${CHUNKED}1\r\na\n`],
  ['a trailer that is none', `${CHUNKED}0\r\nHTTP/1.1 200 OK\r\n`],
] as const) {
  test(`${what} is malformed, in one piece or byte by byte`, () => {
    assert.throws(() => parse([Buffer.from(text, 'latin1')]), MalformedAnswerError)
    assert.throws(() => parse(Array.from(Buffer.from(text, 'latin1'), byte => Buffer.of(byte))), MalformedAnswerError)
  })
}

/** An answer whose head has exactly that many bytes. */
function headOf(bytes: number): string {
  const [before, after] = [`${OK}x: `, '\r\ncontent-length: 0\r\n\r\n']
  return before + 'x'.repeat(bytes - before.length - after.length) + after
}

test('a head of the limit is read, one byte more is not, whole or byte by byte', () => {
  const cuts = [
    (text: string) => [Buffer.from(text)],
    (text: string) => Array.from(Buffer.from(text), b => Buffer.of(b)),
  ]
  for (const cut of cuts) {
    assert.equal(parse(cut(headOf(MAX_HEAD_BYTES))).isDone, true)
    assert.throws(() => parse(cut(headOf(MAX_HEAD_BYTES + 1))), /too long/)
  }
})

for (const [what, text] of [
  ['a head without end', `${OK}${'a: b\r\n'.repeat(4000)}`],
  ['a status line without end', `HTTP/1.1 200 ${'x'.repeat(20_000)}`],
  ['interim answers without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000)],
  ['a chunk extension without end', `${CHUNKED}1;${'x'.repeat(2000)}`],
  ['trailers without end', `${CHUNKED}0\r\n${'a: b\r\n'.repeat(4000)}`],
] as const) {
  test(`${what} is malformed before it fills the memory`, () => {
    assert.throws(() => parse([Buffer.from(text)]), /too long/)
  })
}

for (const [head, limit, expected] of [
  ['HTTP/1.1 200 OK\r\n', 1000, 1000],
  ['HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\n', 1000, 1000],
  ['HTTP/1.1 200 OK\r\nConnection: close\r\n', 1000, 0],
  ['HTTP/1.1 200 OK\r\nConnection: foo, CLOSE\r\n', 1000, 0],
  ['HTTP/1.0 200 OK\r\n', 1000, 0],
  ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n', 1000, 1000],
  ['HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\n', 30_000, 4000],
  ['HTTP/1.1 200 OK\r\nKeep-Alive: max=9, timeout=5\r\n', 3000, 3000],
  ['HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\n', 30_000, 0],
  ['HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\n', 30_000, 0],
  ['HTTP/1.1 200 OK\r\nKeep-Alive: whatever\r\n', 30_000, 30_000],
] as const) {
  test(`after ${JSON.stringify(head)} a connection is kept for ${expected} of ${limit} ms`, () => {
    assert.equal(parse([Buffer.from(`${head}content-length: 0\r\n\r\n`)], { limit }).keptFor, expected)
  })
}
