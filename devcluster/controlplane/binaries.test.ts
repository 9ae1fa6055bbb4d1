/** Which programs are taken, and that they are made whole, once, or not at all. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { prepared, resolveBinaries, type Source } from './binaries.ts'
import { PROGRAMS, type Program } from './programs.ts'
import { testDirectory } from './test-directory.ts'

function recording(): { readonly stream: { write(text: string): void }; readonly text: () => string } {
  const written: string[] = []
  return { stream: { write: text => written.push(text) }, text: () => written.join('') }
}

function fill(dir: string, programs: readonly Program[]): void {
  for (const program of programs) writeFileSync(join(dir, program), '')
}

/** A source that counts how often it was asked. */
function source(make: (dir: string) => void): Source & { readonly asked: () => number } {
  let asked = 0
  return {
    title: 'Making',
    asked: () => asked,
    make: async dir => {
      asked += 1
      make(dir)
    },
  }
}

const complete = (dir: string): void => fill(dir, PROGRAMS)
const failing = (message: string): (() => void) => {
  return () => {
    throw new Error(message)
  }
}

test('KUBEBUILDER_ASSETS that holds everything is used as it is', async t => {
  const dir = testDirectory(t)
  complete(dir)
  const { stream, text } = recording()
  const binaries = await resolveBinaries({ KUBEBUILDER_ASSETS: dir }, stream)
  assert.equal(binaries['kube-scheduler'], join(dir, 'kube-scheduler'))
  assert.equal(text(), '')
})

test('KUBEBUILDER_ASSETS that names no directory is an error, not a long build', async () => {
  const { stream } = recording()
  await assert.rejects(
    resolveBinaries({ KUBEBUILDER_ASSETS: '/nonexistent/assets' }, stream),
    /KUBEBUILDER_ASSETS: there is no directory \/nonexistent\/assets/,
  )
})

test('KUBEBUILDER_ASSETS as setup-envtest makes it is passed over in one sentence that says what it lacks', async t => {
  const assets = testDirectory(t)
  fill(assets, ['etcd', 'kube-apiserver', 'kubectl'])
  const home = testDirectory(t)
  const { stream, text } = recording()
  const env = {
    HOME: home,
    PATH: home,
    KUBEBUILDER_ASSETS: assets,
    SEI_K8S_DOWNLOAD_URL: 'http://127.0.0.1:1',
    SEI_ETCD_DOWNLOAD_URL: 'http://127.0.0.1:1',
  }
  await assert.rejects(
    resolveBinaries(env, stream),
    /Go is not installed; .*127\.0\.0\.1:1.*: install Go 1\.26 or newer .*, or set KUBEBUILDER_ASSETS to a directory that holds/,
  )
  assert.match(text(), /^KUBEBUILDER_ASSETS=.* is not used: it lacks kube-controller-manager, kube-scheduler\.\n/)
})

test('the first source that can makes them; the next call finds them made', async t => {
  const dir = join(testDirectory(t), 'cache')
  const { stream, text } = recording()
  const first = source(failing('Go is not installed'))
  const second = source(complete)
  const third = source(complete)
  await prepared(dir, [first, second, third], stream)
  const binaries = await prepared(dir, [first, second, third], stream)
  assert.equal(binaries.etcd, join(dir, 'etcd'))
  assert.deepEqual([first.asked(), second.asked(), third.asked()], [1, 1, 0])
  assert.match(text(), /Making: not possible: Go is not installed\n/)
})

test('two calls at once make them once', async t => {
  const dir = join(testDirectory(t), 'cache')
  const { stream } = recording()
  const only = source(complete)
  await Promise.all([prepared(dir, [only], stream), prepared(dir, [only], stream)])
  assert.equal(only.asked(), 1)
})

test('a source that fails half-way or leaves a program out leaves nothing in the cache', async t => {
  const parent = testDirectory(t)
  const dir = join(parent, 'cache')
  const { stream } = recording()
  const halfWay = source(made => {
    fill(made, ['etcd'])
    throw new Error('disk full')
  })
  const partial = source(made => fill(made, ['etcd', 'kubectl']))
  await assert.rejects(
    prepared(dir, [halfWay, partial], stream),
    /disk full; it left out kube-apiserver, kube-controller-manager, kube-scheduler/,
  )
  assert.deepEqual(readdirSync(parent), [])
})

test('what an interrupted run left behind is removed', async t => {
  const parent = testDirectory(t)
  const dir = join(parent, 'cache')
  mkdirSync(`${dir}.unfinished-${hostname()}.999999999.aBcDeF`)
  mkdirSync(`${dir}.unfinished-other.example.1.aBcDeF`)
  utimesSync(`${dir}.unfinished-other.example.1.aBcDeF`, 0, 0)
  const { stream } = recording()
  await prepared(dir, [source(complete)], stream)
  assert.deepEqual(readdirSync(parent), ['cache'])
})

test('what a process of another machine, or a living one of this, is filling is left alone', async t => {
  const parent = testDirectory(t)
  const dir = join(parent, 'cache')
  const busy = [`cache.unfinished-${hostname()}.${process.ppid}.aBcDeF`, 'cache.unfinished-other.example.1.aBcDeF']
  for (const name of busy) mkdirSync(join(parent, name))
  const { stream } = recording()
  await prepared(dir, [source(complete)], stream)
  assert.deepEqual(new Set(readdirSync(parent)), new Set(['cache', ...busy]))
})

test('a cache from which a program was taken is made anew', async t => {
  const dir = join(testDirectory(t), 'cache')
  mkdirSync(dir)
  fill(dir, ['etcd', 'kubectl'])
  const { stream } = recording()
  await prepared(dir, [source(complete)], stream)
  assert.deepEqual(new Set(readdirSync(dir)), new Set(PROGRAMS))
})
