/** Which seid is asked when, what is kept of the answers, and who is told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import type { ChainHealth } from '../../../chain/health.ts'
import type { ChainAnswer } from '../../../chain/track.ts'
import { HttpError } from '../../../kube/http-error.ts'
import { CallLimiter } from '../../../runtime/call-limiter.ts'
import { ManualClock } from '../../../runtime/manual-clock.ts'
import { Store } from '../../../runtime/store.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { podOf } from '../../seinode/testdata/objects.ts'
import { ChainObserver } from './observer.ts'

const INTERVAL_MS = 15_000
const TIMEOUT = new HttpError('timeout', 'no answer within 5000 ms', { isSent: true })
const INTERVALS_OF_A_MINUTE = 4

interface Seid {
  height: number
  isDown?: boolean
  isHung?: boolean
  hasNoCommits?: boolean
  /** 3 by default. */
  peers?: number
  /** As it said before; that of the answer by default. */
  blockTime?: number
  answer?: Partial<ChainAnswer>
  /** The state in the node's status. */
  recorded?: ChainHealth['kind']
}

function taken(list: string[]): readonly string[] {
  return list.splice(0).toSorted()
}

function validator(address: string): Seid {
  return { height: 1, answer: { validatorAddress: address, votingPower: 1 } }
}

/** A chain of nodes by name; each height is what the test makes it. */
function observe(t: { readonly after: (end: () => void) => void }, seids: Record<string, Seid>) {
  const clock = new ManualClock()
  const [nodes, pods] = [new Store<SeiNode>(), new Store<Pod>()]
  const asked: string[] = []
  const woken: string[] = []
  let version = 0
  let signers: ReadonlySet<string> = new Set()
  const names = Object.keys(seids)
  const put = (name: string, start = `seid-of-${name}`): void => {
    const { recorded: state } = seids[name] ?? {}
    const chain = state && { state, since: '2026-01-01T00:00:00Z', containerID: start }
    const node = seiNode(name, { chainId: 'devnet-1' }, { resourceVersion: String(++version) })
    nodes.observeWrite(chain ? { ...node, status: { chain } } : node)
    const { metadata, ...pod } = podOf({ ip: `10.0.0.${names.indexOf(name)}`, seid: { containerID: start } })
    pods.observeWrite({
      ...pod,
      metadata: { ...metadata, name: `${name}-0`, resourceVersion: String(++version) },
    })
  }
  names.forEach(name => put(name))
  const seidAt = (host: string): [string, Seid] => {
    const name = names[Number(host.split('.').at(-1))] ?? ''
    return [name, seids[name] ?? { height: 0 }]
  }
  const call = <T>(host: string, what: string, value: (seid: Seid) => T): Promise<T> => {
    const [name, seid] = seidAt(host)
    asked.push(`${name} ${what}`)
    if (seid.isDown === true) return Promise.reject(new Error('connect ECONNREFUSED'))
    if (seid.isHung === true) return Promise.reject(new Error('no answer within 5 s', { cause: TIMEOUT }))
    return Promise.try(() => value(seid))
  }
  const observer = new ChainObserver({
    nodes,
    pods,
    clock,
    seid: {
      status: host =>
        call(host, 'status', ({ height, answer, blockTime = clock.now() }) => ({
          nodeID: 'ab'.repeat(20),
          network: 'devnet-1',
          height,
          blockTime,
          isCatchingUp: false,
          maxPeerHeight: 0,
          validatorAddress: undefined,
          votingPower: 0,
          ...answer,
        })),
      peers: host => call(host, 'peers', ({ peers = 3 }) => peers),
      signers: (host, height) =>
        call(host, `signers of ${height}`, ({ hasNoCommits = false }) => {
          if (hasNoCommits) throw new Error('HTTP 500 to /commit')
          return signers
        }),
    },
    limiter: new CallLimiter({ clock, random: () => 0 }),
    random: () => 0,
    intervalMs: INTERVAL_MS,
    missedShare: 0.5,
  })
  observer.wake = node => woken.push(`${node.metadata.name} ${observer.known(node).health?.kind}`)
  const stop = new AbortController()
  const running = observer.run(stop.signal)
  t.after(() => stop.abort())
  return {
    observer,
    clock,
    stop: async () => {
      stop.abort()
      await running
    },
    /** In steps of a second, in which every chain makes a block where `grow` says so. */
    pass: async (seconds: number, grow: readonly string[] = []) => {
      for (let i = 0; i < seconds; i++) {
        for (const name of grow) (seids[name] ?? { height: 0 }).height += 2
        await clock.advance(1000)
      }
    },
    asked: () => taken(asked),
    woken: () => taken(woken),
    put,
    signedBy: (addresses: readonly string[]) => (signers = new Set(addresses)),
  }
}

