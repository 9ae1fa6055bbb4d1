/** config-apply and config-validate: what they take, what they refuse, what they lose. */
import assert from 'node:assert/strict'

import { seidInit } from '../../testing/fakes/sidecar/index.ts'
import type { Sidecar } from './contract.ts'
import { contract } from './contract.ts'

const PEERS = 'a0@one:26656,b1@two:26656'

type Overrides = Readonly<Record<string, string>>

function params(overrides: Overrides, mode = 'full', incremental = false): Readonly<Record<string, unknown>> {
  return { mode, incremental, targetVersion: 0, overrides }
}

function read(sidecar: Sidecar, file: 'config.toml' | 'app.toml'): string {
  return sidecar.home.read(`config/${file}`) ?? ''
}

contract('a full config-apply writes both files from the mode and the overrides', async sidecar => {
  const overrides = {
    'storage.pruning': 'nothing',
    'storage.snapshot_interval': '2000',
    'storage.snapshot_keep_recent': '5',
    'network.p2p.listen_address': 'tcp://0.0.0.0:26650',
    'chain.moniker': 'named',
  }
  await sidecar.completes('config-apply', params(overrides, 'validator'))
  assert.match(read(sidecar, 'app.toml'), /^pruning = ["']nothing["']$/m)
  assert.match(read(sidecar, 'app.toml'), /^\s*snapshot-interval = 2000$/m)
  assert.match(read(sidecar, 'app.toml'), /^\s*snapshot-keep-recent = 5$/m)
  assert.match(read(sidecar, 'app.toml'), /^\[sei\]\n\s*mode = ["']validator["']/m)
  assert.match(read(sidecar, 'config.toml'), /^mode = ["']validator["']$/m)
  assert.match(read(sidecar, 'config.toml'), /^moniker = ["']named["']$/m)
  assert.match(read(sidecar, 'config.toml'), /\[p2p\][^[]*laddr = ["']tcp:\/\/0\.0\.0\.0:26650["']/)
})

contract('archive is full to seid and archive to seictl', async sidecar => {
  await sidecar.completes('config-apply', params({}, 'archive'))
  assert.match(read(sidecar, 'config.toml'), /^mode = ["']full["']$/m)
  assert.match(read(sidecar, 'app.toml'), /^\[sei\]\n\s*mode = ["']archive["']/m)
})

contract('a full config-apply wants a mode, and an unknown override key writes nothing', async sidecar => {
  const missing = 'config-apply: mode is required for non-incremental config resolution'
  assert.equal(await sidecar.fails('config-apply'), missing)
  const error = await sidecar.fails('config-apply', params({ 'p2p.persistent_peers': PEERS }))
  assert.equal(error, 'config-apply: applying overrides: unknown override key "p2p.persistent_peers"')
  assert.equal(sidecar.home.read('config/app.toml'), undefined)
})

contract('values of the wrong type, and values that break a rule, are refused', async sidecar => {
  const refusals: readonly (readonly [Overrides, RegExp])[] = [
    [{ 'storage.snapshot_interval': 'abc' }, /^config-apply: .*"storage\.snapshot_interval"="abc": expected integer$/],
    [{ 'evm.http_enabled': 'maybe' }, /"evm\.http_enabled"="maybe": invalid bool value: "maybe"$/],
    [{ 'storage.pruning': 'sometimes' }, /^config validation failed: \[.*"field":"storage\.pruning"/],
    [{ 'chain.concurrency_workers': '-2' }, /^config validation failed: .*concurrency_workers must be (>|\\u003e)= -1/],
    [
      { 'storage.pruning': 'everything', 'storage.snapshot_interval': '2000' },
      /^config validation failed: .*cannot enable snapshots with 'everything' pruning strategy/,
    ],
  ]
  for (const [overrides, error] of refusals) assert.match(await sidecar.fails('config-apply', params(overrides)), error)
})

contract('a full config-apply erases peers and state sync; an incremental one keeps both', async sidecar => {
  const peers = { 'network.p2p.persistent_peers': PEERS, 'state_sync.trust_hash': 'ab' }
  await sidecar.completes('config-apply', params(peers))
  await sidecar.completes('config-apply', params({ 'logging.level': 'debug' }, '', true))
  assert.match(read(sidecar, 'config.toml'), new RegExp(`persistent-peers = ["']${PEERS}["']`))
  assert.match(read(sidecar, 'config.toml'), /trust-hash = ["']ab["']/)
  assert.match(read(sidecar, 'config.toml'), /log-level = ["']debug["']/)
  await sidecar.completes('config-apply', params({}))
  assert.match(read(sidecar, 'config.toml'), /persistent-peers = ["']["']/)
  assert.match(read(sidecar, 'config.toml'), /trust-hash = ["']["']/)
  assert.match(read(sidecar, 'config.toml'), /log-level = ["']info["']/)
})

contract('an incremental config-apply and config-validate want an app.toml', async sidecar => {
  const missing = /reading .*app\.toml/
  assert.match(await sidecar.fails('config-apply', params({}, 'full', true)), missing)
  assert.match(await sidecar.fails('config-validate'), missing)
})

contract(
  'neither can read what `seid init` writes, until a full config-apply',
  async sidecar => {
    seidInit(sidecar.home, { chainId: 'arctic-1', moniker: 'raw', overwrite: true })
    assert.match(await sidecar.fails('config-apply', params({}, 'full', true)), /incompatible types: TOML value/)
    assert.match(await sidecar.fails('config-validate'), /^config-validate: reading config: /)
    await sidecar.completes('config-apply', params({}))
    await sidecar.completes('config-validate')
    await sidecar.completes('config-apply', params({}, 'full', true))
  },
  // The fake is as strict at every release; the operator never asks for it.
  { when: profile => profile.release < 64 },
)

contract('a configuration of a newer format is refused', async sidecar => {
  await sidecar.completes('config-apply', params({}))
  sidecar.home.write('config/app.toml', read(sidecar, 'app.toml').replace(/version = \d+/, 'version = 99'))
  const refused = /config validation failed: .*"field":"version"/
  assert.match(await sidecar.fails('config-apply', params({}, 'full', true)), refused)
  assert.match(await sidecar.fails('config-validate'), refused)
})
