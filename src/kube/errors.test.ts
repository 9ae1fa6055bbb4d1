/** Each failure says what it is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ApiError,
  isAlreadyExists,
  isConflict,
  isGone,
  isNotFound,
  mayHaveWritten,
  TransportError,
  WatchError,
} from './errors.ts'

const asked = { operation: 'apply', object: 'services sei/a' }

test('an API error names what was asked, the status, the reason and the message', () => {
  const error = new ApiError(asked, 409, { reason: 'Conflict', message: 'has been modified' })
  assert.equal(error.message, 'apply services sei/a: 409 Conflict: has been modified')
})

test('a 404 that does not name the object is no proof of its absence', () => {
  assert.equal(isNotFound(new ApiError(asked, 404, { reason: 'NotFound', details: { name: 'a' } })), true)
  assert.equal(isNotFound(new ApiError(asked, 404, { reason: 'NotFound', details: {} })), false)
  assert.equal(isNotFound(new ApiError(asked, 404, {})), false)
})

test('AlreadyExists and Conflict share a status and are distinguished', () => {
  const exists = new ApiError(asked, 409, { reason: 'AlreadyExists' })
  const conflict = new ApiError(asked, 409, { reason: 'Conflict' })
  assert.deepEqual([exists, conflict].map(isAlreadyExists), [true, false])
  assert.deepEqual([exists, conflict].map(isConflict), [false, true])
})

test('only a lost answer and a failure of the server leave open whether a write happened', () => {
  const kinds = ['connect', 'credentials', 'reset', 'timeout', 'malformed', 'too-large'] as const
  const open = kinds.filter(kind => mayHaveWritten(new TransportError(asked, kind, '')))
  assert.deepEqual(open, ['reset', 'timeout', 'malformed', 'too-large'])
  const codes = [400, 403, 409, 422, 429, 500, 504]
  assert.deepEqual(
    codes.filter(code => mayHaveWritten(new ApiError(asked, code, {}))),
    [500, 504],
  )
})

test('410 means an expired version, in an answer and inside a watch', () => {
  assert.equal(isGone(new ApiError(asked, 410, {})), true)
  assert.equal(isGone(new WatchError(asked, 'error', 'expired', { status: 410 })), true)
  assert.equal(isGone(new WatchError(asked, 'error', 'internal', { status: 500 })), false)
})

test('the delay of Retry-After comes from the header, or else from the body', () => {
  const status = { details: { retryAfterSeconds: 3 } }
  assert.equal(new ApiError(asked, 429, status).retryAfterMs, 3000)
  assert.equal(new ApiError(asked, 429, status, { retryAfterMs: 1000 }).retryAfterMs, 1000)
  assert.equal(new ApiError(asked, 429, {}).retryAfterMs, undefined)
})

test('no server puts a caller to sleep for more than half a minute', () => {
  assert.equal(new ApiError(asked, 429, {}, { retryAfterMs: 3_600_000 }).retryAfterMs, 30_000)
  assert.equal(new ApiError(asked, 503, { details: { retryAfterSeconds: 600 } }).retryAfterMs, 30_000)
})
