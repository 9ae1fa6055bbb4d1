/** The report of a validator's init container, read from its termination message. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseKeyReport } from './key-report.ts'

const ADDRESS = 'seivalcons1qwertyuiopasdfghjkl'

for (const [message, expected] of [
  [`address ${ADDRESS}\nstate 4711\n`, { address: ADDRESS, height: 4711n }],
  [`address ${ADDRESS}\nstate none`, { address: ADDRESS, height: undefined }],
  ['address ABCDEF0123\nstate 0\n', { address: 'abcdef0123', height: 0n }],
  [`address ${ADDRESS}\nstate 9223372036854775807\n`, { address: ADDRESS, height: 9_223_372_036_854_775_807n }],
] as const) {
  test(`a report: ${JSON.stringify(message)}`, () => {
    assert.deepEqual(parseKeyReport(message), expected)
  })
}

for (const message of [
  undefined,
  '',
  'address \nstate 1\n',
  `address ${ADDRESS}\n`,
  `address ${ADDRESS}\nstate -1\n`,
  `address ${ADDRESS}\nstate 1\nmore\n`,
  `address ../../x/${ADDRESS}\nstate 1\n`,
  `state 1\naddress ${ADDRESS}\n`,
  'panic: out of memory',
]) {
  test(`no report: ${JSON.stringify(message)}`, () => {
    assert.equal(parseKeyReport(message), undefined)
  })
}
