/** discover-peers and configure-state-sync, and the order in which they must follow config-apply. */
import assert from 'node:assert/strict'

import type { Profile } from '../../testing/fakes/sidecar/index.ts'
import { contract } from './contract.ts'
import type { Sidecar } from './contract.ts'

const NO_EC2 = 'needs AWS: EC2 DescribeInstances'
const NO_RPC = 'needs a peer that answers on port 26657'
const THREE_PEERS = 'a@one:26656,b@two:26656,c@three:26656'

const discovers = (profile: Profile): boolean => profile.discoversPeers

function configToml({ home }: Sidecar): string {
  return home.read('config/config.toml') ?? ''
}

async function applyPeers(sidecar: Sidecar, peers: string): Promise<void> {
  await sidecar.completes('config-apply', { mode: 'full', overrides: { 'network.p2p.persistent_peers': peers } })
}

contract(
  'static peers are united in order, without repeats, and replace what was there',
  async sidecar => {
    await applyPeers(sidecar, 'old@x:1')
    const sources = [
      { type: 'static', addresses: ['a@one:26656', 'b@two:26656'] },
      { type: 'static', addresses: ['b@two:26656', 'c@three:26656'] },
    ]
    await sidecar.completes('discover-peers', { sources })
    assert.match(configToml(sidecar), new RegExp(`persistent-peers = ["']${THREE_PEERS}["']`))
    assert.match(configToml(sidecar), /lag-threshold = 300/)
    await sidecar.completes('config-validate')
    // The texts changed with v0.0.26.
    const error = /^discover-peers: (missing required param 'sources'|sources list is empty)$/
    assert.match(await sidecar.fails('discover-peers', { sources: [] }), error)
  },
  { when: discovers },
)

contract(
  'ec2Tags are resolved to peers',
  async sidecar => {
    const sources = [{ type: 'ec2Tags', region: 'eu-central-1', tags: { Chain: 'arctic-1' } }]
    await sidecar.completes('discover-peers', { sources })
    assert.match(configToml(sidecar), /persistent-peers = ["'][0-9a-f]{40}@.+:26656["']/)
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
    await applyPeers(sidecar, THREE_PEERS)
    await sidecar.completes('configure-state-sync', { trustPeriod: '9999h0m0s', backfillBlocks: 5 })
    const toml = configToml(sidecar)
    assert.match(toml, /\[statesync\]\s*enable = true/)
    assert.match(toml, /trust-height = 98000/)
    assert.match(toml, /trust-hash = ["'][0-9A-F]{64}["']/)
    assert.match(toml, /rpc-servers = ["']one:26657,two:26657["']/)
    assert.match(toml, /trust-period = ["']9999h0m0s["']/)
    assert.match(toml, /backfill-blocks = 5/)
  },
  { realSkip: NO_RPC },
)

contract(
  'rpcServers are asked in the place of the peers, by newer releases',
  async sidecar => {
    await applyPeers(sidecar, 'a@one:26656')
    await sidecar.completes('configure-state-sync', { rpcServers: ['rpc-a:443', 'rpc-b:26657'] })
    const servers = sidecar.profile.takesRpcServers ? 'rpc-a:443,rpc-b:26657' : 'one:26657,one:26657'
    assert.match(configToml(sidecar), new RegExp(`rpc-servers = ["']${servers}["']`))
  },
  { realSkip: NO_RPC },
)

contract(
  'a full config-apply after configure-state-sync wipes it, and the marker keeps it from coming back',
  async sidecar => {
    await applyPeers(sidecar, THREE_PEERS)
    await sidecar.completes('configure-state-sync', {})
    await applyPeers(sidecar, THREE_PEERS)
    await sidecar.completes('configure-state-sync', {})
    assert.match(configToml(sidecar), /\[statesync\]\s*enable = false/)
  },
  { realSkip: NO_RPC },
)

contract(
  'configure-state-sync with useLocalSnapshot trusts the highest snapshot on the volume',
  async sidecar => {
    await applyPeers(sidecar, 'a@one:26656')
    assert.match(await sidecar.fails('configure-state-sync', { useLocalSnapshot: true }), /local snapshot height/)
    for (const height of [500, 1500]) sidecar.home.write(`data/snapshots/${height}/1/0`, 'chunk')
    await sidecar.completes('configure-state-sync', { useLocalSnapshot: true })
    assert.match(configToml(sidecar), /trust-height = 1500/)
    assert.match(configToml(sidecar), /use-local-snapshot = true/)
  },
  { realSkip: NO_RPC },
)
