/** The pace of sidecars that upload in a loop is the shortest time between two slots. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uploadInterval } from './upload-interval.ts'

const table = [
  ['0 0 * * *', '24h0m0s'],
  ['@daily', '24h0m0s'],
  ['30 4 * * *', '24h0m0s'],
  ['0 */6 * * *', '6h0m0s'],
  ['*/10 * * * *', '0h10m0s'],
  ['* * * * *', '0h1m0s'],
  ['0 0 * * 1', '168h0m0s'],
  ['0 9-17 * * 1-5', '1h0m0s'],
  ['@monthly', '672h0m0s'],
  ['@yearly', '8760h0m0s'],
  ['0 0 30 2 *', undefined],
  ['nonsense', undefined],
] as const

for (const [schedule, interval] of table) {
  test(`R12: ${schedule} makes ${interval}`, () => assert.equal(uploadInterval(schedule), interval))
}
