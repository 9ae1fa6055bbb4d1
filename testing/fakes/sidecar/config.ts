/** The configuration of one node, as seictl writes it to config.toml and app.toml: from a mode's defaults, with overrides, checked. */
import { parse, stringify } from 'smol-toml'
import type { TomlTable, TomlValue } from 'smol-toml'

import { isRecord } from '../../../src/sidecar/task-result.ts'
import { APP_TOML, CONFIG_TOML, MODE_OVERRIDES } from './config-defaults.ts'
import type { Home } from './home.ts'
import type { Profile } from './profile.ts'

export interface SeiConfig {
  readonly mode: string
  /** Of the files' format. */
  readonly version: number
  readonly 'config.toml': TomlTable
  readonly 'app.toml': TomlTable
}

type File = 'config.toml' | 'app.toml'

export const MODES: readonly string[] = Object.keys(MODE_OVERRIDES)
const PRUNING: readonly unknown[] = ['default', 'nothing', 'everything', 'custom']

/** Where overrides are written: the first row whose name the key is, or begins with where that ends in a separator. */
const PLACES: readonly (readonly [name: string, file: File, path: string])[] = [
  ['chain.moniker', 'config.toml', 'moniker'],
  ['chain.min_gas_prices', 'app.toml', 'minimum-gas-prices'],
  ['chain.', 'app.toml', ''],
  ['logging.', 'config.toml', 'log-'],
  ['network.rpc.listen_address', 'config.toml', 'rpc.laddr'],
  ['network.rpc.pprof_listen_address', 'config.toml', 'rpc.pprof-laddr'],
  ['network.rpc.', 'config.toml', 'rpc.'],
  ['network.p2p.listen_address', 'config.toml', 'p2p.laddr'],
  ['network.p2p.', 'config.toml', 'p2p.'],
  ['mempool.', 'config.toml', 'mempool.'],
  ['state_sync.', 'config.toml', 'statesync.'],
  ['consensus.wal_path', 'config.toml', 'consensus.wal-file'],
  ['consensus.', 'config.toml', 'consensus.'],
  ['tx_index.', 'config.toml', 'tx-index.'],
  ['metrics.enabled', 'config.toml', 'instrumentation.prometheus'],
  ['metrics.', 'config.toml', 'instrumentation.'],
  ['storage.db_path', 'config.toml', 'db-dir'],
  ['storage.db_backend', 'config.toml', 'db-backend'],
  ['storage.snapshot_', 'app.toml', 'state-sync.snapshot-'],
  ['storage.state_commit.memiavl.', 'app.toml', 'state-commit.sc-'],
  ['storage.state_commit.', 'app.toml', 'state-commit.sc-'],
  ['storage.state_store.', 'app.toml', 'state-store.ss-'],
  ['storage.', 'app.toml', ''],
  ['evm.', 'app.toml', 'evm.'],
  ['api.rest.', 'app.toml', 'api.'],
  ['api.grpc.', 'app.toml', 'grpc.'],
  ['api.grpc_web.', 'app.toml', 'grpc-web.'],
]

export interface Problem {
  readonly severity: 'ERROR'
  readonly field: string
  readonly message: string
}

/** The moniker is the container's host name unless an override names one. */
export function freshConfig(mode: string, moniker: string, { configVersion }: Profile): SeiConfig {
  const config = {
    mode,
    version: configVersion,
    'config.toml': { mode, moniker, ...parse(CONFIG_TOML) },
    'app.toml': parse(APP_TOML),
  }
  applyOverrides(config, MODE_OVERRIDES[mode] ?? {})
  return config
}

/** Throws where a file is missing or was not written by seictl: `reading PATH: ...`. */
export function readConfig(home: Home): SeiConfig {
  const files = { 'config.toml': readToml(home, 'config.toml'), 'app.toml': readToml(home, 'app.toml') }
  // `seid init` quotes numbers, which seictl does not read.
  if (typeof valueAt(files['config.toml'], 'mempool.duplicate-txs-cache-size') === 'string') {
    const types = 'TOML value has type string; destination has type integer'
    throw new Error(`reading ${home.root}/config/config.toml: toml: incompatible types: ${types}`)
  }
  const [mode, version] = [valueAt(files['app.toml'], 'sei.mode'), valueAt(files['app.toml'], 'sei.version')]
  return { mode: typeof mode === 'string' ? mode : '', version: Number(version ?? 1), ...files }
}

export function writeConfig(home: Home, { mode, version, ...files }: SeiConfig): void {
  // Tendermint does not know archive nodes; the real mode is kept in app.toml.
  writeToml(home, 'config.toml', { ...files['config.toml'], mode: mode === 'archive' ? 'full' : mode })
  writeToml(home, 'app.toml', { ...files['app.toml'], sei: { mode, version } })
}

