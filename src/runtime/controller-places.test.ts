/** Tests of who has a place among the keys that a controller works on: not who waits outside, and nobody before it runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../kube/types.ts'
import { runController, thing } from './controller-for-test.ts'
import type { Reconcile } from './controller.ts'
import { Controller } from './controller.ts'
import { keyOf } from './object-key.ts'
import { createLogger } from './log.ts'
import { ManualClock } from './manual-clock.ts'
import { Metrics } from './metrics.ts'
import { Store } from './store.ts'

test('keys that wait outside give their places to others, and no key runs twice', async t => {
  const silence = Promise.withResolvers<void>()
  const { clock, runs, controller, results } = runController(
    t,
    async (key, { outside }) => {
      if (key.startsWith('silent')) await outside(() => silence.promise)
      return {}
    },
    { concurrency: 2 },
  )
  const silent = Array.from({ length: 200 }, (_, i) => `silent-${i}`)
  for (const key of silent) controller.enqueue(key)
  controller.enqueue('healthy')
  await clock.settle()
  assert.equal(runs.length, 201)
  for (const key of silent) controller.enqueue(key)
  await clock.settle()
  assert.deepEqual([runs.length, runs.at(-1)], [201, 'healthy@0'])
  silence.resolve()
  await clock.settle()
  assert.equal(runs.length, 401)
  assert.deepEqual(await results(), ['success 401'])
})

test('waits of one key that overlap give up one place, and take it again', async t => {
  let [active, most] = [0, 0]
  const { clock, controller, results } = runController(
    t,
    async (_key, { outside }) => {
      await Promise.all([1, 2, 3].map(() => outside(() => Promise.resolve())))
      active++
      most = Math.max(most, active)
      await clock.settle()
      active--
      return {}
    },
    { concurrency: 2 },
  )
  for (let i = 0; i < 10; i++) controller.enqueue(`key-${i}`)
  for (let i = 0; i < 50; i++) await clock.settle()
  assert.deepEqual([await results(), most], [['success 10'], 2])
})

test('before it runs, a controller queues nothing, whatever happens in the stores; then every key that is there', async () => {
  const clock = new ManualClock()
  const metrics = new Metrics()
  const runs: string[] = []
  const reconcile: Reconcile = async key => {
    runs.push(key)
    return {}
  }
  const log = createLogger({ level: 'error', format: 'json' })
  const controller = new Controller({ name: 'things', reconcile, log, metrics, clock })
  const store = new Store<KubeObject>()
  controller.watch({ store }, object => [keyOf(object)])
  for (let i = 0; i < 1000; i++) {
    store.applied(thing(`gone-${i}`, 2 * i + 1))
    store.deleted(thing(`gone-${i}`, 2 * i + 2))
  }
  store.applied(thing('here', 5000))
  const depth = () => metrics.registry.getSingleMetricAsString('workqueue_depth')
  assert.match(await depth(), /name="things"\} 0/)
  await clock.advance(3_600_000)
  const [stop, abandon] = [new AbortController(), new AbortController()]
  const running = controller.run(stop.signal, abandon.signal)
  await clock.settle()
  assert.deepEqual(runs, ['ns/here'])
  const waited = await metrics.registry.getSingleMetricAsString('workqueue_queue_duration_seconds')
  assert.match(waited, /workqueue_queue_duration_seconds_sum\{name="things"\} 0\n/)
  stop.abort()
  await running
})
