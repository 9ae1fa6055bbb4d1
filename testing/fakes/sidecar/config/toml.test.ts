/** TOML as seid's files use it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { parseToml, printToml, TomlFloat } from './toml.ts'
import type { TomlScalar, TomlValue } from './toml.ts'

test('comments, tables, quoted text, numbers and lists are read', () => {
  const text = `
# a comment
moniker = "a \\"b\\" # c" # not text
[p2p]
  laddr = "tcp://0.0.0.0:26656"
  max-connections = 100
[p2p.deep]
list = ["a", "b,c"]
empty = []
ratio = 0.5
on = true
`
  assert.deepEqual(
    [...parseToml(text)],
    [
      ['moniker', 'a "b" # c'],
      ['p2p.laddr', 'tcp://0.0.0.0:26656'],
      ['p2p.max-connections', 100],
      ['p2p.deep.list', ['a', 'b,c']],
      ['p2p.deep.empty', []],
      ['p2p.deep.ratio', new TomlFloat(0.5)],
      ['p2p.deep.on', true],
    ],
  )
})

test('a line that is no TOML is refused by number', () => {
  assert.throws(() => parseToml('a = 1\nnonsense'), /line 2/)
  assert.throws(() => parseToml('a = b'), /line 1/)
})

test('an integer and a float stay what they are', () => {
  assert.equal(
    printToml(
      new Map<string, TomlValue>([
        ['a', 2000],
        ['b', new TomlFloat(2000)],
      ]),
    ),
    'a = 2000\nb = 2000.0\n',
  )
})

test('what is printed reads back the same', () => {
  const name = fc.stringMatching(/^[a-z][a-z_-]{0,8}$/)
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map(names => names.join('.'))
  const scalar: fc.Arbitrary<TomlScalar> = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.integer().map(value => new TomlFloat(value / 4)),
  )
  const value: fc.Arbitrary<TomlValue> = fc.oneof(scalar, fc.array(fc.string(), { maxLength: 4 }))
  fc.assert(
    fc.property(fc.array(fc.tuple(path, value), { maxLength: 20 }), entries => {
      const document = new Map(entries)
      const sorted = [...document].toSorted(([a], [b]) => (a < b ? -1 : 1))
      const read = [...parseToml(printToml(document))].toSorted(([a], [b]) => (a < b ? -1 : 1))
      assert.deepEqual(read, sorted)
    }),
  )
})
