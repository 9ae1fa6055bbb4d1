/** The configuration keys that the fake knows; any other override is refused, as seictl refuses one that it does not know. */
import { FURTHER_KEYS } from './further-keys.ts'

export type KeyType = 'string' | 'int' | 'uint' | 'float' | 'bool' | 'duration' | 'list' | 'csv'

export interface ConfigKey {
  /** As in an override. */
  readonly key: string
  readonly type: KeyType
  readonly file: 'config.toml' | 'app.toml'
  readonly path: string
  readonly hot: boolean
  /** Written only where it was set: the fake does not know its default. */
  readonly optional: boolean
}

type Row = readonly [key: string, type: KeyType, path: string, flag?: 'hot']

const CONFIG_TOML: readonly Row[] = [
  ['chain.moniker', 'string', 'moniker'],
  ['storage.db_backend', 'string', 'db-backend'],
  ['logging.level', 'string', 'log-level', 'hot'],
  ['logging.format', 'string', 'log-format'],
  ['network.rpc.listen_address', 'string', 'rpc.laddr', 'hot'],
  ['network.rpc.cors_allowed_origins', 'list', 'rpc.cors-allowed-origins', 'hot'],
  ['network.rpc.cors_allowed_methods', 'list', 'rpc.cors-allowed-methods'],
  ['network.rpc.cors_allowed_headers', 'list', 'rpc.cors-allowed-headers'],
  ['network.rpc.max_open_connections', 'int', 'rpc.max-open-connections', 'hot'],
  ['network.rpc.lag_threshold', 'int', 'rpc.lag-threshold', 'hot'],
  ['network.p2p.listen_address', 'string', 'p2p.laddr'],
  ['network.p2p.external_address', 'string', 'p2p.external-address'],
  ['network.p2p.persistent_peers', 'string', 'p2p.persistent-peers', 'hot'],
  ['network.p2p.blocksync_peers', 'string', 'p2p.blocksync-peers'],
  ['network.p2p.private_peer_ids', 'string', 'p2p.private-peer-ids'],
  ['network.p2p.unconditional_peer_ids', 'string', 'p2p.unconditional-peer-ids'],
  ['network.p2p.max_connections', 'uint', 'p2p.max-connections'],
  ['network.p2p.send_rate', 'int', 'p2p.send-rate'],
  ['network.p2p.recv_rate', 'int', 'p2p.recv-rate'],
  ['network.p2p.pex', 'bool', 'p2p.pex'],
  ['network.p2p.queue_type', 'string', 'p2p.queue-type'],
  ['network.p2p.allow_duplicate_ip', 'bool', 'p2p.allow-duplicate-ip'],
  ['mempool.size', 'int', 'mempool.size', 'hot'],
  ['mempool.duplicate_txs_cache_size', 'int', 'mempool.duplicate-txs-cache-size'],
  ['state_sync.enable', 'bool', 'statesync.enable'],
  ['state_sync.rpc_servers', 'csv', 'statesync.rpc-servers'],
  ['state_sync.trust_height', 'int', 'statesync.trust-height'],
  ['state_sync.trust_hash', 'string', 'statesync.trust-hash'],
  ['state_sync.trust_period', 'duration', 'statesync.trust-period'],
  ['state_sync.backfill_blocks', 'int', 'statesync.backfill-blocks'],
  ['state_sync.use_local_snapshot', 'bool', 'statesync.use-local-snapshot'],
  ['state_sync.fetchers', 'int', 'statesync.fetchers'],
  ['consensus.gossip_transaction_key_only', 'bool', 'consensus.gossip-tx-key-only'],
  ['tx_index.indexer', 'list', 'tx-index.indexer'],
  ['metrics.enabled', 'bool', 'instrumentation.prometheus'],
]

const APP_TOML: readonly Row[] = [
  ['chain.min_gas_prices', 'string', 'minimum-gas-prices'],
  ['chain.halt_height', 'uint', 'halt-height'],
  ['chain.min_retain_blocks', 'uint', 'min-retain-blocks'],
  ['chain.occ_enabled', 'bool', 'occ-enabled'],
  ['chain.concurrency_workers', 'int', 'concurrency-workers'],
  ['storage.pruning', 'string', 'pruning'],
  ['storage.pruning_keep_recent', 'string', 'pruning-keep-recent'],
  ['storage.pruning_keep_every', 'string', 'pruning-keep-every'],
  ['storage.pruning_interval', 'string', 'pruning-interval'],
  ['storage.snapshot_interval', 'uint', 'state-sync.snapshot-interval'],
  ['storage.snapshot_keep_recent', 'uint', 'state-sync.snapshot-keep-recent'],
  ['storage.snapshot_directory', 'string', 'state-sync.snapshot-directory'],
  ['storage.state_commit.enable', 'bool', 'state-commit.sc-enable'],
  ['storage.state_commit.directory', 'string', 'state-commit.sc-directory'],
  ['storage.state_commit.async_commit_buffer', 'int', 'state-commit.sc-async-commit-buffer'],
  ['storage.state_commit.write_mode', 'string', 'state-commit.sc-write-mode'],
  ['storage.state_commit.read_mode', 'string', 'state-commit.sc-read-mode'],
  ['storage.state_commit.memiavl.snapshot_keep_recent', 'uint', 'state-commit.sc-keep-recent'],
  ['storage.state_commit.memiavl.snapshot_interval', 'uint', 'state-commit.sc-snapshot-interval'],
  ['storage.state_commit.memiavl.snapshot_min_time_interval', 'uint', 'state-commit.sc-snapshot-min-time-interval'],
  ['storage.state_commit.memiavl.snapshot_writer_limit', 'int', 'state-commit.sc-snapshot-writer-limit'],
  ['storage.state_commit.memiavl.snapshot_prefetch_threshold', 'float', 'state-commit.sc-snapshot-prefetch-threshold'],
  ['storage.state_store.enable', 'bool', 'state-store.ss-enable'],
  ['storage.state_store.keep_recent', 'int', 'state-store.ss-keep-recent'],
  ['evm.http_enabled', 'bool', 'evm.http_enabled'],
  ['evm.http_port', 'int', 'evm.http_port'],
  ['evm.ws_enabled', 'bool', 'evm.ws_enabled'],
  ['evm.ws_port', 'int', 'evm.ws_port'],
  ['evm.cors_origins', 'string', 'evm.cors_origins', 'hot'],
  ['evm.slow', 'bool', 'evm.slow'],
  ['evm.deny_list', 'list', 'evm.deny_list', 'hot'],
  ['evm.max_trace_lookback_blocks', 'int', 'evm.max_trace_lookback_blocks'],
  ['api.rest.enable', 'bool', 'api.enable'],
  ['api.grpc.enable', 'bool', 'grpc.enable'],
  ['giga_executor.enabled', 'bool', 'giga_executor.enabled'],
]

function describe(file: ConfigKey['file'], [key, type, path, flag]: Row): ConfigKey {
  return { key, type, file, path, hot: flag === 'hot', optional: false }
}

export const CONFIG_KEYS: readonly ConfigKey[] = [
  ...CONFIG_TOML.map(row => describe('config.toml', row)),
  ...APP_TOML.map(row => describe('app.toml', row)),
  ...FURTHER_KEYS,
]

/** Accepted as an override and written nowhere. */
export const UNWRITTEN_KEYS: readonly string[] = ['chain.chain_id']
