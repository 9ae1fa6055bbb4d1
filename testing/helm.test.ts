/** Where Helm comes from. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { recording } from './controlplane/recording.ts'
import { testDirectory } from './controlplane/test-directory.ts'
import { resolveHelm } from './helm.ts'

test('the program that HELM names is used as it is', async t => {
  const path = join(testDirectory(t), 'helm')
  writeFileSync(path, '')
  const { stream, text } = recording()
  assert.equal(await resolveHelm({ HELM: path }, stream), path)
  assert.equal(text(), '')
})

test('HELM that names no program is an error, not a long build', async () => {
  await assert.rejects(resolveHelm({ HELM: '/nonexistent/helm' }), /HELM: there is no program \/nonexistent\/helm/)
})

test('without Go and without HELM one sentence says what to do', async t => {
  const home = testDirectory(t)
  const { stream } = recording()
  await assert.rejects(resolveHelm({ HOME: home, PATH: home }, stream), /set HELM to the path of a helm program/)
})
