/** Which addresses the sources of a spec come to, and what is said where they come to none. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Peer } from '../api/shared.ts'
import { PeerLookupError } from './lookup.ts'
import { createPeerResolver, type PeerResolution, type PeerResolverOptions } from './resolve-peers.ts'

const { signal } = new AbortController()
const NAMED = `${'f'.repeat(40)}@sentry.example.com:26656`

function tagged(region: string, tags: Record<string, string> = { Network: 'pacific-1' }): Peer {
  return { ec2Tags: { region, tags } }
}

function named(...addresses: string[]): Peer {
  return { static: { addresses } }
}

/** `10.0.0.1` has the id 111... */
function idOf(host: string): string {
  return (host.at(-1) ?? '').repeat(40)
}

function peerAt(host: string): string {
  return `${idOf(host)}@${host}:26656`
}

interface World {
  /** Addresses of instances by region. */
  readonly regions?: Readonly<Record<string, readonly string[]>>
  /** Nodes that do not answer. */
  readonly silent?: readonly string[]
  readonly listInstances?: PeerResolverOptions['listInstances']
}

function resolve(
  sources: readonly Peer[],
  { regions = {}, silent = [], listInstances }: World,
): Promise<PeerResolution> {
  return createPeerResolver({
    listInstances: listInstances ?? (({ region }) => Promise.resolve(regions[region] ?? [])),
    fetchNodeID: host =>
      silent.includes(host) ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve(idOf(host)),
    now: () => 0,
  }).resolve(sources, signal)
}

const regions = { one: ['10.0.0.1', '10.0.0.2'], two: ['10.0.0.2', '10.0.0.3'] }

const found: readonly (readonly [
  title: string,
  sources: readonly Peer[],
  world: World,
  expected: readonly string[],
])[] = [
  ['no source', [], {}, []],
  ['static peers, as they stand', [named(NAMED, 'X@y:1')], {}, [NAMED, 'X@y:1']],
  ['instances, in their order', [tagged('one')], { regions }, [peerAt('10.0.0.1'), peerAt('10.0.0.2')]],
  [
    'several sources in their order, each peer once',
    [named(NAMED, peerAt('10.0.0.3')), tagged('one'), named(NAMED), tagged('two')],
    { regions },
    [NAMED, peerAt('10.0.0.3'), peerAt('10.0.0.1'), peerAt('10.0.0.2')],
  ],
  [
    'instances whose node does not answer: without them',
    [tagged('one')],
    { regions, silent: ['10.0.0.1'] },
    [peerAt('10.0.0.2')],
  ],
]

for (const [title, sources, world, addresses] of found) {
  test(`peers of ${title}`, async () => {
    assert.deepEqual(await resolve(sources, world), { kind: 'resolved', addresses })
  })
}

test('instances that are not there: the text names region and tags and says what to do', async () => {
  const tags = { Network: 'pacific-1', Role: 'sentry' }
  assert.deepEqual(await resolve([named(NAMED), tagged('us-east-2', tags)], {}), {
    kind: 'failed',
    error:
      'there is no running EC2 instance in region us-east-2 with tags Network=pacific-1, Role=sentry. Correct the region or the tags of the peers, or start an instance that carries them',
  })
})

test('instances of which none answers: the text says how many they are, why the first does not, and what to do', async () => {
  assert.deepEqual(await resolve([tagged('one')], { regions, silent: regions.one }), {
    kind: 'failed',
    error:
      "none of the 2 running EC2 instances in region one with tag Network=pacific-1 tells its node id on port 26657 (10.0.0.1: connect ECONNREFUSED). Let the operator's pod reach port 26657 of them, or name the peers by static addresses",
  })
})

test('trouble that passes is waited for, all other fails', async () => {
  const outcomes = await Promise.all(
    [true, false].map(passes =>
      resolve([tagged('one')], { listInstances: () => Promise.reject(new PeerLookupError('no luck', { passes })) }),
    ),
  )
  assert.deepEqual(outcomes, [
    { kind: 'wait', message: 'no luck' },
    { kind: 'failed', error: 'no luck' },
  ])
})

test('an unexpected error is not an answer', async () => {
  await assert.rejects(
    resolve([tagged('one')], { listInstances: () => Promise.reject(new TypeError('a defect')) }),
    TypeError,
  )
})

test('an abort is no trouble of EC2', async () => {
  const stop = new AbortController()
  const resolver = createPeerResolver({
    listInstances: () => {
      stop.abort(new Error('stopped'))
      return Promise.reject(new PeerLookupError('no answer', { passes: true }))
    },
    fetchNodeID: () => assert.fail('asked'),
    now: () => 0,
  })
  await assert.rejects(resolver.resolve([tagged('one')], stop.signal), /stopped/)
})

test('at most 16 nodes are asked at once, and all of them are asked', async () => {
  const hosts = Array.from({ length: 40 }, (_, i) => `10.0.1.${i}`)
  let atOnce = 0
  let most = 0
  const resolver = createPeerResolver({
    listInstances: () => Promise.resolve(hosts),
    fetchNodeID: async host => {
      most = Math.max(most, (atOnce += 1))
      await new Promise(setImmediate)
      atOnce -= 1
      return idOf(host)
    },
    now: () => 0,
  })
  const { kind, ...rest } = await resolver.resolve([tagged('one')], signal)
  assert.deepEqual([kind, rest, most], ['resolved', { addresses: hosts.map(peerAt) }, 16])
})

test('nodes with the same source share one listing, whatever the order of its tags', async () => {
  let listings = 0
  const resolver = createPeerResolver({
    listInstances: async () => {
      listings += 1
      await new Promise(setImmediate)
      return ['10.0.0.1']
    },
    fetchNodeID: host => Promise.resolve(idOf(host)),
    now: () => 0,
  })
  const one = tagged('one', { a: '1', b: '2' })
  const other = tagged('one', { b: '2', a: '1' })
  await Promise.all([resolver.resolve([one], signal), resolver.resolve([other], signal)])
  await resolver.resolve([one], signal)
  assert.equal(listings, 1)
  await resolver.resolve([tagged('two', { a: '1', b: '2' })], signal)
  assert.equal(listings, 2)
})
