/** discover-peers and configure-state-sync, and the order in which they must follow config-apply. */
import assert from 'node:assert/strict'

import { contract } from './contract.ts'
import type { Sidecar } from './contract.ts'

const NO_EC2 = 'needs AWS: EC2 DescribeInstances'
const NO_RPC = 'needs a peer that answers on port 26657'

function discovers(profile: { readonly release: number }): boolean {
  return profile.release <= 56
}

function peersOf(sidecar: Sidecar): string | undefined {
  return /persistent-peers = ["'](.*)["']/.exec(sidecar.home.read('config/config.toml') ?? '')?.[1]
}

contract(
  'static peers are united in order, without repeats, and replace what was there',
  async sidecar => {
    await sidecar.completes('config-apply', { mode: 'full', overrides: { 'network.p2p.persistent_peers': 'old@x:1' } })
    const sources = [
      { type: 'static', addresses: ['a@one:26656', 'b@two:26656'] },
      { type: 'static', addresses: ['b@two:26656', 'c@three:26656'] },
    ]
    await sidecar.completes('discover-peers', { sources })
    assert.equal(peersOf(sidecar), 'a@one:26656,b@two:26656,c@three:26656')
    assert.match(sidecar.home.read('config/config.toml') ?? '', /lag-threshold = 300/)
    await sidecar.completes('config-validate')
  },
  { when: discovers },
)

contract(
  'discover-peers refuses incomplete sources before it asks any',
  async sidecar => {
    // The texts changed with v0.0.26.
    const noSources = /^discover-peers: (missing required param 'sources'|sources list is empty)$/
    const table: readonly (readonly [object | undefined, RegExp])[] = [
      [undefined, noSources],
      [{ sources: [] }, noSources],
      [{ sources: [{ type: 'bogus' }] }, /source\[0\]: unknown type "bogus"$/],
      [
        { sources: [{ type: 'static' }] },
        /source\[0\]: static source (has empty addresses|missing required field 'addresses')$/,
      ],
      [
        {
          sources: [
            { type: 'static', addresses: ['a@b:1'] },
            { type: 'ec2Tags', tags: { a: 'b' } },
          ],
        },
        /source\[1\]: ec2Tags source missing required field 'region'$/,
      ],
      [
        { sources: [{ type: 'ec2Tags', region: 'eu-central-1' }] },
        /source\[0\]: ec2Tags source (has empty tags|missing required field 'tags')$/,
      ],
    ]
    for (const [params, error] of table) assert.match(await sidecar.fails('discover-peers', params), error)
    assert.equal(peersOf(sidecar), '')
  },
  { when: discovers },
)

contract(
  'dnsEndpoints are known from v0.0.30 on',
  async sidecar => {
    const sources = [{ type: 'dnsEndpoints', endpoints: ['a@peers.example:26656'] }]
    if (sidecar.profile.release >= 30) await sidecar.completes('discover-peers', { sources })
    else assert.match(await sidecar.fails('discover-peers', { sources }), /unknown type "dnsEndpoints"/)
  },
  { when: discovers, realSkip: 'needs a DNS name whose hosts answer' },
)

contract(
  'ec2Tags are resolved to peers',
  async sidecar => {
    const sources = [{ type: 'ec2Tags', region: 'eu-central-1', tags: { Chain: 'arctic-1' } }]
    await sidecar.completes('discover-peers', { sources })
    assert.match(peersOf(sidecar) ?? '', /^[0-9a-f]{40}@.+:26656$/)
  },
  { when: discovers, realSkip: NO_EC2 },
)

contract('configure-state-sync without peers fails and leaves no marker', async sidecar => {
  await sidecar.completes('config-apply', { mode: 'full' })
  assert.equal(await sidecar.fails('configure-state-sync', {}), 'configure-state-sync: no peers in config.toml')
  assert.equal(sidecar.home.read('.sei-sidecar-statesync-done'), undefined)
})

contract(
  'configure-state-sync takes its trust point from the first peer, 2000 blocks back',
  async sidecar => {
    const overrides = { 'network.p2p.persistent_peers': 'a@one:26656,b@two:26656,c@three:26656' }
    await sidecar.completes('config-apply', { mode: 'full', overrides })
    await sidecar.completes('configure-state-sync', { trustPeriod: '9999h0m0s', backfillBlocks: 5 })
    const toml = sidecar.home.read('config/config.toml') ?? ''
    assert.match(toml, /\[statesync\]\nenable = true/)
    assert.match(toml, /trust-height = 98000/)
    assert.match(toml, /trust-hash = ["'][0-9A-F]{64}["']/)
    assert.match(toml, /rpc-servers = ["']one:26657,two:26657["']/)
    assert.match(toml, /trust-period = ["']9999h0m0s["']/)
    assert.match(toml, /backfill-blocks = 5/)
    await sidecar.completes('config-validate')
  },
  { realSkip: NO_RPC },
)

contract(
  'configure-state-sync asks the servers that it is told instead of the peers, from v0.0.55 on',
  async sidecar => {
    const overrides = { 'network.p2p.persistent_peers': 'a@one:26656' }
    await sidecar.completes('config-apply', { mode: 'full', overrides })
    await sidecar.completes('configure-state-sync', { rpcServers: ['rpc-a:443', 'rpc-b:26657'] })
    const expected = sidecar.profile.release >= 55 ? /= ["']rpc-a:443,rpc-b:26657["']/ : /= ["']one:26657,one:26657["']/
    assert.match(sidecar.home.read('config/config.toml') ?? '', expected)
  },
  { realSkip: NO_RPC },
)

contract(
  'a full config-apply after configure-state-sync wipes it, and the marker keeps it from coming back',
  async sidecar => {
    const overrides = { 'network.p2p.persistent_peers': 'a@one:26656' }
    await sidecar.completes('config-apply', { mode: 'full', overrides })
    await sidecar.completes('configure-state-sync', {})
    assert.match(sidecar.home.read('config/config.toml') ?? '', /rpc-servers = ["']one:26657,one:26657["']/)
    await sidecar.completes('config-apply', { mode: 'full', overrides })
    await sidecar.completes('configure-state-sync', {})
    assert.match(sidecar.home.read('config/config.toml') ?? '', /\[statesync\]\nenable = false/)
  },
  { realSkip: NO_RPC },
)

contract(
  'configure-state-sync with useLocalSnapshot trusts the highest snapshot on the volume',
  async sidecar => {
    const overrides = { 'network.p2p.persistent_peers': 'a@one:26656' }
    await sidecar.completes('config-apply', { mode: 'full', overrides })
    assert.match(await sidecar.fails('configure-state-sync', { useLocalSnapshot: true }), /local snapshot height/)
    for (const height of [500, 1500]) sidecar.home.write(`data/snapshots/${height}/1/0`, 'chunk')
    await sidecar.completes('configure-state-sync', { useLocalSnapshot: true })
    assert.match(sidecar.home.read('config/config.toml') ?? '', /trust-height = 1500/)
    assert.match(sidecar.home.read('config/config.toml') ?? '', /use-local-snapshot = true/)
  },
  { realSkip: NO_RPC },
)
