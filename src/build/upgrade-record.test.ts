/** The annotation on the upgrades of a volume. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UPGRADE_ANNOTATION, upgradeAnnotation, upgradeRecord } from './upgrade-record.ts'

function read(text: string | undefined): unknown {
  return upgradeRecord({ metadata: { annotations: text === undefined ? {} : { [UPGRADE_ANNOTATION]: text } } })
}

test('a record is read as it was written', () => {
  const early = { image: 'sei:v6', name: 'v6', instead: 'sei:v5' }
  const record = { height: 100, name: 'v5', image: 'sei:v5', overrides: { 'a.b': 'c' }, earlier: ['sei:v4'], early }
  assert.deepEqual(read(upgradeAnnotation(record)), record)
})

test('the oldest images are forgotten, and each is kept once', () => {
  const earlier = [...Array.from({ length: 20 }, (_, i) => `sei:v${i}`), 'sei:v19']
  const kept = Array.from({ length: 16 }, (_, i) => `sei:v${i + 4}`)
  assert.deepEqual(read(upgradeAnnotation({ height: 1, image: 'sei:v20', earlier })), {
    height: 1,
    image: 'sei:v20',
    earlier: kept,
  })
})

for (const text of [
  undefined,
  '',
  'null',
  '[]',
  '{"height":',
  '{"height":"1","image":"a","earlier":[]}',
  '{"height":1,"earlier":[]}',
  '{"height":1,"image":"a"}',
  '{"height":1,"image":"a","earlier":[1]}',
  '{"height":1,"image":"a","earlier":[],"name":1}',
  '{"height":1,"image":"a","earlier":[],"overrides":{"a":1}}',
  '{"height":1,"image":"a","earlier":[],"early":{"image":"b"}}',
]) {
  test(`an annotation that is no record counts as none: ${text}`, () => assert.equal(read(text), undefined))
}
