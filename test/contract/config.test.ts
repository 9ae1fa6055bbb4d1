/** config-apply, config-validate, config-reload and config-patch: what they take, what they refuse, what they lose. */
import assert from 'node:assert/strict'

import { seidInit } from '../../testing/fakes/sidecar/index.ts'
import type { Sidecar } from './contract.ts'
import { contract } from './contract.ts'

const PEERS = 'a0@one:26656,b1@two:26656'

async function apply(sidecar: Sidecar, overrides: object, mode = 'full', incremental = false): Promise<void> {
  await sidecar.completes('config-apply', { mode, incremental, targetVersion: 0, overrides })
}

function refusal(sidecar: Sidecar, overrides: object, mode = 'full'): Promise<string> {
  return sidecar.fails('config-apply', { mode, incremental: false, targetVersion: 0, overrides })
}

function configToml(sidecar: Sidecar): string {
  return sidecar.home.read('config/config.toml') ?? ''
}

contract('a full config-apply wants a known mode', async sidecar => {
  const missing = 'config-apply: mode is required for non-incremental config resolution'
  assert.equal(await sidecar.fails('config-apply', {}), missing)
  assert.equal(await sidecar.fails('config-apply'), missing)
  assert.equal(await sidecar.fails('config-apply', { mode: 'x' }), 'config-apply: invalid mode "x"')
})

contract('an unknown override key is refused and nothing is written', async sidecar => {
  const error = await refusal(sidecar, { 'p2p.persistent_peers': PEERS })
  assert.equal(error, 'config-apply: applying overrides: unknown override key "p2p.persistent_peers"')
  assert.equal(sidecar.home.read('config/app.toml'), undefined)
})

const BAD_VALUES: readonly (readonly [key: string, value: string, error: RegExp])[] = [
  ['storage.snapshot_interval', 'abc', /^config-apply: .*"storage\.snapshot_interval"="abc": expected integer$/],
  ['storage.snapshot_interval', '', /"storage\.snapshot_interval"="": (unexpected )?EOF$/],
  ['chain.halt_height', '-', /"chain\.halt_height"="-": /],
  ['evm.http_enabled', 'maybe', /"evm\.http_enabled"="maybe": invalid bool value: "maybe"$/],
  ['state_sync.trust_period', 'a week', /"state_sync\.trust_period"="a week": /],
  ['chain.min_gas_prices', '', /^config validation failed: .*min_gas_prices must be set/],
  ['storage.pruning', 'sometimes', /^config validation failed: .*"field":"storage\.pruning"/],
  ['chain.concurrency_workers', '-2', /^config validation failed: .*concurrency_workers must be (>|\\u003e)= -1/],
  ['logging.format', 'xml', /^config validation failed: .*"field":"logging\.format"/],
  ['evm.http_port', '0', /^config validation failed: .*must be (>|\\u003e) 0 when HTTP is enabled/],
]
for (const [key, value, error] of BAD_VALUES) {
  contract(`override ${key}="${value}" is refused`, async sidecar => {
    assert.match(await refusal(sidecar, { [key]: value }), error)
  })
}

contract('pruning everything and snapshots exclude each other', async sidecar => {
  const overrides = { 'storage.pruning': 'everything', 'storage.snapshot_interval': '2000' }
  assert.equal(
    await refusal(sidecar, overrides),
    'config validation failed: [{"severity":"ERROR","field":"storage",' +
      '"message":"cannot enable snapshots with \'everything\' pruning strategy"}]',
  )
})

contract('lists cannot be overridden before v0.0.50', async sidecar => {
  const overrides = { 'tx_index.indexer': 'kv' }
  if (sidecar.profile.listOverrides) await apply(sidecar, overrides)
  else assert.match(await refusal(sidecar, overrides), /unsupported field type: \[\]string$/)
})

