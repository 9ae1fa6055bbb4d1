/** Archives are read by tar itself. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { tarGz } from './archive.ts'

test('tar lists and unpacks what was packed', () => {
  const input = tarGz({ '100/1/0': 'chunk', 'metadata.db/CURRENT': 'x'.repeat(600) })
  assert.equal(execFileSync('tar', ['-tzf', '-'], { input, encoding: 'utf8' }), '100/1/0\nmetadata.db/CURRENT\n')
  const text = execFileSync('tar', ['-xzOf', '-', 'metadata.db/CURRENT'], { input, encoding: 'utf8' })
  assert.equal(text, 'x'.repeat(600))
})
