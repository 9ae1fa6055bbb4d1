/** What overrides do to the two files. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { MemoryHome } from '../home.ts'
import { profileOf } from '../profile.ts'
import { applyOverrides, readConfig, writeConfig } from './config.ts'
import { defaultsFor } from './defaults.ts'
import { CONFIG_KEYS } from './keys.ts'
import { parseToml } from './toml.ts'

const profile = profileOf('v0.0.61')

/** Both files after these overrides on a full node's defaults. */
function written(overrides: Readonly<Record<string, string>>) {
  const home = new MemoryHome()
  const config = defaultsFor('full', 'node-0', profile)
  applyOverrides(config, overrides, profile)
  writeConfig(home, config)
  const read = (name: string) => parseToml(home.read(`config/${name}`) ?? '')
  return { home, tendermint: read('config.toml'), app: read('app.toml') }
}

test('no two keys share a name, or a place in a file', () => {
  assert.equal(new Set(CONFIG_KEYS.map(({ key }) => key)).size, CONFIG_KEYS.length)
  assert.equal(new Set(CONFIG_KEYS.map(({ file, path }) => `${file} ${path}`)).size, CONFIG_KEYS.length)
})

test('keys whose defaults are not played are written where they are set, under the names that seid reads', () => {
  const { tendermint, app } = written({
    'network.p2p.dial_timeout': '5s',
    'network.rpc.pprof_listen_address': 'localhost:6060',
    'storage.state_store.prune_interval_seconds': '600',
    'evm.max_blocks_for_log': '2000',
  })
  assert.deepEqual([tendermint.get('p2p.dial-timeout'), tendermint.get('rpc.pprof-laddr')], ['5s', 'localhost:6060'])
  assert.deepEqual([app.get('state-store.ss-prune-interval'), app.get('evm.max_blocks_for_log')], [600, 2000])
  assert.equal(tendermint.has('p2p.handshake-timeout'), false)
})

test('what was set stays when the files are read and written again', () => {
  const { home } = written({ 'mempool.ttl_num_blocks': '10', 'state_sync.fetchers': '4' })
  writeConfig(home, readConfig(home, profile))
  const again = parseToml(home.read('config/config.toml') ?? '')
  assert.deepEqual([again.get('mempool.ttl-num-blocks'), again.get('statesync.fetchers')], [10, 4])
})

test('an override of a key that nobody knows is refused', () => {
  assert.throws(() => written({ 'p2p.dial-timeout': '5s' }), /unknown override key "p2p.dial-timeout"/)
})
