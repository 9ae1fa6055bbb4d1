/** The operator killed at every point of a bootstrap, and started again. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openCrashLane, type Crash, type CrashLane } from './crash-lane.ts'

/** One that knows a task by the id that the operator chose, and one that ignores it: only its list tells. */
const PROFILES = ['v0.0.25', 'v0.0.20']

/** Fewer would mean that effects were not seen: 7 tasks are submitted and asked for, and there are at least 7 writes. */
const FEWEST = { all: 21, changes: 14 }

/** Service and StatefulSet may be written in one life, and what was written is not written again: 7 tasks, 4 writes. */
const FEWEST_LIVES = 11

type Kind = Pick<Crash, 'profile' | 'moment' | 'counted'>

const KINDS: readonly Kind[] = PROFILES.flatMap(profile => [
  { profile, moment: 'before the answer', counted: 'all' },
  // To die after the answer to a question is to die before whatever follows.
  { profile, moment: 'after the answer', counted: 'changes' },
])

/** Dies at the first effect, then at the second, and so on, until a bootstrap ends before its turn. */
async function crashAtEach(lane: CrashLane, kind: Kind): Promise<readonly string[]> {
  const struck: string[] = []
  for (;;) {
    const effect = struck.length + 1
    const [at] = await lane.crash({ ...kind, effect, name: `node-${effect}` })
    if (at === undefined) return struck
    struck.push(at)
  }
}

suite('failure modes 3 and 42: the operator is killed with SIGKILL and started again', { concurrency: true }, () => {
  for (const kind of KINDS) {
    const { profile, moment, counted } = kind
    const what = counted === 'all' ? 'API write and sidecar call' : 'API write and submission'
    test(`${profile}: after each ${what} in turn, ${moment}: each task runs once, and nothing is made twice`, async () => {
      await using lane = await openCrashLane()
      const struck = await crashAtEach(lane, kind)
      assert.ok(struck.length >= FEWEST[counted], `${struck.length} effects: ${struck.join(', ')}`)
    })
  }

  test('in every life after its first API write or submission: each task runs once all the same', async () => {
    await using lane = await openCrashLane()
    for (const profile of PROFILES) {
      const name = `node-${profile.replaceAll('.', '-')}`
      const kind = { profile, moment: 'before the answer', counted: 'changes' } as const
      const struck = await lane.crash({ ...kind, name, effect: 1, everyLife: true })
      assert.ok(struck.length >= FEWEST_LIVES, `${struck.length} lives: ${struck.join(', ')}`)
    }
  })
})
