/** What is copied into an image runs in it. */
import assert from 'node:assert/strict'
import { existsSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { testDirectory } from '../../controlplane/test-directory.ts'
import { RootDirectory } from './root-directory.ts'

const skip = process.platform === 'linux' ? false : 'images are made on Linux'

test('a program comes with the libraries that it is linked to', { skip }, async t => {
  const root = await RootDirectory.create(join(testDirectory(t), 'root'))
  await root.copyTools(['cat'])
  assert.ok(existsSync(join(root.dir, 'usr/bin/cat')))
  const libraries = ['lib', 'lib64', 'usr/lib', 'usr/lib64'].map(path => join(root.dir, path))
  assert.ok(libraries.every(existsSync))
  assert.equal(readlinkSync(join(root.dir, 'bin')), 'usr/bin')
})

test('a program that the machine lacks is named', { skip }, async t => {
  const root = await RootDirectory.create(join(testDirectory(t), 'root'))
  await assert.rejects(root.copyTools(['no-such-program']), /this machine has no program no-such-program/)
})
