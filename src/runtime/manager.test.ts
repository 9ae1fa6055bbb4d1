/** Tests of the order in which a manager starts and stops its parts. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createLogger } from './log.ts'
import type { ManagedElection, ManagerOptions } from './manager.ts'
import { LeadershipLostError, Manager } from './manager.ts'
import { ManualClock } from './manual-clock.ts'
import { Metrics } from './metrics.ts'

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

interface Gates {
  readonly acquired: PromiseWithResolvers<void>
  readonly lost: PromiseWithResolvers<'lost'>
}

function election(trace: string[], gates: Gates): ManagedElection {
  return {
    async acquire(signal) {
      await Promise.race([gates.acquired.promise, untilAborted(signal)])
      signal.throwIfAborted()
      trace.push('leads')
    },
    async hold(signal) {
      const end = await Promise.race([gates.lost.promise, untilAborted(signal)])
      return end ?? 'stopped'
    },
    async release() {
      trace.push('releases')
    },
  }
}

/** A manager whose fake parts record their calls and continue when the test resolves their gates. */
function setUp(t: TestContext, options: Partial<ManagerOptions> = {}, electing = true) {
  const trace: string[] = []
  const clock = new ManualClock()
  const gates = {
    synced: Promise.withResolvers<void>(),
    acquired: Promise.withResolvers<void>(),
    lost: Promise.withResolvers<'lost'>(),
    drained: Promise.withResolvers<void>(),
    flushed: Promise.withResolvers<void>(),
  }
  let hasSynced = false
  void gates.synced.promise.then(() => (hasSynced = true))
  const stop = new AbortController()
  const manager = new Manager({
    informers: [
      {
        resource: { plural: 'things' },
        get hasSynced() {
          return hasSynced
        },
        synced: gates.synced.promise,
        async run(signal) {
          trace.push('informer starts')
          await untilAborted(signal)
          trace.push('informer stops')
        },
      },
    ],
    controllers: [
      {
        async run(stopping, abandon) {
          trace.push('controller starts')
          await Promise.race([untilAborted(stopping), untilAborted(abandon)])
          trace.push('controller takes no more keys')
          await Promise.race([gates.drained.promise, untilAborted(abandon)])
          trace.push(abandon.aborted ? 'controller abandons' : 'controller drained')
        },
      },
    ],
    ...(electing && { leaderElection: election(trace, gates) }),
    events: {
      async flush() {
        await gates.flushed.promise
        trace.push('events flushed')
      },
      stop: () => void trace.push('events stop'),
    },
    metrics: new Metrics(),
    healthBindAddress: { host: '127.0.0.1', port: 0 },
    metricsBindAddress: { host: '127.0.0.1', port: 0 },
    log: createLogger({ level: 'error', format: 'json', destination: { write: () => {} } }),
    clock,
    ...options,
  })
  const running = manager.run(stop.signal)
  const settled = running.then(
    () => trace.push('stopped'),
    (error: unknown) => trace.push(String(error)),
  )
  t.after(async () => {
    stop.abort()
    gates.flushed.resolve()
    gates.drained.resolve()
    await settled
  })
  return { manager, trace, gates, clock, stop, running, settled }
}

type Run = ReturnType<typeof setUp>

/** Waits for the servers to listen and for what follows from that. */
async function listening({ manager, clock }: Run): Promise<void> {
  while (manager.metricsPort === undefined) await clock.settle()
  await clock.settle()
}

/** Takes what was traced since the last call. */
async function traced({ trace, clock }: Run): Promise<string[]> {
  await clock.settle()
  return trace.splice(0)
}

const limit = { timeout: 60_000 }

test(
  'failure mode 37: informers start before leadership, controllers only when leading and all caches are synced',
  limit,
  async t => {
    const run = setUp(t)
    await listening(run)
    assert.deepEqual(await traced(run), ['informer starts'])
    run.gates.acquired.resolve()
    assert.deepEqual(await traced(run), ['leads'])
    run.gates.synced.resolve()
    assert.deepEqual(await traced(run), ['controller starts'])
  },
)

