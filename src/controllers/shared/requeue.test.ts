/** Which of two times to requeue comes first. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Requeue, soonest } from './requeue.ts'

const pairs: readonly (readonly [a: Requeue | undefined, b: Requeue | undefined, first: Requeue | undefined])[] = [
  [undefined, undefined, undefined],
  [{ requeueAfterMs: 5 }, undefined, { requeueAfterMs: 5 }],
  [{ requeueAfterMs: 5 }, { requeueAfterMs: 3 }, { requeueAfterMs: 3 }],
  [{ backoffMaxMs: 100 }, { requeueAfterMs: 1 }, { requeueAfterMs: 1, backoffMaxMs: 100 }],
  [{ backoffMaxMs: 100 }, { backoffMaxMs: 50 }, { backoffMaxMs: 50 }],
]

for (const [a, b, first] of pairs) {
  test(`${JSON.stringify(a)} and ${JSON.stringify(b)} together are ${JSON.stringify(first)}`, () => {
    assert.deepEqual(soonest(a, b), first)
    assert.deepEqual(soonest(b, a), first)
  })
}
