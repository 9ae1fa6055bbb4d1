/** Leader election with a manual clock and a fake API server. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ApiError } from '../kube/errors.ts'
import type { LeaderElectorOptions } from './leader-election.ts'
import { LeaderElector, leaderIdentity } from './leader-election.ts'
import type { Link } from './lease-server.ts'
import { compete, LeaseServer } from './lease-server.ts'
import { createLogger } from './log.ts'
import { ManualClock } from './manual-clock.ts'

test('the first process creates the lease, leads, and renews every two seconds', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  const seen: boolean[] = []
  const a = compete(t.signal, server, clock, 'a', { onLeading: leading => seen.push(leading) })
  await clock.settle()
  assert.equal(a.elector.leading, true)
  assert.deepEqual(server.lease?.spec, {
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    renewTime: '2026-01-01T00:00:00.000000Z',
    acquireTime: '2026-01-01T00:00:00.000000Z',
    leaseTransitions: 0,
  })
  await clock.advance(60_000)
  assert.equal(server.writes, 31)
  assert.equal(server.lease?.spec?.renewTime, '2026-01-01T00:01:00.000000Z')
  assert.equal(server.lease?.spec?.acquireTime, '2026-01-01T00:00:00.000000Z')
  assert.deepEqual(seen, [true])
})

test('a dead leader is replaced after the lease duration, measured from the last observed change of its record', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  // The dead leader's clock was hours ahead: its times say nothing here.
  server.edit({
    holderIdentity: 'dead',
    leaseDurationSeconds: 15,
    renewTime: '2026-01-01T09:00:00.000000Z',
    leaseTransitions: 4,
  })
  const b = compete(t.signal, server, clock, 'b')
  await clock.advance(14_999)
  assert.equal(b.elector.leading, false)
  await clock.advance(2000)
  assert.equal(b.elector.leading, true)
  assert.equal(server.lease?.spec?.holderIdentity, 'b')
  assert.equal(server.lease?.spec?.leaseTransitions, 5)
})

test('a leader that dies is followed as soon as its term is over, however long the attempts are apart', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  server.edit({ holderIdentity: 'dead', leaseDurationSeconds: 15 })
  const b = compete(t.signal, server, clock, 'b', { random: () => 0.999 })
  await clock.advance(15_000)
  assert.equal(b.elector.leading, true)
})

test('a record that keeps changing belongs to a live leader, however old its times are', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  const b = compete(t.signal, server, clock, 'b')
  server.edit({ holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: 'never' })
  for (let i = 0; i < 20; i++) {
    server.edit({ renewTime: `2001-01-01T00:00:${i}.000000Z` })
    await clock.advance(5000)
  }
  assert.equal(b.elector.leading, false)
})

test('a change of the metadata alone does not prolong a dead leader', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  server.edit({ holderIdentity: 'dead', leaseDurationSeconds: 15, renewTime: 'x' })
  const b = compete(t.signal, server, clock, 'b')
  for (let i = 0; i < 17; i++) {
    server.edit({}, { edited: String(i) })
    await clock.advance(1000)
  }
  assert.equal(b.elector.leading, true)
  assert.deepEqual(server.lease?.metadata?.labels, { edited: '16' })
})

const outages: { title: string; link: Link; lostAt: string }[] = [
  { title: 'is not reached', link: 'down', lostAt: 'lost@10000' },
  { title: 'never answers', link: 'hung', lostAt: 'lost@10000' },
  { title: 'has its answers lost', link: 'answers-lost', lostAt: 'lost@10000' },
]
for (const { title, link, lostAt } of outages) {
  test(`a leader whose server ${title} gives up ten seconds after its last renewal, before another can lead`, async t => {
    const [server, clock] = [new LeaseServer(), new ManualClock()]
    const a = compete(t.signal, server, clock, 'a')
    await clock.settle()
    const b = compete(t.signal, server, clock, 'b')
    a.process.link = link
    await clock.advance(10_000)
    assert.equal(a.process.end, lostAt)
    assert.equal(a.elector.leading, false)
    assert.equal(b.elector.leading, false)
    await clock.advance(20_000)
    assert.equal(b.elector.leading, true)
    assert.ok(b.process.leadingSince >= 15_000)
  })
}

test('a leader that gets an answer in time keeps leading, even after lost answers', async t => {
  for (const link of ['down', 'hung', 'answers-lost'] as const) {
    const [server, clock] = [new LeaseServer(), new ManualClock()]
    const a = compete(t.signal, server, clock, 'a')
    await clock.advance(2000)
    a.process.link = link
    await clock.advance(6000)
    a.process.link = 'up'
    await clock.advance(60_000)
    assert.equal(a.process.end, 'still running', link)
    assert.equal(server.lease?.spec?.leaseTransitions, 0)
  }
})

test('a namespace that does not exist is reported each time, and never taken for a faster process', async () => {
  const clock = new ManualClock()
  const lines: string[] = []
  const missing = new ApiError({ operation: 'create', object: 'leases typo/lock' }, 404, {
    reason: 'NotFound',
    message: 'namespaces "typo" not found',
  })
  const elector = new LeaderElector({
    client: {
      get: () => Promise.resolve(undefined),
      create: () => Promise.reject(missing),
      replace: () => Promise.reject(missing),
    },
    lease: { namespace: 'typo', name: 'lock' },
    identity: 'a',
    clock,
    log: createLogger({ level: 'warn', format: 'text', destination: { write: line => lines.push(line) } }),
  })
  const stop = new AbortController()
  const ended = assert.rejects(elector.acquire(stop.signal))
  await clock.advance(10_000)
  assert.equal(elector.leading, false)
  assert.ok(lines.length > 1)
  assert.match(lines[0] ?? '', /lease not read or written[^]*namespaces "typo" not found/)
  stop.abort()
  await ended
})

test('reading an own renewal whose answer was lost does not prolong the term', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  const a = compete(t.signal, server, clock, 'a')
  await clock.settle()
  a.process.link = 'answers-lost'
  await clock.advance(2000)
  a.process.link = 'read-only'
  await clock.advance(8000)
  assert.equal(server.lease?.spec?.renewTime, '2026-01-01T00:00:02.000000Z')
  assert.equal(a.process.end, 'lost@10000')
})

test('a process that stood still past its deadline has lost, without asking', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  const a = compete(t.signal, server, clock, 'a')
  await clock.settle()
  clock.jump(11_000)
  await clock.advance(0)
  assert.equal(a.process.end, 'lost@11000')
  assert.equal(server.writes, 1)
})

test('a leader that finds another in the lease has lost at once', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  const a = compete(t.signal, server, clock, 'a')
  await clock.settle()
  server.edit({ holderIdentity: 'b', leaseDurationSeconds: 15 })
  await clock.advance(2000)
  assert.equal(a.process.end, 'lost@2000')
})

test('a lease that was deleted by hand is created again by the leader', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  const a = compete(t.signal, server, clock, 'a')
  await clock.settle()
  server.delete()
  await clock.advance(2000)
  assert.equal(a.process.end, 'still running')
  assert.equal(server.lease?.spec?.holderIdentity, 'a')
})

test('a leader that stops releases the lease, and the next leads at its next attempt', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  const a = compete(t.signal, server, clock, 'a')
  await clock.settle()
  const b = compete(t.signal, server, clock, 'b')
  await clock.advance(1000)
  await a.stop()
  assert.equal(a.process.end, 'stopped')
  assert.equal(server.lease?.spec?.holderIdentity, undefined)
  assert.equal(server.lease?.spec?.leaseDurationSeconds, 1)
  await clock.advance(2000)
  assert.equal(b.elector.leading, true)
  assert.equal(server.lease?.spec?.leaseTransitions, 1)
})

test('a process that does not lead releases nothing', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  compete(t.signal, server, clock, 'a')
  await clock.settle()
  const b = compete(t.signal, server, clock, 'b')
  await clock.settle()
  await b.stop()
  assert.equal(b.process.end, 'gave up waiting')
  assert.equal(server.lease?.spec?.holderIdentity, 'a')
})

test('a process that is stopped while it takes the lease gives it back', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  const a = compete(t.signal, server, clock, 'a')
  a.process.link = 'answers-lost'
  await clock.settle()
  assert.equal(server.lease?.spec?.holderIdentity, 'a')
  a.process.link = 'up'
  await a.stop()
  assert.equal(a.process.end, 'gave up waiting')
  assert.equal(server.lease?.spec?.holderIdentity, undefined)
})

test('a leader that lost the lease does not release it before the end of its term', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  const a = compete(t.signal, server, clock, 'a')
  await clock.settle()
  a.process.link = 'down'
  await clock.advance(10_000)
  a.process.link = 'up'
  await a.stop()
  assert.equal(a.process.end, 'lost@10000')
  assert.equal(server.lease?.spec?.holderIdentity, 'a')
})

test('release does not wait for a server that does not answer', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  const a = compete(t.signal, server, clock, 'a')
  await clock.settle()
  a.process.link = 'hung'
  let released = false
  void a.stop().then(() => (released = true))
  await clock.advance(5000)
  assert.equal(released, true)
})

const build = (durations: Partial<LeaderElectorOptions>) => () =>
  new LeaderElector({
    client: new LeaseServer().client(() => 'up'),
    lease: { namespace: 'ns', name: 'lock' },
    identity: 'a',
    clock: new ManualClock(),
    log: createLogger({ level: 'error', format: 'json' }),
    ...durations,
  })

test('a lease whose version goes back is a restored cluster: leader and follower report it once, and one keeps leading', async t => {
  const [server, clock] = [new LeaseServer(), new ManualClock()]
  const restored = { a: 0, b: 0 }
  const a = compete(t.signal, server, clock, 'a', { onRestored: () => restored.a++ })
  await clock.settle()
  const b = compete(t.signal, server, clock, 'b', { onRestored: () => restored.b++ })
  await clock.advance(4_000)
  const backup = { lease: server.lease, writes: server.writes }
  await clock.advance(60_000)
  assert.deepEqual(restored, { a: 0, b: 0 })
  Object.assign(server, backup)
  await clock.advance(60_000)
  assert.deepEqual(restored, { a: 1, b: 1 })
  assert.deepEqual([a.elector.leading, b.elector.leading, a.process.end], [true, false, 'still running'])
})

test('durations that could let two lead are refused', () => {
  assert.throws(build({ leaseDurationMs: 10_000 }), /expected lease duration > renew deadline/)
  assert.throws(build({ retryPeriodMs: 9000 }), /found 15000, 10000 and 9000 ms/)
  assert.doesNotThrow(build({ leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 500 }))
})

test('an identity names the host and the process', () => {
  assert.equal(leaderIdentity('pod-1', 'u-u-i-d'), 'pod-1_u-u-i-d')
})

const step = fc.record({
  who: fc.nat(2),
  link: fc.constantFrom<Link>('up', 'up', 'down', 'hung', 'read-only', 'answers-lost'),
  ms: fc.integer({ min: 100, max: 6000 }),
})

test('failure mode 39: whatever happens to the links of three processes, no two lead at once, and one leads when all is well', async () => {
  const history = fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
    const [server, clock, over] = [new LeaseServer(), new ManualClock(), new AbortController()]
    const processes = ['a', 'b', 'c'].map(name => compete(over.signal, server, clock, name))
    const leaders = () => processes.filter(({ elector }) => elector.leading).length
    let most = 0
    for (const { who, link, ms } of steps) {
      const chosen = processes[who]
      if (chosen !== undefined) chosen.process.link = link
      for (let passed = 0; passed < ms; passed += 500) {
        await clock.advance(500)
        most = Math.max(most, leaders())
      }
    }
    assert.ok(most <= 1, `${most} led at once`)
    for (const { process } of processes) process.link = 'up'
    await clock.advance(40_000)
    const haveAllLost = processes.every(({ process }) => process.end.startsWith('lost'))
    assert.equal(leaders(), haveAllLost ? 0 : 1)
    over.abort()
    await clock.settle()
  })
  await fc.assert(history, { numRuns: 40 })
})
