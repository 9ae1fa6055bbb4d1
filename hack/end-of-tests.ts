/**
 * Loaded before each test file: ends a process that is still there five minutes after its tests, with status 1, so that the file
 * fails. One whose `before` failed cannot close what that has opened, and would be waited for without end. (`forceExit` of
 * node:test loses results.)
 */
import { after } from 'node:test'

const LINGER_MS = Number(process.env['TEST_LINGER_MS'] ?? 300_000)

after(() => {
  const timer = setTimeout(() => {
    console.error(`the process still held something open ${LINGER_MS / 1000} s after its tests: ${open()}`)
    process.exit(1)
  }, LINGER_MS)
  timer.unref()
})

function open(): string {
  return [...new Set(process.getActiveResourcesInfo())].join(', ')
}
