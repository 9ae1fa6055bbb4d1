/** How starting a control plane goes wrong, with shell scripts in the place of its programs. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { until } from '../../test/support/until.ts'
import { startControlPlane } from './cluster.ts'
import { type Binaries, binariesIn } from './programs.ts'
import { testDirectory } from './test-directory.ts'

/** Programs of which etcd runs `script` and the others are absent. */
function etcdThat(script: string, dir: string): Binaries {
  const binaries = binariesIn(dir)
  writeFileSync(binaries.etcd, `#!/bin/sh\n${script}\n`)
  chmodSync(binaries.etcd, 0o755)
  return binaries
}

test('a component that ends at once is named, with its log, and nothing stays behind', async t => {
  const dir = testDirectory(t)
  const parentDir = join(dir, 'tmp')
  mkdirSync(parentDir)
  const binaries = etcdThat('echo cannot open data directory; exit 1', dir)
  await assert.rejects(
    startControlPlane({ binaries, parentDir }),
    /^Error: etcd exited with status 1; the end of .*etcd\.log:\ncannot open data directory$/,
  )
  assert.deepEqual(readdirSync(parentDir), [])
})

test('a port that another process took meanwhile is exchanged for another, three times at most', async t => {
  const dir = testDirectory(t)
  const starts = join(dir, 'starts')
  const script = `echo "$@" >> ${starts}; echo 'listen tcp 127.0.0.1:1: bind: address already in use'; exit 1`
  await assert.rejects(startControlPlane({ binaries: etcdThat(script, dir), parentDir: dir }), /address already in use/)
  const ports = [...readFileSync(starts, 'utf8').matchAll(/--listen-client-urls=\S+:(\d+)/g)].map(match => match[1])
  assert.equal(ports.length, 3)
  assert.equal(new Set(ports).size, 3)
})

test('a process that ends as soon as the directory exists leaves nothing behind', async t => {
  const dir = testDirectory(t)
  const parentDir = join(dir, 'tmp')
  mkdirSync(parentDir)
  const options = { binaries: etcdThat('exec sleep 60', dir), parentDir }
  const program = `
    import { readdirSync } from 'node:fs'
    import { startControlPlane } from ${JSON.stringify(new URL('cluster.ts', import.meta.url).href)}
    void startControlPlane(${JSON.stringify(options)})
    while (readdirSync(${JSON.stringify(parentDir)}).length === 0);
    process.exit(0)`
  const { status } = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', program])
  assert.equal(status, 0)
  const found = (): string[] => readdirSync(parentDir)
  await until('nothing to be left behind', () => found().length === 0 || undefined, { found })
})
