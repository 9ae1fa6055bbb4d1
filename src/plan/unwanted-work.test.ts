/** Only what an operator started, runs still and is not asked for is ended. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replaceableLoops, unwantedWork } from './unwanted-work.ts'

const DERIVED = '3b241101-e2bb-5255-8caf-4136c566a962'
const RANDOM = '3b241101-e2bb-4255-8caf-4136c566a962'
const UPLOAD = { type: 'snapshot-upload', once: 'snapshot-upload-once' } as const
const EXPORT = { type: 'result-export' } as const
const task = (type: string, id = DERIVED, status = 'running') => ({ id, type, status })

const table = [
  ['an upload that nobody asks for', task('snapshot-upload'), [], true],
  ['a single upload that nobody asks for', task('snapshot-upload-once'), [], true],
  ['an export that nobody asks for', task('result-export'), [], true],
  ['an export beside an upload that is asked for', task('result-export'), [UPLOAD], true],
  ['an upload that is asked for', task('snapshot-upload'), [UPLOAD], false],
  ['a single upload that is asked for', task('snapshot-upload-once'), [UPLOAD], false],
  ['an export that is asked for', task('result-export'), [EXPORT], false],
  ['an upload that is over', task('snapshot-upload', DERIVED, 'completed'), [], false],
  ['an upload that someone else started', task('snapshot-upload', RANDOM), [], false],
  ['a task of another kind', task('await-condition'), [], false],
] as const

for (const [title, listed, wanted, isEnded] of table) {
  test(`${title} is ${isEnded ? 'ended' : 'not ended'}`, () => {
    assert.deepEqual(unwantedWork([listed], wanted, new Set()), isEnded ? [listed] : [])
  })
}

test('a task under an id of the sidecar’s own is known by the status', () => {
  assert.deepEqual(unwantedWork([task('snapshot-upload', RANDOM)], [], new Set([RANDOM])).length, 1)
})

test('an upload without end is replaceable where uploads are asked for; single runs and exports are not', () => {
  const listed = [task('snapshot-upload'), task('snapshot-upload-once'), task('result-export')]
  assert.deepEqual(replaceableLoops(listed, [UPLOAD, EXPORT], new Set()), [task('snapshot-upload')])
  assert.deepEqual(replaceableLoops(listed, [EXPORT], new Set()), [])
})
