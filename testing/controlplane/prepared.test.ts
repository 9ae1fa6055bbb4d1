/** That what is kept is made whole, once, or not at all. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { type Goods, prepared, type Source } from './prepared.ts'
import { recording } from './recording.ts'
import { testDirectory } from './test-directory.ts'

const FILES = ['one', 'two', 'three']

function goods(dir: string, ...from: readonly Source[]): Goods {
  return { dir, files: FILES, what: 'the programs', from, waysOut: 'try another machine' }
}

function fill(dir: string, files: readonly string[]): void {
  for (const file of files) writeFileSync(join(dir, file), '')
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

const complete = (dir: string): void => fill(dir, FILES)
const failing = (message: string): (() => void) => {
  return () => {
    throw new Error(message)
  }
}

test('the first source that can makes them; the next call finds them made', async t => {
  const dir = join(testDirectory(t), 'cache')
  const { stream, text } = recording()
  const first = source(failing('Go is not installed'))
  const second = source(complete)
  const third = source(complete)
  await prepared(goods(dir, first, second, third), stream)
  await prepared(goods(dir, first, second, third), stream)
  assert.deepEqual([first.asked(), second.asked(), third.asked()], [1, 1, 0])
  assert.match(text(), /Making: not possible: Go is not installed\n/)
})

test('two calls at once make them once', async t => {
  const dir = join(testDirectory(t), 'cache')
  const { stream } = recording()
  const only = source(complete)
  await Promise.all([prepared(goods(dir, only), stream), prepared(goods(dir, only), stream)])
  assert.equal(only.asked(), 1)
})

test('a source that fails half-way or omits a program leaves nothing in the cache', async t => {
  const parent = testDirectory(t)
  const dir = join(parent, 'cache')
  const { stream } = recording()
  const halfWay = source(made => {
    fill(made, ['one'])
    throw new Error('disk full')
  })
  const partial = source(made => fill(made, ['one', 'three']))
  await assert.rejects(
    prepared(goods(dir, halfWay, partial), stream),
    /the programs could not be made \(disk full; it left out two\): try another machine$/,
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
  await prepared(goods(dir, source(complete)), stream)
  assert.deepEqual(readdirSync(parent), ['cache'])
})

test('what a process of another machine, or a living one of this, is filling is not changed', async t => {
  const parent = testDirectory(t)
  const dir = join(parent, 'cache')
  const busy = [`cache.unfinished-${hostname()}.${process.ppid}.aBcDeF`, 'cache.unfinished-other.example.1.aBcDeF']
  for (const name of busy) mkdirSync(join(parent, name))
  const { stream } = recording()
  await prepared(goods(dir, source(complete)), stream)
  assert.deepEqual(new Set(readdirSync(parent)), new Set(['cache', ...busy]))
})

test('a cache that lacks a program is recreated', async t => {
  const dir = join(testDirectory(t), 'cache')
  mkdirSync(dir)
  fill(dir, ['one', 'three'])
  const { stream } = recording()
  await prepared(goods(dir, source(complete)), stream)
  assert.deepEqual(new Set(readdirSync(dir)), new Set(FILES))
})
