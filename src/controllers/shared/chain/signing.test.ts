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

test('a validator that does not sign is not one that a rollout goes on with', async t => {
  const { pass, observer, signedBy } = observe(t, { a: validator('A'), b: validator('B') })
  signedBy(['A'])
  await pass(20, ['a', 'b'])
  assert.equal(observer.follows('sei/b', 'seid-of-b'), true)
  await pass(80, ['a', 'b'])
  assert.equal(observer.follows('sei/a', 'seid-of-a'), true)
  assert.equal(observer.follows('sei/b', 'seid-of-b'), false)
})
