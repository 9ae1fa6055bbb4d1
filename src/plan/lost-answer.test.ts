/** Which entry of a list is the task whose answer was lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findLostTask } from './lost-answer.ts'

const SERVER_CHOSEN = '6fa459ea-ee8a-4ca4-894e-db77e160355e'
const CLIENT_CHOSEN = '886313e1-3b8a-5372-9b90-0c9aee199e5d'
const request = { type: 'config-apply', params: { mode: 'full', overrides: { a: '1', b: '2' } } }
const entry = { id: SERVER_CHOSEN, type: 'config-apply', params: { overrides: { b: '2', a: '1' }, mode: 'full' } }

test('a task of the same type and parameters under an id that the server chose is the lost one', () => {
  assert.equal(findLostTask([entry], request, new Set()), entry)
})

test('a task of another type, or with other parameters, is another task', () => {
  assert.equal(findLostTask([{ ...entry, type: 'config-validate' }], request, new Set()), undefined)
  assert.equal(findLostTask([{ ...entry, params: { mode: 'archive' } }], request, new Set()), undefined)
})

test('absent and empty parameters are the same', () => {
  const bare = { id: SERVER_CHOSEN, type: 'mark-ready' }
  assert.equal(findLostTask([bare], { type: 'mark-ready', params: {} }, new Set()), bare)
})

test('a task under an id that a client chose is never taken for one whose id was ignored', () => {
  assert.equal(findLostTask([{ ...entry, id: CLIENT_CHOSEN }], request, new Set()), undefined)
})

test('an entry behind a known task was submitted before it and is not the lost one', () => {
  const known = { id: '11111111-1111-4111-8111-111111111111', type: 'configure-genesis' }
  assert.equal(findLostTask([known, entry], request, new Set([known.id])), undefined)
  assert.equal(findLostTask([entry, known], request, new Set([known.id])), entry)
})
