/** Tests of what a controller reconciles, when again, and how it stops. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../kube/errors.ts'
import type { KubeObject } from '../kube/types.ts'
import { conflict, runController, thing } from './controller-for-test.ts'
import { keyOf } from './object-key.ts'
import { specOrMetadataChanged } from './predicates.ts'
import { Store } from './store.ts'

const ownersOf = (child: Readonly<KubeObject>) =>
  (child.metadata?.ownerReferences ?? []).map(owner => `${child.metadata?.namespace}/${owner.name}`)

const ownedBy = (name: string) => ({
  ownerReferences: [{ apiVersion: 'example.io/v1', kind: 'Thing', name, uid: 'u', controller: true }],
})

test('a key with an empty result is not requeued', async t => {
  const { clock, runs, controller, results } = runController(t, async () => ({}))
  controller.enqueue('ns/a')
  await clock.advance(3_600_000)
  assert.deepEqual(runs, ['ns/a@0'])
  assert.deepEqual(await results(), ['success 1'])
})

test('a key is requeued after exactly the requested time', async t => {
  const { clock, runs, controller, results } = runController(t, async () => ({ requeueAfterMs: 400 }))
  controller.enqueue('ns/a')
  await clock.advance(900)
  assert.deepEqual(runs, ['ns/a@0', 'ns/a@400', 'ns/a@800'])
  assert.deepEqual(await results(), ['requeue_after 3'])
})

test('a key that fails comes back with doubling delays, and each failure is logged once, with the key', async t => {
  let failures = 3
  const { clock, runs, lines, controller, results } = runController(t, async () => {
    if (failures-- > 0) throw new Error('no luck')
    return {}
  })
  controller.enqueue('ns/a')
  await clock.advance(60_000)
  assert.deepEqual(runs, ['ns/a@0', 'ns/a@250', 'ns/a@750', 'ns/a@1750'])
  assert.deepEqual(
    lines.map(line => [line['level'], line['msg'], line['controller'], line['key'], line['retryMs']]),
    [250, 500, 1000].map(retryMs => ['error', 'reconcile failed', 'things', 'ns/a', retryMs]),
  )
  assert.deepEqual(await results(), ['success 1', 'error 3'])
})

test('a key that waits comes back with doubling delays up to its own bound, without an error', async t => {
  const { clock, runs, lines, controller, results } = runController(t, async () => ({ backoffMaxMs: 1_000 }))
  controller.enqueue('ns/a')
  await clock.advance(3_000)
  assert.deepEqual(runs, ['ns/a@0', 'ns/a@250', 'ns/a@750', 'ns/a@1750', 'ns/a@2750'])
  assert.deepEqual(lines, [])
  assert.deepEqual(await results(), ['backoff 5'])
})

test('a key that waits and knows a time comes back at the earlier of the two, and its delays keep doubling', async t => {
  const { clock, runs, controller, results } = runController(t, async () => ({
    backoffMaxMs: 60_000,
    requeueAfterMs: 600,
  }))
  controller.enqueue('ns/a')
  await clock.advance(2_500)
  assert.deepEqual(runs, ['ns/a@0', 'ns/a@250', 'ns/a@750', 'ns/a@1350', 'ns/a@1950'])
  assert.deepEqual(await results(), ['backoff 5'])
})

test('a waiting key that requests an immediate requeue is requeued once', async t => {
  const script = [{ backoffMaxMs: 60_000, requeueAfterMs: 0 }]
  const { clock, runs, controller } = runController(t, async () => script.shift() ?? {})
  controller.enqueue('ns/a')
  await clock.advance(2_500)
  assert.deepEqual(runs, ['ns/a@0', 'ns/a@0'])
})

test('success starts the delays over', async t => {
  const script = [false, false, true, false]
  const { clock, runs, controller } = runController(t, async () => {
    if (script.shift() === false) throw new Error('no luck')
    return {}
  })
  controller.enqueue('ns/a')
  await clock.advance(10_000)
  controller.enqueue('ns/a')
  await clock.advance(10_000)
  assert.deepEqual(runs, ['ns/a@0', 'ns/a@250', 'ns/a@750', 'ns/a@10000', 'ns/a@10250'])
})

test('a reconcile that throws outside its promise does not end the worker', async t => {
  const { clock, runs, controller } = runController(
    t,
    key => {
      if (key === 'ns/bad') throw new Error('before any promise')
      return Promise.resolve({})
    },
    { concurrency: 1 },
  )
  controller.enqueue('ns/bad')
  controller.enqueue('ns/good')
  await clock.settle()
  assert.deepEqual(runs, ['ns/bad@0', 'ns/good@0'])
})

test('a conflict, wrapped or not, is retried at once and is no error', async t => {
  const script = [conflict(), new Error('write status', { cause: conflict() })]
  const { clock, runs, lines, controller, results } = runController(t, async () => {
    const error = script.shift()
    if (error !== undefined) throw error
    return {}
  })
  controller.enqueue('ns/a')
  await clock.advance(1000)
  assert.deepEqual(runs, ['ns/a@0', 'ns/a@20', 'ns/a@60'])
  assert.deepEqual(lines, [])
  assert.deepEqual(await results(), ['success 1', 'conflict 2'])
})

test('a server that says when to come back is obeyed', async t => {
  const busy = new ApiError(
    { operation: 'get', object: 'x' },
    429,
    { reason: 'TooManyRequests' },
    { retryAfterMs: 7000 },
  )
  let calls = 0
  const { clock, runs, controller } = runController(t, async () => {
    if (calls++ === 0) throw new Error('observe', { cause: busy })
    return {}
  })
  controller.enqueue('ns/a')
  await clock.advance(10_000)
  assert.deepEqual(runs, ['ns/a@0', 'ns/a@7000'])
})

for (const name of ['requeueAfterMs', 'backoffMaxMs']) {
  test(`a ${name} that is no number is an error, not a hot loop`, async t => {
    const { clock, runs, lines, controller } = runController(t, async () => ({ [name]: Number.NaN }))
    controller.enqueue('ns/a')
    await clock.advance(240)
    assert.equal(runs.length, 1)
    assert.match(JSON.stringify(lines[0]), new RegExp(`expected ${name}, found NaN`))
  })
}

test('many keys run at once up to the concurrency, and never one key twice', async t => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { clock, runs, controller } = runController(t, () => released.then(() => ({})), { concurrency: 2 })
  for (const key of ['a', 'a', 'b', 'c', 'a']) controller.enqueue(key)
  await clock.settle()
  assert.deepEqual(runs, ['a@0', 'b@0'])
  controller.enqueue('a')
  release()
  await clock.settle()
  assert.deepEqual(runs, ['a@0', 'b@0', 'c@0', 'a@0'])
})

test('a conflict is retried at once, however often the key has waited', async t => {
  const waits = Array.from({ length: 12 }, () => ({ backoffMaxMs: 60_000 }))
  let conflicts = 1
  const { clock, runs, controller } = runController(t, async () => {
    const wait = waits.shift()
    if (wait) return wait
    if (conflicts-- > 0) throw conflict()
    return {}
  })
  controller.enqueue('a')
  await clock.advance(3_600_000)
  const times = runs.map(run => Number(run.split('@')[1]))
  assert.equal(times.length, 14)
  assert.equal((times[13] ?? 0) - (times[12] ?? 0), 20)
})

test('an error is retried soon, however often the key has waited, and waits continue where they were', async t => {
  const script = ['wait', 'wait', 'wait', 'error', 'wait', 'done']
  const { clock, runs, controller } = runController(t, async () => {
    const step = script.shift()
    if (step === 'error') throw new Error('no luck')
    return step === 'wait' ? { backoffMaxMs: 60_000 } : {}
  })
  controller.enqueue('a')
  await clock.advance(60_000)
  assert.deepEqual(runs, ['a@0', 'a@250', 'a@750', 'a@1750', 'a@2000', 'a@4000'])
})

test('changes of watched objects reconcile the keys they map to, before and after the change', async t => {
  const { clock, runs, controller } = runController(t, async () => ({}))
  const own = new Store<KubeObject>()
  const children = new Store<KubeObject>()
  own.replace([thing('a', 1)], { resourceVersion: '10' })
  controller.watch({ store: own }, object => [keyOf(object)], specOrMetadataChanged)
  controller.watch({ store: children }, child => ownersOf(child))
  await clock.settle()
  assert.deepEqual(runs.splice(0), ['ns/a@0'])
  children.applied(thing('child', 11, ownedBy('a')))
  await clock.settle()
  assert.deepEqual(runs.splice(0), ['ns/a@0'])
  children.applied(thing('child', 12, ownedBy('b')))
  await clock.settle()
  assert.deepEqual(runs.splice(0), ['ns/b@0', 'ns/a@0'])
  own.observeWrite(thing('a', 13))
  await clock.settle()
  assert.deepEqual(runs, [], 'a status write of its own caused a reconcile')
})

test('a map function that throws is logged with the object and stops nothing', async t => {
  const { clock, runs, lines, controller } = runController(t, async () => ({}))
  const store = new Store<KubeObject>()
  controller.watch({ store }, () => assert.fail('bug'))
  controller.watch({ store }, object => [keyOf(object)])
  store.applied(thing('a', 1))
  await clock.settle()
  assert.deepEqual(runs, ['ns/a@0'])
  assert.deepEqual([lines[0]?.['msg'], lines[0]?.['object']], ['change not mapped to keys', 'ns/a'])
})

test('stopping lets running reconciles finish and starts no other', async t => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { clock, runs, controller, stop, running } = runController(t, () => released.then(() => ({})), {
    concurrency: 1,
  })
  controller.enqueue('a')
  controller.enqueue('b')
  await clock.settle()
  stop.abort()
  await clock.settle()
  release()
  await running
  assert.deepEqual(runs, ['a@0'])
})

test('abandoning aborts running reconciles, logs no error for them, and does not wait', async t => {
  const { clock, lines, controller, stop, abandon, running } = runController(t, (key, { signal }) =>
    key === 'deaf'
      ? new Promise(() => {})
      : new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
  )
  controller.enqueue('deaf')
  controller.enqueue('listening')
  await clock.settle()
  stop.abort()
  await clock.settle()
  abandon.abort()
  await running
  assert.deepEqual(
    lines.map(line => [line['level'], line['msg']]),
    [['warn', 'stopped while reconciling']],
  )
})