contract(
  'an override that is no string is blanked, which fails a number and empties a text',
  async sidecar => {
    assert.match(await refusal(sidecar, { 'storage.snapshot_interval': 2000 }), /"storage\.snapshot_interval"="": /)
    await apply(sidecar, { 'network.p2p.external_address': 7 })
    assert.match(configToml(sidecar), /external-address = ["']["']/)
  },
  { when: profile => profile.params === 'lenient' },
)

contract(
  'a parameter of the wrong type fails the task with the decoder’s words',
  async sidecar => {
    const table: readonly (readonly [object, RegExp])[] = [
      [{ mode: 7 }, /^parsing params: json: cannot unmarshal number into Go struct field .*mode of type/],
      [{ mode: 'full', incremental: 'no' }, /cannot unmarshal string into Go struct field .*incremental of type bool/],
      [
        { mode: 'full', targetVersion: 1.5 },
        /cannot unmarshal number 1\.5 into Go struct field .*targetVersion of type int/,
      ],
      [{ mode: 'full', overrides: { 'chain.moniker': 7 } }, /cannot unmarshal number into Go struct field .*overrides/],
      [{ mode: 'full', overrides: ['x'] }, /cannot unmarshal array into Go struct field .*overrides/],
    ]
    for (const [params, error] of table) assert.match(await sidecar.fails('config-apply', params), error)
  },
  { when: profile => profile.params === 'strict' },
)

contract(
  'a parameter of the wrong type counts as absent',
  async sidecar => {
    await sidecar.completes('config-apply', { mode: 'full', incremental: 'yes', targetVersion: '3', overrides: 7 })
    assert.equal(
      await sidecar.fails('config-apply', { mode: 7 }),
      'config-apply: mode is required for non-incremental config resolution',
    )
  },
  { when: profile => profile.params === 'lenient' },
)

contract('full config-apply erases peers and state sync; incremental keeps both', async sidecar => {
  await apply(sidecar, { 'network.p2p.persistent_peers': PEERS, 'state_sync.trust_hash': 'ab' })
  await apply(sidecar, { 'logging.level': 'debug' }, '', true)
  assert.match(configToml(sidecar), new RegExp(`persistent-peers = ["']${PEERS}["']`))
  assert.match(configToml(sidecar), /trust-hash = ["']ab["']/)
  assert.match(configToml(sidecar), /log-level = ["']debug["']/)
  await apply(sidecar, {})
  assert.match(configToml(sidecar), /persistent-peers = ["']["']/)
  assert.match(configToml(sidecar), /trust-hash = ["']["']/)
  assert.match(configToml(sidecar), /log-level = ["']info["']/)
})

contract('incremental needs files that seictl wrote: there is no app.toml', async sidecar => {
  const error = await sidecar.fails('config-apply', { incremental: true, overrides: {} })
  assert.match(error, /^config-apply incremental: reading current config: reading .*app\.toml/)
})

contract(
  'incremental and config-validate cannot read what `seid init` writes, until a full config-apply',
  async sidecar => {
    seidInit(sidecar.home, { chainId: 'arctic-1', moniker: 'raw', overwrite: true })
    const params = { incremental: true, overrides: {} }
    assert.match(
      await sidecar.fails('config-apply', params),
      /^config-apply incremental: .*incompatible types: TOML value/,
    )
    assert.match(await sidecar.fails('config-validate'), /^config-validate: reading config: /)
    await apply(sidecar, {})
    await sidecar.completes('config-validate')
    await sidecar.completes('config-apply', params)
  },
  { when: profile => profile.strictToml },
)

contract('targetVersion is written as it is, and config-validate refuses a future one', async sidecar => {
  await sidecar.completes('config-apply', { mode: 'full', targetVersion: 99 })
  assert.match(sidecar.home.read('config/app.toml') ?? '', /version = 99/)
  assert.match(await sidecar.fails('config-validate'), /^config validation failed: \{"valid":false,"version":99,/)
})

contract('archive is full to seid and archive to seictl', async sidecar => {
  await apply(sidecar, {}, 'archive')
  assert.match(configToml(sidecar), /^mode = ["']full["']$/m)
  assert.match(sidecar.home.read('config/app.toml') ?? '', /^\[sei\]\n\s*mode = ["']archive["']/m)
})

contract('validators listen on loopback before v0.0.24 unless told otherwise', async sidecar => {
  await apply(sidecar, {}, 'validator')
  const host = sidecar.profile.validatorListens.replaceAll('.', '\\.')
  assert.match(configToml(sidecar), new RegExp(`\\[rpc\\][^[]*laddr = ["']tcp://${host}:26657["']`))
  assert.match(configToml(sidecar), new RegExp(`\\[p2p\\][^[]*laddr = ["']tcp://${host}:26656["']`))
  await apply(sidecar, { 'network.p2p.listen_address': 'tcp://0.0.0.0:26656' }, 'validator')
  assert.match(configToml(sidecar), /laddr = ["']tcp:\/\/0\.0\.0\.0:26656["']/)
})

contract('chain.chain_id is accepted and written nowhere', async sidecar => {
  await apply(sidecar, { 'chain.chain_id': 'elsewhere-9', 'chain.moniker': 'named' })
  assert.doesNotMatch(configToml(sidecar) + (sidecar.home.read('config/app.toml') ?? ''), /elsewhere-9/)
  assert.match(configToml(sidecar), /^moniker = ["']named["']$/m)
})

contract('config-reload takes hot fields only', async sidecar => {
  await apply(sidecar, {})
  await sidecar.completes('config-reload', { fields: { 'logging.level': 'debug' } })
  assert.match(configToml(sidecar), /log-level = ["']debug["']/)
  assert.equal(
    await sidecar.fails('config-reload', { fields: { 'chain.moniker': 'x' } }),
    'config-reload: fields [chain.moniker] are not hot-reloadable and require a restart',
  )
})

contract('config-patch merges, null removes, and its integers become floats', async sidecar => {
  await apply(sidecar, {})
  const files = {
    'config.toml': { p2p: { 'persistent-peers': PEERS }, rpc: { 'lag-threshold': 77 } },
    'app.toml': { pruning: 'default', 'halt-height': null },
  }
  await sidecar.completes('config-patch', { files })
  assert.match(configToml(sidecar), /lag-threshold = 77\.0/)
  assert.match(configToml(sidecar), new RegExp(`persistent-peers = ["']${PEERS}["']`))
  assert.doesNotMatch(sidecar.home.read('config/app.toml') ?? '', /halt-height/)
  if (sidecar.profile.strictToml) assert.match(await sidecar.fails('config-validate'), /TOML value has type float64/)
  else await sidecar.completes('config-validate')
})

contract('config-patch without files succeeds to v0.0.25', async sidecar => {
  const task = await sidecar.run('config-patch', { files: {} })
  assert.equal(task['status'], sidecar.profile.emptyPatch === 'succeeds' ? 'completed' : 'failed')
})
