/** Tests of json-text.ts: what is not replaced keeps its bytes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { addJsonMember, jsonAt, jsonChildren, jsonMembers, jsonRoot, jsonValue, replaceJson } from './json-text.ts'

/** The text that every value of the document has, by its path. */
function leaves(text: string, span = jsonRoot(text), path = ''): Map<string, string> {
  const found = new Map([[path, text.slice(span.start, span.end)]])
  for (const [key, child] of jsonChildren(text, span)) {
    for (const [below, value] of leaves(text, child, `${path}/${key}`)) found.set(below, value)
  }
  return found
}

/** JSON with white space as no printer makes it, and numbers as texts. */
const document = fc.letrec<{ value: string; object: string }>(tie => {
  const space = fc.constantFrom('', ' ', '\n  ', '\t', '\r\n')
  const number = fc.constantFrom('0', '-1.50', '1e400', '9007199254740993', '123456789012345678901234567890', '0.10')
  const string = fc.string({ unit: 'binary' }).map(text => JSON.stringify(text))
  const escaped = fc.constantFrom('"\\u003c\\/\\ud83d\\ude00"', '"\\"}]{[,:"', '"\\\\"')
  const list = fc
    .array(fc.tuple(space, tie('value'), space), { maxLength: 4 })
    .map(items => `[${items.map(([before, item, after]) => before + item + after).join(',')}]`)
  const object = fc
    .uniqueArray(fc.tuple(fc.string(), space, space, tie('value'), space), { maxLength: 4, selector: ([key]) => key })
    .map(members => members.map(([key, a, b, value, c]) => `${a}${JSON.stringify(key)}${b}:${c}${value}${a}`))
    .map(members => `{${members.join(',')}}`)
  return {
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(number, string, escaped, fc.constantFrom('true', 'false', 'null')),
      list,
      object,
    ),
    object,
  }
})

test('every value is found where it is, as it is written', () => {
  fc.assert(
    fc.property(document.value, text => {
      const root = jsonRoot(text)
      assert.equal(text.slice(root.start, root.end), text)
      assert.deepEqual(jsonValue(text, root), JSON.parse(text))
      for (const value of leaves(text).values()) JSON.parse(value)
    }),
  )
})

test('a replacement changes one value and leaves every other byte', () => {
  fc.assert(
    fc.property(document.object, fc.nat(), (text, seed) => {
      const members = [...jsonMembers(text, jsonRoot(text))]
      const [key, span] = members[seed % Math.max(1, members.length)] ?? ['', undefined]
      fc.pre(span !== undefined)
      const changed = replaceJson(text, span, '[1]')
      assert.equal(changed, `${text.slice(0, span.start)}[1]${text.slice(span.end)}`)
      for (const [path, value] of leaves(text)) {
        const isWithin = path === '' || path === `/${key}` || path.startsWith(`/${key}/`)
        if (!isWithin) assert.equal(leaves(changed).get(path), value, path)
      }
    }),
  )
})

test('a new member comes first, and every value keeps its bytes', () => {
  fc.assert(
    fc.property(document.object, text => {
      fc.pre(!jsonMembers(text, jsonRoot(text)).has('new'))
      const changed = addJsonMember(text, jsonRoot(text), 'new', '{"a":1}')
      const kept = leaves(changed)
      assert.equal(kept.get('/new'), '{"a":1}')
      for (const [path, value] of leaves(text)) if (path !== '') assert.equal(kept.get(path), value)
    }),
  )
})

test('numbers beyond 2^53 survive beside a change', () => {
  const text = '{\n  "supply": 123456789012345678901234567890,\n  "period": "48h"\n}'
  const period = jsonMembers(text, jsonRoot(text)).get('period')
  assert.ok(period)
  assert.equal(
    replaceJson(text, period, '"30s"'),
    '{\n  "supply": 123456789012345678901234567890,\n  "period": "30s"\n}',
  )
})

const added = (text: string): string => addJsonMember(text, jsonRoot(text), 'a', '1')

test('a new member breaks its line as the object does', () => {
  assert.deepEqual(['{}', '{ }', '{"b":2}', '{\n  "b": 2\n}'].map(added), [
    '{"a":1}',
    '{"a":1 }',
    '{"a":1,"b":2}',
    '{\n  "a": 1,\n  "b": 2\n}',
  ])
})

test('of equal keys the last counts', () => {
  const text = '{"a":1,"a":2}'
  const span = jsonMembers(text, jsonRoot(text)).get('a')
  assert.equal(span && jsonValue(text, span), 2)
})

test('keys that objects of JavaScript have of their own are keys like others', () => {
  const text = '{"__proto__":{"constructor":[1]},"10":1,"2":2}'
  assert.deepEqual([...jsonMembers(text, jsonRoot(text)).keys()], ['__proto__', '10', '2'])
})

for (const text of ['', '{', '{"a":1,}', '[1 2]', "{'a':1}", '01']) {
  test(`what is no JSON is refused: ${JSON.stringify(text)}`, () => {
    assert.throws(() => jsonRoot(text), SyntaxError)
  })
}

test('a path leads through objects and lists, and to nothing where it ends', () => {
  const text = '{"a":[{"b":"c"}]}'
  const found = (path: string): unknown => {
    const span = jsonAt(text, jsonRoot(text), path.split('.'))
    return span && jsonValue(text, span)
  }
  assert.deepEqual(['a.0.b', 'a.0', 'a.1', 'a.length', 'a.0.b.c'].map(found), [
    'c',
    { b: 'c' },
    undefined,
    undefined,
    undefined,
  ])
})
