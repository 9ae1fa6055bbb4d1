/** How the program ends where its output cannot be written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outputExitCode } from './exit-code.ts'

test('a reader that ends early is an error, but of views; a disk that is full always is', () => {
  const cases = [
    ['status', 'EPIPE', 0],
    ['tree', 'EPIPE', 0],
    ['logs', 'EPIPE', 0],
    ['restart', 'EPIPE', 141],
    ['plan', 'EPIPE', 141],
    [undefined, 'EPIPE', 141],
    ['status', 'ENOSPC', 1],
    ['restart', 'ENOSPC', 1],
    ['plan', 'ENOSPC', 2],
  ] as const
  for (const [command, code, expected] of cases)
    assert.equal(outputExitCode(command, Object.assign(new Error(code), { code })), expected, `${command} ${code}`)
})
