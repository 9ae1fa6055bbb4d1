/** A shell reads a quoted word as it was written. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

import { quoted } from './shell.ts'

test('plain paths stay as they are, all others come through the shell whole', () => {
  assert.equal(quoted('/home/me/.cache/kubectl'), '/home/me/.cache/kubectl')
  for (const text of ['/Users/An Other/$HOME', "it's", '', 'a"b`c`\\']) {
    assert.equal(execFileSync('/bin/sh', ['-c', `printf %s ${quoted(text)}`], { encoding: 'utf8' }), text)
  }
})

test('an alias to a path with blanks needs it quoted twice, since its value is read again', () => {
  const script = `alias hello=${quoted(quoted('/no such/echo'))}\nalias hello`
  const printed = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })
  assert.match(printed, /\/no such\/echo/)
})
