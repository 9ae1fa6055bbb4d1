/** A script knows whether it was run, however its path is written. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

test('a file that is run is the entry point, through a link too; one that is imported is not', t => {
  const dir = mkdtempSync(join(tmpdir(), 'entry-point-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const helper = JSON.stringify(join(import.meta.dirname, 'entry-point.ts'))
  writeFileSync(
    join(dir, 'run.mts'),
    `import { isEntryPoint } from ${helper}\nconsole.log(isEntryPoint(import.meta))\n`,
  )
  writeFileSync(join(dir, 'imports.mts'), `await import('./run.mts')\n`)
  symlinkSync(dir, `${dir}-link`)
  t.after(() => rmSync(`${dir}-link`))
  const printed = (file: string) => spawnSync(process.execPath, [file], { cwd: dir, encoding: 'utf8' }).stdout.trim()
  assert.deepEqual(['run.mts', join(`${dir}-link`, 'run.mts'), 'imports.mts'].map(printed), ['true', 'true', 'false'])
})
