/** Tests of exact-json.ts: numbers keep their digits, and every key its place and value. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { childrenOf, formatExact, kindOf, parseExact, setChild, valueAt } from './exact-json.ts'

test('numbers beyond the precision of JavaScript are written as they were read', () => {
  for (const number of ['-1.50', '1e400', '9007199254740993', '123456789012345678901234567890', '0.10']) {
    assert.equal(formatExact(parseExact(`{"n":${number}}`)), `{\n  "n": ${number}\n}\n`)
  }
})

test('what is read and written is the same JSON, and stays so', () => {
  fc.assert(
    fc.property(fc.json(), text => {
      const once = formatExact(parseExact(text))
      assert.deepEqual(JSON.parse(once), JSON.parse(text))
      assert.equal(formatExact(parseExact(once)), once)
    }),
  )
})

test('a child is replaced in its place, and nothing else changes', () => {
  const value = parseExact('{"b":1,"__proto__":{"constructor":[1]},"a":[true,null]}')
  setChild(value, '__proto__', 'x')
  setChild(valueAt(value, ['a']), '1', [])
  assert.equal(formatExact(value), '{\n  "b": 1,\n  "__proto__": "x",\n  "a": [\n    true,\n    []\n  ]\n}\n')
})

test('a path leads through objects and lists, and to nothing where it ends', () => {
  const value = parseExact('{"a":[{"b":"c"}]}')
  const found = ['a.0.b', 'a.1', 'a.length', 'a.0.b.c', '__proto__'].map(path => valueAt(value, path.split('.')))
  assert.deepEqual(found, ['c', undefined, undefined, undefined, undefined])
  assert.deepEqual([...childrenOf(value).keys()], ['a'])
})

test('every value has its kind', () => {
  const list = parseExact('[{}, [], "", 1, true, null]')
  assert.deepEqual([...childrenOf(list).values()].map(kindOf), [
    'object',
    'list',
    'string',
    'number',
    'boolean',
    'null',
  ])
})

for (const text of ['', '{', '{"a":1,}', '[1 2]', "{'a':1}", '01']) {
  test(`what is no JSON is refused: ${JSON.stringify(text)}`, () => assert.throws(() => parseExact(text), SyntaxError))
}
