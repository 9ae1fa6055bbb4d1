/** Which seid is asked when, what is kept of the answers, and who is told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchMs } from './schedule.ts'
import { INTERVAL_MS, observe, type Seid, validator } from './testdata/observed.ts'

const INTERVALS_OF_A_MINUTE = 4

test('a seid is asked at once, then at intervals, and for its peers every eighth time', async t => {
  const { pass, asked } = observe(t, { a: { height: 1 } })
  await pass(1, ['a'])
  assert.deepEqual(asked(), ['a peers', 'a status', 'a upgrade'])
  await pass(13, ['a'])
  assert.deepEqual(asked(), [])
  await pass(120, ['a'])
  const lines = asked()
  assert.equal(lines.filter(line => line === 'a status').length, 2 * INTERVALS_OF_A_MINUTE)
  assert.equal(lines.filter(line => line === 'a peers').length, 1)
})

test('who waits is told once when a node follows, and not while it goes on', async t => {
  const { pass, woken } = observe(t, { a: { height: 1 }, b: { height: 1 } })
  await pass(300, ['a', 'b'])
  assert.deepEqual(woken(), ['a Following', 'b Following'])
})

test('a node that stands still while the other moves is Stuck within 60 s, and Following again within an interval', async t => {
  const { pass, woken } = observe(t, { a: { height: 1 }, b: { height: 1 } })
  await pass(40, ['a', 'b'])
  woken()
  await pass(60, ['b'])
  assert.deepEqual(woken(), ['a Stuck'])
  await pass(16, ['a', 'b'])
  assert.deepEqual(woken(), ['a Following'])
})

test('a seid that does not answer is asked less and less often, and Unknown after 40 s', async t => {
  const seids: Record<string, Seid> = { a: { height: 1 } }
  const { pass, woken, asked, observer } = observe(t, seids)
  await pass(16, ['a'])
  woken()
  asked()
  seids['a'] = { height: 1, isDown: true }
  await pass(60)
  assert.deepEqual(woken(), ['a Unknown'])
  const often = asked().length
  assert.ok(often >= 6 && often <= 10, String(often))
  const health = observer.health('sei/a', 'seid-of-a')
  assert.match(health?.kind === 'Unknown' ? health.silence : '', /ECONNREFUSED/)
  seids['a'] = { height: 100 }
  await pass(16, ['a'])
  assert.deepEqual(woken(), ['a Following'])
})

test('what is known of a pod goes with the pod', async t => {
  const { pass, put, observer, asked } = observe(t, { a: { height: 1 } })
  await pass(20, ['a'])
  assert.equal(observer.follows('sei/a', 'seid-of-a'), true)
  asked()
  put('a', 'another')
  await pass(2, ['a'])
  assert.deepEqual(asked(), ['a peers', 'a status'])
  assert.equal(observer.health('sei/a', 'seid-of-a'), undefined)
  assert.equal(observer.health('sei/a', 'another')?.kind, 'Following')
  assert.equal(observer.follows('sei/a', 'another'), false)
})

test('figures of a node that catches up are renewed when a tenth of the way is done', async t => {
  const seids: Record<string, Seid> = { a: { height: 1000, answer: { isCatchingUp: true, maxPeerHeight: 2000 } } }
  const { pass, woken } = observe(t, seids)
  // 30 blocks in each interval.
  await pass(50, ['a'])
  assert.deepEqual(woken(), ['a CatchingUp'])
  await pass(15, ['a'])
  assert.deepEqual(woken(), ['a CatchingUp'])
})

test('whoever waits for the next block of a node has it asked at once', async t => {
  const { pass, observer, asked } = observe(t, { a: { height: 1 } })
  await pass(5, ['a'])
  asked()
  observer.hurry('sei/a')
  observer.hurry('sei/of-another-name')
  await pass(2, ['a'])
  assert.deepEqual(asked(), ['a status'])
  await pass(10, ['a'])
  assert.deepEqual(asked(), [])
})

test('nodes that follow are queried in batches, whenever they came', async t => {
  const { pass, asked, put, clock } = observe(t, { a: { height: 1 }, b: { height: 1 } })
  await pass(7, ['a', 'b'])
  put('b', 'another')
  await pass(30, ['a', 'b'])
  asked()
  const times: number[] = []
  for (let second = 0; second < 60; second++) {
    await pass(1, ['a', 'b'])
    times.push(...asked().flatMap(line => (line.endsWith('status') ? [clock.monotonic()] : [])))
  }
  assert.equal(times.length, 8)
  assert.deepEqual(
    times.filter(time => time % batchMs(INTERVAL_MS) !== 0),
    [],
  )
})

test('a standstill is evaluated in the tick after the answer that shows it', async t => {
  const { pass, woken, asked } = observe(t, { a: { height: 1 }, b: { height: 1 } })
  await pass(40, ['a', 'b'])
  woken()
  let answered = -1
  for (let second = 0; second < 90; second++) {
    asked()
    await pass(1, ['b'])
    if (woken().includes('a Stuck'))
      return assert.ok(answered >= second - 1, `answered at ${answered}, told at ${second}`)
    if (asked().includes('a status')) answered = second
  }
  assert.fail('never told')
})

test('a block that somebody waits for is sampled with the height of the answer', async t => {
  const { pass, asked, observer } = observe(t, { a: validator('AA'), b: validator('BB') })
  await pass(20, ['a', 'b'])
  asked()
  observer.hurry('sei/a')
  observer.hurry('sei/b')
  await pass(2, ['a', 'b'])
  // The statuses of the first second are of height 43.
  assert.deepEqual(asked(), ['a signers of 42', 'a status', 'b status'])
})

test('a node that another pool takes is hurried in its new network', async t => {
  const { pass, asked, observer, put } = observe(t, { a: validator('AA') })
  await pass(20, ['a'])
  put('a', 'seid-of-a', 'other')
  await pass(1, ['a'])
  asked()
  observer.hurry('sei/a')
  await pass(3, ['a'])
  assert.ok(asked().some(line => line.includes('signers of')))
})

test('a network of validators is halted when those that answer stand still', async t => {
  const { pass, observer, clock } = observe(t, { a: { height: 1 }, b: { height: 1 } })
  const validators = ['a', 'b'].map(name => ({ key: `sei/${name}`, start: `seid-of-${name}`, isReady: true }))
  await pass(20, ['a', 'b'])
  assert.equal(observer.haltedSince(validators), undefined)
  const last = clock.now()
  await pass(46)
  assert.ok(Math.abs((observer.haltedSince(validators) ?? 0) - last) <= INTERVAL_MS)
})

test('nothing is asked after the stop', async t => {
  const { pass, stop, asked } = observe(t, { a: { height: 1 } })
  await pass(1, ['a'])
  await stop()
  asked()
  await pass(60, ['a'])
  assert.deepEqual(asked(), [])
})

test('a process that was frozen for a while knows nothing new before it has asked', async t => {
  const { pass, observer, clock, woken } = observe(t, { a: { height: 1 }, b: { height: 1 } })
  await pass(40, ['a', 'b'])
  woken()
  const monotonic = clock.monotonic.bind(clock)
  t.mock.method(clock, 'monotonic', () => monotonic() + 40_000)
  const validators = ['a', 'b'].map(name => ({ key: `sei/${name}`, start: `seid-of-${name}`, isReady: true }))
  assert.equal(observer.haltedSince(validators), undefined)
  await pass(20, ['a', 'b'])
  assert.deepEqual(woken(), [])
})

test('a wall clock that jumps changes nothing', async t => {
  const { pass, clock, woken, asked } = observe(t, { a: { height: 1 }, b: { height: 1 } })
  await pass(40, ['a', 'b'])
  woken()
  asked()
  const now = clock.now.bind(clock)
  t.mock.method(clock, 'now', () => now() - 3_600_000)
  await pass(60, ['b'])
  assert.ok(asked().length >= 2 * INTERVALS_OF_A_MINUTE)
  assert.deepEqual(woken(), ['a Stuck'])
})

test('an operator that starts on a halted chain says so once', async t => {
  const blockTime = Date.UTC(2025, 0, 1)
  const { pass, woken } = observe(t, { a: { height: 900, blockTime }, b: { height: 900, blockTime } })
  await pass(120)
  assert.deepEqual(woken(), ['a ChainHalted', 'b ChainHalted'])
})

test('when a halted chain goes on, no node is left behind by the order of the questions', async t => {
  const names = ['a', 'b', 'c', 'd']
  const { pass, woken } = observe(t, Object.fromEntries(names.map(name => [name, { height: 900 }])))
  await pass(90)
  woken()
  await pass(60, names)
  assert.deepEqual(
    woken(),
    names.map(name => `${name} Following`),
  )
})

test('a node that catches up near the head of the chain is no news', async t => {
  const { pass, woken } = observe(t, { a: { height: 1000, answer: { isCatchingUp: true } }, b: { height: 1010 } })
  await pass(300, ['a', 'b'])
  assert.deepEqual(woken(), ['a CatchingUp', 'b Following'])
})

test('a seid that hung is observed again within an interval', async t => {
  const seids: Record<string, Seid> = { a: { height: 1 }, b: { height: 1 } }
  const { pass, woken } = observe(t, seids)
  await pass(40, ['a', 'b'])
  seids['a'] = { height: 100, isHung: true }
  await pass(300, ['b'])
  woken()
  seids['a'] = { height: seids['b']?.height ?? 0 }
  await pass(INTERVAL_MS / 1000 + 2, ['a', 'b'])
  assert.deepEqual(woken(), ['a Following'])
})

test('a new process keeps NotSigning until it has sampled enough', async t => {
  const b: Seid = { ...validator('B'), recorded: 'NotSigning' }
  const { pass, signedBy, woken } = observe(t, { a: validator('A'), b })
  signedBy(['A'])
  await pass(40, ['a', 'b'])
  assert.deepEqual(woken(), ['a Following'])
  await pass(60, ['a', 'b'])
  assert.deepEqual(woken(), ['b NotSigning'])
})

test('peers that come and go on a node that stands still are announced only if they last', async t => {
  const seids: Record<string, Seid> = { a: { height: 1 }, b: { height: 1 } }
  const { pass, woken } = observe(t, seids)
  await pass(20, ['a', 'b'])
  woken()
  await pass(60, ['b'])
  assert.deepEqual(woken(), ['a Stuck'])
  for (let i = 0; i < 6; i++) {
    seids['a'] = { height: 41, peers: i % 2 }
    await pass(15, ['b'])
  }
  assert.deepEqual(woken(), [])
  seids['a'] = { height: 41, peers: 0 }
  await pass(45, ['b'])
  assert.deepEqual(woken(), ['a NoPeers'])
})
