/** Which validators are said not to sign, from the blocks that are sampled. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observe, type Seid, validator } from './testdata/observed.ts'

test('one node that follows is asked who signed, for all validators of the chain', async t => {
  const { pass, woken, signedBy, asked } = observe(t, { a: validator('A'), b: validator('B') })
  signedBy(['A'])
  await pass(90, ['a', 'b'])
  assert.deepEqual(woken(), ['a Following', 'b Following', 'b NotSigning'])
  assert.equal(asked().filter(line => line.includes('signers')).length, 6)
  signedBy(['A', 'B'])
  await pass(180, ['a', 'b'])
  assert.deepEqual(woken(), ['b Following'])
})

test('nodes without voting power are not asked who signed', async t => {
  const { pass, asked } = observe(t, { a: { height: 1 } })
  await pass(60, ['a'])
  assert.deepEqual(
    asked().filter(line => line.includes('signers')),
    [],
  )
})

test('a validator is not expected to sign what was made while it caught up', async t => {
  const seids: Record<string, Seid> = { a: validator('A'), b: validator('B') }
  seids['b'] = { height: 1, answer: { ...seids['b']?.answer, isCatchingUp: true } }
  const { pass, woken, signedBy } = observe(t, seids)
  signedBy(['A'])
  await pass(100, ['a', 'b'])
  seids['b'] = { height: seids['a']?.height ?? 0, answer: validator('B').answer ?? {} }
  signedBy(['A', 'B'])
  await pass(180, ['a', 'b'])
  assert.deepEqual(woken(), ['a Following', 'b CatchingUp', 'b Following'])
})

test('signatures of a network that was made anew are sampled', async t => {
  const seids: Record<string, Seid> = {
    a: { ...validator('A'), height: 100_000 },
    b: { ...validator('B'), height: 100_000 },
  }
  const { pass, put, signedBy, woken } = observe(t, seids)
  signedBy(['A', 'B'])
  await pass(60, ['a', 'b'])
  Object.assign(seids, { a: validator('A'), b: validator('B') })
  put('a', 'anew')
  put('b', 'anew')
  signedBy(['A'])
  woken()
  await pass(120, ['a', 'b'])
  assert.deepEqual(woken(), ['a Following', 'b Following', 'b NotSigning'])
})

test('a node that does not tell who signed, or does not answer, hides no validator that does not sign', async t => {
  const seids: Record<string, Seid> = { a: { height: 1, hasNoCommits: true }, b: validator('B'), c: validator('C') }
  const { pass, signedBy, woken } = observe(t, seids)
  signedBy(['B'])
  await pass(100, ['a', 'b', 'c'])
  assert.deepEqual(woken(), ['a Following', 'b Following', 'c Following', 'c NotSigning'])
})

test('a rollout goes on with a validator once it was seen to sign since its start, and as long as it does', async t => {
  const { pass, observer, put, signedBy } = observe(t, { a: validator('A'), b: validator('B') })
  const follows = (start = 'seid-of-b'): boolean => observer.follows('sei/b', start)
  signedBy(['A'])
  await pass(80, ['a', 'b'])
  assert.equal(observer.follows('sei/a', 'seid-of-a'), true)
  assert.equal(follows(), false)
  signedBy(['A', 'B'])
  await pass(240, ['a', 'b'])
  assert.equal(follows(), true)
  put('b', 'another')
  signedBy(['A'])
  await pass(40, ['a', 'b'])
  assert.equal(follows('another'), false)
})

test('a validator is not expected to have signed what is older than its start', async t => {
  const seids: Record<string, Seid> = { a: validator('A'), b: validator('B') }
  const { pass, observer, put, signedBy } = observe(t, seids)
  signedBy(['A', 'B'])
  await pass(40, ['a', 'b'])
  put('b', 'another')
  seids['b'] = { ...validator('B'), height: (seids['a']?.height ?? 0) + 100 }
  // The blocks that are sampled are those of node a, below the first height of the new start.
  signedBy(['A'])
  await pass(30, ['a', 'b'])
  assert.deepEqual(observer.track('sei/b', 'another')?.signed, [])
})
