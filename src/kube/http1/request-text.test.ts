/** A request is one request, whatever its parts contain. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { requestText } from './request-text.ts'

const request = { method: 'GET', path: '/api?x=1', host: 'api:6443', headers: { accept: 'application/json' } }

test('a request has its line, its host, its headers and an empty line', () => {
  assert.equal(requestText(request), 'GET /api?x=1 HTTP/1.1\r\nhost: api:6443\r\naccept: application/json\r\n\r\n')
})

test('a body of any method, the empty one and that of a DELETE too, comes with its length in bytes', () => {
  for (const [method, body, length] of [
    ['DELETE', '{}', 2],
    ['POST', 'größer', 8],
    ['PUT', '', 0],
  ] as const) {
    const text = requestText({ ...request, method, body })
    assert.ok(text.endsWith(`\r\ncontent-length: ${length}\r\n\r\n${body}`), text)
  }
})

for (const [what, parts, message] of [
  ['a path with a line end', { path: '/a\r\nx: y' }, /expected a path/],
  ['a path with a space', { path: '/a b' }, /expected a path/],
  ['a path of no place', { path: 'http://other/' }, /expected a path/],
  ['a path that is not ASCII', { path: '/ä' }, /expected a path/],
  ['a method of two words', { method: 'GET /x' }, /expected an HTTP method/],
  ['a host with a line end', { host: 'a\r\nx: y' }, /expected a host/],
  ['a header name with a colon', { headers: { 'a: b': 'c' } }, /expected a header that a caller may set/],
  ['a length of its own', { headers: { 'Content-Length': '5' } }, /expected a header that a caller may set/],
  [
    'an encoding of its own',
    { headers: { 'transfer-encoding': 'chunked' } },
    /expected a header that a caller may set/,
  ],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(() => requestText({ ...request, ...parts }), message)
  })
}

test('a token with a line end is refused, and not shown', () => {
  const headers = { authorization: 'Bearer secret\nx: y' }
  assert.throws(
    () => requestText({ ...request, headers }),
    (error: Error) => /header authorization/.test(error.message) && !/secret/.test(error.message),
  )
})

test('whatever header value is accepted, the head has as many lines as headers', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), value => {
      let text: string
      try {
        text = requestText({ ...request, headers: { a: value } })
      } catch {
        return
      }
      assert.deepEqual(text.split(/[\r\n]+/), ['GET /api?x=1 HTTP/1.1', 'host: api:6443', `a: ${value}`, ''])
    }),
  )
})