/** Throws at the first override that seictl would refuse. */
export function applyOverrides(config: SeiConfig, overrides: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(overrides)) {
    const place = PLACES.find(([name]) => key === name || (/[._]$/.test(name) && key.startsWith(name)))
    if (place === undefined) throw new Error(`unknown override key ${JSON.stringify(key)}`)
    const [name, file, start] = place
    const rest = key.slice(name.length)
    const path = start + (name === 'evm.' ? rest : rest.replaceAll('_', '-'))
    try {
      setAt(config[file], path, typed(value, valueAt(config[file], path)))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`applying override ${JSON.stringify(key)}=${JSON.stringify(value)}: ${why}`, { cause: error })
    }
  }
}

/** Validation of config-apply and config-validate: one of each kind of seictl's rules. */
export function problemsOf(config: SeiConfig, { configVersion }: Profile): readonly Problem[] {
  const problems: Problem[] = []
  const add = (field: string, message: string): void => void problems.push({ severity: 'ERROR', field, message })
  if (config.version > configVersion) {
    add('version', `config version ${config.version} is newer than supported version ${configVersion}; upgrade`)
  }
  if (Number(valueAt(config['app.toml'], 'concurrency-workers')) < -1) {
    add('chain.concurrency_workers', 'concurrency_workers must be >= -1')
  }
  const pruning = valueAt(config['app.toml'], 'pruning')
  if (!PRUNING.includes(pruning)) {
    add('storage.pruning', `unknown pruning strategy ${JSON.stringify(pruning)}; valid: ${PRUNING.join(', ')}`)
  }
  if (pruning === 'everything' && Number(valueAt(config['app.toml'], 'state-sync.snapshot-interval')) > 0) {
    add('storage', "cannot enable snapshots with 'everything' pruning strategy")
  }
  return problems
}

/** Sets keys of config.toml by their paths, and keeps all others. */
export function editConfigToml(home: Home, edits: Readonly<Record<string, TomlValue>>): void {
  const table = readToml(home, 'config.toml')
  for (const [path, value] of Object.entries(edits)) setAt(table, path, value)
  writeToml(home, 'config.toml', table)
}

export function persistentPeers(home: Home): readonly string[] {
  const peers = valueAt(readToml(home, 'config.toml'), 'p2p.persistent-peers')
  return typeof peers === 'string' && peers !== '' ? peers.split(',') : []
}

/** At its start seictl makes its two directories, and a small config.toml where there is none: `seid init` refuses after that. */
export function prepareHome(home: Home): void {
  home.makeDirectory('config')
  home.makeDirectory('data')
  if (home.read('config/config.toml') !== undefined) return
  writeToml(home, 'config.toml', { mode: 'full', p2p: { 'persistent-peers': '' } })
}

function readToml(home: Home, file: File): TomlTable {
  const path = `${home.root}/config/${file}`
  const content = home.read(`config/${file}`)
  if (content === undefined) throw new Error(`reading ${path}: open ${path}: no such file or directory`)
  return parse(content)
}

function writeToml(home: Home, file: File, table: TomlTable): void {
  home.write(`config/${file}`, stringify(table))
}

/** An override in the type of the existing value; for a new key, in the type that it looks like. */
function typed(text: string, found: TomlValue | undefined): TomlValue {
  const isNumber = /^[+-]?\d+(\.\d+)?$/.test(text)
  if (typeof found === 'number' && !isNumber) throw new Error(text === '' ? 'EOF' : 'expected integer')
  if (typeof found === 'boolean' && text !== 'true' && text !== 'false') {
    throw new Error(`invalid bool value: ${JSON.stringify(text)}`)
  }
  if (Array.isArray(found)) return text.split(',').map(item => item.trim())
  if (typeof found === 'string') return text
  return isNumber ? Number(text) : text === 'true' || text === 'false' ? text === 'true' : text
}

function valueAt(table: TomlTable, path: string): TomlValue | undefined {
  let found: TomlValue | undefined = table
  for (const name of path.split('.')) found = isTable(found) ? found[name] : undefined
  return found
}

function setAt(table: TomlTable, path: string, value: TomlValue): void {
  const names = path.split('.')
  const last = names.pop() ?? ''
  let at = table
  for (const name of names) {
    const found = at[name]
    const below: TomlTable = isTable(found) ? found : {}
    at[name] = below
    at = below
  }
  at[last] = value
}

function isTable(value: TomlValue | undefined): value is TomlTable {
  return isRecord(value) && !(value instanceof Date)
}
