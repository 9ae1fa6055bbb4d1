/** A directory that lasts as long as a test. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** Made for this test alone, removed after it. */
export function testDirectory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'sei-test-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
