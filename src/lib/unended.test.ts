/** How text of others fits into a sentence. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unended } from './unended.ts'

for (const [text, expected] of [
  ['The key does not exist.', 'The key does not exist'],
  ['is not helpful for scheduling.\n', 'is not helpful for scheduling'],
  ['v1.2 refused', 'v1.2 refused'],
  ['...', ''],
] as const) {
  test(`${JSON.stringify(text)} becomes ${JSON.stringify(expected)}`, () => {
    assert.equal(unended(text), expected)
  })
}
