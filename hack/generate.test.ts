/** Generated files are committed, and are what their sources make. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { embeddedScripts } from './embed-scripts.ts'
import { generatedFiles } from './generate.ts'
import { manifests, outdated } from './manifests.ts'

const ROOT = join(import.meta.dirname, '..')

for (const { path, text } of generatedFiles()) {
  test(`R15: ${path} is what make generate writes`, () => {
    assert.equal(readFileSync(join(ROOT, path), 'utf8'), text)
  })
}

test('R15 R19: the CRDs in config/ and manifests/ are what make manifests writes', () => {
  assert.deepEqual(outdated(manifests()), [])
})

test('comments of scripts stay out of pod templates, where a change of them would restart every node', () => {
  assert.doesNotMatch(embeddedScripts().text, /^\s*#/m)
})
