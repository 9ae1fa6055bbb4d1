/** Name-based UUIDs agree with other implementations. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { uuidV5 } from './uuid-v5.ts'

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'

test('the published examples come out', () => {
  assert.equal(uuidV5(DNS, 'www.example.com'), '2ed6657d-e927-568b-95e1-2665a8aea6a2')
  assert.equal(uuidV5(DNS, 'python.org'), '886313e1-3b8a-5372-9b90-0c9aee199e5d')
})

test('the case of the namespace does not matter', () => {
  assert.equal(uuidV5(DNS.toUpperCase(), 'x'), uuidV5(DNS, 'x'))
})

test('a namespace that is no UUID is refused by name', () => {
  assert.throws(() => uuidV5('node-0', 'x'), /found "node-0"/)
})

test('every result is a lower-case UUID of version 5, and names that differ give UUIDs that differ', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.string(), fc.string(), (namespace, a, b) => {
      assert.match(uuidV5(namespace, a), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.equal(uuidV5(namespace, a) === uuidV5(namespace, b), a === b)
    }),
  )
})