test('it stops in the order keys, reconciles, events, lease, informers', limit, async t => {
  const run = setUp(t)
  await listening(run)
  run.gates.acquired.resolve()
  run.gates.synced.resolve()
  await traced(run)
  run.stop.abort()
  assert.deepEqual(await traced(run), ['controller takes no more keys'])
  run.gates.drained.resolve()
  assert.deepEqual(await traced(run), ['controller drained'])
  run.gates.flushed.resolve()
  await run.settled
  assert.deepEqual(run.trace, ['events flushed', 'events stop', 'releases', 'informer stops', 'stopped'])
  assert.equal(run.clock.timers, 0)
})

test('reconciles that do not end are abandoned after the drain timeout', limit, async t => {
  const run = setUp(t, { drainTimeoutMs: 7000 })
  await listening(run)
  run.gates.acquired.resolve()
  run.gates.synced.resolve()
  run.gates.flushed.resolve()
  await run.clock.settle()
  run.stop.abort()
  await run.clock.advance(6999)
  assert.equal(run.trace.at(-1), 'controller takes no more keys')
  await run.clock.advance(1)
  await run.settled
  assert.deepEqual(run.trace.slice(3), [
    'controller takes no more keys',
    'controller abandons',
    'events flushed',
    'events stop',
    'releases',
    'informer stops',
    'stopped',
  ])
})

test('lost leadership abandons everything and is the only error', limit, async t => {
  const run = setUp(t)
  await listening(run)
  run.gates.acquired.resolve()
  run.gates.synced.resolve()
  await traced(run)
  run.gates.lost.resolve('lost')
  await assert.rejects(run.running, LeadershipLostError)
  assert.deepEqual(run.trace.slice(0, 2), ['controller takes no more keys', 'controller abandons'])
  assert.ok(!run.trace.includes('events flushed'))
})

test('a signal before leadership ends the wait, and releases a lease that was just won', limit, async t => {
  const run = setUp(t)
  await listening(run)
  run.stop.abort()
  await run.running
  assert.deepEqual(run.trace, ['informer starts', 'releases', 'informer stops', 'stopped'])
})

test('a signal while caches are not synced starts no controller, and releases the lease', limit, async t => {
  const run = setUp(t)
  run.gates.flushed.resolve()
  await listening(run)
  run.gates.acquired.resolve()
  await traced(run)
  run.stop.abort()
  await run.settled
  assert.deepEqual(run.trace, ['events flushed', 'events stop', 'releases', 'informer stops', 'stopped'])
})

test('without leader election it works as soon as the caches are synced', limit, async t => {
  const run = setUp(t, {}, false)
  await listening(run)
  assert.deepEqual(await traced(run), ['informer starts'])
  run.gates.synced.resolve()
  assert.deepEqual(await traced(run), ['controller starts'])
})

test('readyz names the caches that are missing, and says so when the manager stops', limit, async t => {
  const run = setUp(t)
  await listening(run)
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${run.manager.healthPort}/readyz`)
    return `${response.status} ${await response.text()}`
  }
  assert.equal(await ready(), '503 failed caches: not synced: things\n')
  run.gates.acquired.resolve()
  run.gates.synced.resolve()
  await run.clock.settle()
  assert.equal(await ready(), '200 ok caches\n')
  run.stop.abort()
  await run.clock.settle()
  assert.equal(await ready(), '503 failed caches: stopping\n')
  run.gates.drained.resolve()
  run.gates.flushed.resolve()
  await run.running
  await assert.rejects(ready())
})

test('a port that is taken ends the run at once, and the other server with it', limit, async t => {
  const first = setUp(t)
  await listening(first)
  const second = setUp(t, { metricsBindAddress: { host: '127.0.0.1', port: first.manager.metricsPort ?? 0 } })
  await assert.rejects(second.running, /EADDRINUSE/)
  await assert.rejects(fetch(`http://127.0.0.1:${second.manager.healthPort}/healthz`))
  assert.ok(!second.trace.includes('informer starts'))
})

test('an informer that breaks ends the run with its error', limit, async t => {
  const broken = {
    resource: { plural: 'things' },
    hasSynced: false,
    synced: new Promise<void>(() => {}),
    run: () => Promise.reject(new Error('informer broke')),
  }
  await assert.rejects(setUp(t, { informers: [broken] }).running, /informer broke/)
})