test('a seid is asked at once, then at intervals, and for its peers every fourth time', async t => {
  const { pass, asked } = observe(t, { a: { height: 1 } })
  await pass(1, ['a'])
  assert.deepEqual(asked(), ['a peers', 'a status'])
  await pass(13, ['a'])
  assert.deepEqual(asked(), [])
  await pass(60, ['a'])
  const lines = asked()
  assert.equal(lines.filter(line => line === 'a status').length, INTERVALS_OF_A_MINUTE)
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

test('one node that follows is asked who signed, for all validators of the chain', async t => {
  const { pass, woken, signedBy, asked } = observe(t, { a: validator('A'), b: validator('B') })
  signedBy(['A'])
  await pass(90, ['a', 'b'])
  assert.deepEqual(woken(), ['a Following', 'b Following', 'b NotSigning'])
  assert.equal(asked().filter(line => line.includes('signers')).length, 6)
  signedBy(['A', 'B'])
  await pass(180, ['a', 'b'])
  assert.deepEqual(woken(), ['b Following'])
})

test('nodes without voting power are not asked who signed', async t => {
  const { pass, asked } = observe(t, { a: { height: 1 } })
  await pass(60, ['a'])
  assert.deepEqual(
    asked().filter(line => line.includes('signers')),
    [],
  )
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

test('a validator is not expected to sign what was made while it caught up', async t => {
  const seids: Record<string, Seid> = { a: validator('A'), b: validator('B') }
  seids['b'] = { height: 1, answer: { ...seids['b']?.answer, isCatchingUp: true } }
  const { pass, woken, signedBy } = observe(t, seids)
  signedBy(['A'])
  await pass(100, ['a', 'b'])
  seids['b'] = { height: seids['a']?.height ?? 0, answer: validator('B').answer ?? {} }
  signedBy(['A', 'B'])
  await pass(180, ['a', 'b'])
  assert.deepEqual(woken(), ['a Following', 'b CatchingUp', 'b Following'])
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

test('signatures of a network that was made anew are sampled', async t => {
  const seids: Record<string, Seid> = {
    a: { ...validator('A'), height: 100_000 },
    b: { ...validator('B'), height: 100_000 },
  }
  const { pass, put, signedBy, woken } = observe(t, seids)
  signedBy(['A', 'B'])
  await pass(60, ['a', 'b'])
  Object.assign(seids, { a: validator('A'), b: validator('B') })
  put('a', 'anew')
  put('b', 'anew')
  signedBy(['A'])
  woken()
  await pass(120, ['a', 'b'])
  assert.deepEqual(woken(), ['a Following', 'b Following', 'b NotSigning'])
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

test('a node that does not tell who signed, or does not answer, hides no validator that does not sign', async t => {
  const seids: Record<string, Seid> = { a: { height: 1, hasNoCommits: true }, b: validator('B'), c: validator('C') }
  const { pass, signedBy, woken } = observe(t, seids)
  signedBy(['B'])
  await pass(100, ['a', 'b', 'c'])
  assert.deepEqual(woken(), ['a Following', 'b Following', 'c Following', 'c NotSigning'])
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

test('a validator that does not sign is not one that a rollout goes on with', async t => {
  const { pass, observer, signedBy } = observe(t, { a: validator('A'), b: validator('B') })
  signedBy(['A'])
  await pass(20, ['a', 'b'])
  assert.equal(observer.follows('sei/b', 'seid-of-b'), true)
  await pass(80, ['a', 'b'])
  assert.equal(observer.follows('sei/a', 'seid-of-a'), true)
  assert.equal(observer.follows('sei/b', 'seid-of-b'), false)
})
