/** Where the real seid comes from. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { recording } from '../../controlplane/recording.ts'
import { testDirectory } from '../../controlplane/test-directory.ts'
import { resolveSeid } from './resolve-seid.ts'

test('the program that SEID names is used as it is', async t => {
  const path = join(testDirectory(t), 'seid')
  writeFileSync(path, '')
  const { stream, text } = recording()
  assert.deepEqual(await resolveSeid({ SEID: path }, stream), { path, libraries: [] })
  assert.equal(text(), '')
})

test('SEID that names no program is an error, not a long build', async () => {
  await assert.rejects(resolveSeid({ SEID: '/nonexistent/seid' }), /SEID: there is no program \/nonexistent\/seid/)
})

test('without Go and without SEID one sentence says what to do', async t => {
  const home = testDirectory(t)
  const { stream } = recording()
  await assert.rejects(resolveSeid({ HOME: home, PATH: home }, stream), /set SEID to the path of a seid program/)
})
