/** When all objects have passed a milestone, and when to wait no longer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ListWatcher } from '../src/kube/reflector.ts'
import type { KubeObject, Resource, WatchEvent } from '../src/kube/types.ts'
import { Milestones } from './milestones.ts'

function object(name: string, step: string, version: number): KubeObject {
  return { metadata: { name, namespace: 'bench', resourceVersion: String(version), labels: { step } } }
}

/** Lists `listed`, then reports `updates` as a watch, which stays open. */
function clusterOf(listed: readonly KubeObject[], updates: readonly KubeObject[]): ListWatcher<KubeObject> {
  return {
    list: async () => ({ items: listed, resourceVersion: '1' }),
    async *watch(_resource, { signal }): AsyncGenerator<WatchEvent> {
      for (const updated of updates) yield { type: 'MODIFIED', object: updated }
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    },
  }
}

const things: Resource = { group: '', version: 'v1', kind: 'Thing', plural: 'things', namespaced: true }

function stepOf({ metadata }: KubeObject): string[] {
  const step = metadata?.labels?.['step'] ?? ''
  if (step === 'broken') throw new Error(`${metadata?.name} is broken`)
  return [step]
}

function follow(client: ListWatcher<KubeObject>, now = (): number => 0): Milestones<KubeObject, string> {
  return new Milestones({ client, resource: things, namespace: 'bench', reachedBy: stepOf, now })
}

test('a milestone is reached when the last object reaches it, at that time', async () => {
  let clock = 0
  const client = clusterOf([object('a', 'up', 1)], [object('b', 'down', 2), object('b', 'up', 3), object('a', 'up', 4)])
  await using milestones = follow(client, () => ++clock)
  assert.deepEqual(await milestones.until('up', 2, { stallMs: 5000 }), { count: 2, at: 3 })
})

test('an object that falls back has reached its milestone all the same', async () => {
  await using milestones = follow(clusterOf([object('a', 'up', 1)], [object('a', 'down', 2)]))
  await milestones.until('down', 1, { stallMs: 5000 })
  assert.equal(milestones.milestone('up').count, 1)
})

test('an object that will never get there ends the wait with its reason', async () => {
  await using milestones = follow(clusterOf([object('a', 'broken', 1)], []))
  await assert.rejects(milestones.until('up', 1, { stallMs: 5000 }), /a is broken/)
})

test('a watch that breaks fails no measurement, and is named where nothing moves after it', async () => {
  const working = clusterOf([object('a', 'up', 1)], [object('b', 'up', 2)])
  let broken = false
  const client: ListWatcher<KubeObject> = {
    ...working,
    watch(resource, options) {
      if (broken) return working.watch(resource, options)
      broken = true
      throw new Error('connection reset')
    },
  }
  await using milestones = follow(client)
  assert.equal((await milestones.until('up', 2, { stallMs: 5000 })).count, 2)
  await assert.rejects(milestones.until('up', 3, { stallMs: 50 }), /2 of 3 are up.*; the watch met: .*connection reset/)
})

test('a wait in which nothing moves ends, and says how far it got', async () => {
  await using milestones = follow(clusterOf([object('a', 'up', 1)], []))
  await assert.rejects(milestones.until('up', 2, { stallMs: 50 }), /1 of 2 are up, and no object has moved for 0.05 s/)
})
