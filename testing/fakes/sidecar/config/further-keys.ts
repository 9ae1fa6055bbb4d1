/** Configuration keys that the fake takes without knowing their defaults: it writes them only where they were set. */
import type { ConfigKey, KeyType } from './keys.ts'

/** Names between blanks; `name=in-file` where the file has another than the same with dashes for underscores. */
type Fields = Partial<Record<KeyType, string>>

interface Section {
  readonly file: ConfigKey['file']
  /** Before the field's name in an override, and in the file. */
  readonly key: string
  readonly path: string
  /** Names in the file keep their underscores. */
  readonly underscores?: true
  readonly fields: Fields
}

const SECTIONS: readonly Section[] = [
  { file: 'config.toml', key: 'chain.', path: '', fields: { string: 'proxy_app abci', bool: 'filter_peers' } },
  { file: 'config.toml', key: 'storage.', path: '', fields: { string: 'db_path=db-dir' } },
  {
    file: 'config.toml',
    key: 'network.rpc.',
    path: 'rpc.',
    fields: {
      bool: 'unsafe experimental_disable_websocket',
      int: 'max_subscription_clients max_subscriptions_per_client event_log_max_items max_body_bytes max_header_bytes',
      duration: 'event_log_window_size timeout_broadcast_tx_commit timeout_read',
      string: 'tls_cert_file tls_key_file pprof_listen_address=pprof-laddr',
    },
  },
  {
    file: 'config.toml',
    key: 'network.p2p.',
    path: 'p2p.',
    fields: {
      string: 'bootstrap_peers',
      bool: 'upnp',
      uint: 'max_incoming_connection_attempts',
      int: 'max_packet_msg_payload_size',
      duration: 'flush_throttle_timeout handshake_timeout dial_timeout dial_interval',
    },
  },
  {
    file: 'config.toml',
    key: 'consensus.',
    path: 'consensus.',
    fields: {
      string: 'wal_path=wal-file',
      bool: 'create_empty_blocks unsafe_bypass_commit_timeout_override',
      int: 'double_sign_check_height',
      duration:
        'create_empty_blocks_interval peer_gossip_sleep_duration peer_query_maj23_sleep_duration ' +
        'unsafe_propose_timeout_override unsafe_propose_timeout_delta_override unsafe_vote_timeout_override ' +
        'unsafe_vote_timeout_delta_override unsafe_commit_timeout_override',
    },
  },
  {
    file: 'config.toml',
    key: 'mempool.',
    path: 'mempool.',
    fields: {
      bool: 'broadcast keep_invalid_txs_in_cache check_tx_error_blacklist_enabled remove_expired_txs_from_queue',
      int:
        'max_txs_bytes cache_size max_tx_bytes max_batch_bytes ttl_num_blocks check_tx_error_threshold pending_size ' +
        'max_pending_txs_bytes pending_ttl_num_blocks drop_priority_reservoir_size',
      uint: 'tx_notify_threshold',
      float: 'drop_priority_threshold drop_utilisation_threshold',
      duration: 'ttl_duration pending_ttl_duration',
    },
  },
  {
    file: 'config.toml',
    key: 'state_sync.',
    path: 'statesync.',
    fields: {
      bool: 'use_p2p',
      string: 'temp_dir',
      duration:
        'backfill_duration discovery_time chunk_request_timeout verify_light_block_timeout blacklist_ttl ' +
        'light_block_response_timeout',
    },
  },
  { file: 'config.toml', key: 'tx_index.', path: 'tx-index.', fields: { string: 'psql_conn' } },
  {
    file: 'config.toml',
    key: 'metrics.',
    path: 'instrumentation.',
    fields: { string: 'prometheus_listen_addr namespace', int: 'max_open_connections' },
  },
  {
    file: 'config.toml',
    key: 'priv_validator.',
    path: 'priv-validator.',
    fields: { string: 'key_file state_file listen_addr=laddr client_certificate_file client_key_file root_ca_file' },
  },
  {
    file: 'config.toml',
    key: 'self_remediation.',
    path: 'self-remediation.',
    fields: {
      uint:
        'p2p_no_peers_restart_window_seconds=p2p-no-peers-available-window-seconds ' +
        'statesync_no_peers_restart_window_seconds=statesync-no-peers-available-window-seconds ' +
        'blocks_behind_threshold blocks_behind_check_interval_seconds=blocks-behind-check-interval ' +
        'restart_cooldown_seconds',
    },
  },
  {
    file: 'app.toml',
    key: 'chain.',
    path: '',
    fields: { uint: 'halt_time', bool: 'inter_block_cache', list: 'index_events' },
  },
  {
    file: 'app.toml',
    key: 'storage.',
    path: '',
    fields: { uint: 'compaction_interval', bool: 'iavl_disable_fast_node=iavl-disable-fastnode' },
  },
  {
    file: 'app.toml',
    key: 'storage.state_store.',
    path: 'state-store.ss-',
    fields: {
      string: 'db_directory backend write_mode read_mode evm_db_directory',
      int: 'async_write_buffer prune_interval_seconds=prune-interval import_num_workers',
      bool: 'keep_last_version use_default_comparer',
    },
  },
  {
    file: 'app.toml',
    key: 'evm.',
    path: 'evm.',
    underscores: true,
    fields: {
      string: 'ws_origins',
      bool: 'enable_test_api',
      int: 'max_log_no_block max_blocks_for_log max_concurrent_simulation_calls worker_pool_size worker_queue_size',
      uint: 'simulation_gas_limit max_tx_pool_txs max_subscriptions_new_head max_concurrent_trace_calls',
      duration:
        'read_timeout read_header_timeout write_timeout idle_timeout simulation_evm_timeout filter_timeout ' +
        'checktx_timeout trace_timeout rpc_stats_interval',
      list: 'enabled_legacy_sei_apis',
    },
  },
  {
    file: 'app.toml',
    key: 'evm.query.',
    path: 'evm_query.evm_query_',
    underscores: true,
    fields: { uint: 'gas_limit' },
  },
  {
    file: 'app.toml',
    key: 'evm.replay.',
    path: 'eth_replay.',
    underscores: true,
    fields: {
      bool: 'enabled=eth_replay_enabled contract_state_checks=eth_replay_contract_state_checks',
      string: 'eth_rpc eth_data_dir',
    },
  },
  {
    file: 'app.toml',
    key: 'evm.block_test.',
    path: 'eth_block_test.eth_block_test_',
    underscores: true,
    fields: { bool: 'enabled', string: 'test_data_path' },
  },
  {
    file: 'app.toml',
    key: 'api.rest.',
    path: 'api.',
    fields: {
      bool: 'swagger enable_unsafe_cors=enabled-unsafe-cors',
      string: 'address',
      uint: 'max_open_connections rpc_read_timeout rpc_write_timeout rpc_max_body_bytes',
    },
  },
  { file: 'app.toml', key: 'api.grpc.', path: 'grpc.', fields: { string: 'address' } },
  {
    file: 'app.toml',
    key: 'api.grpc_web.',
    path: 'grpc-web.',
    fields: { bool: 'enable enable_unsafe_cors', string: 'address' },
  },
  {
    file: 'app.toml',
    key: 'metrics.',
    path: 'telemetry.',
    fields: {
      string: 'service_name',
      bool: 'enable_hostname enable_hostname_label enable_service_label',
      int: 'prometheus_retention_time',
    },
  },
  {
    file: 'app.toml',
    key: 'wasm.',
    path: 'wasm.',
    underscores: true,
    fields: { uint: 'query_gas_limit lru_size' },
  },
  {
    file: 'app.toml',
    key: 'giga_executor.',
    path: 'giga_executor.',
    underscores: true,
    fields: { bool: 'occ_enabled' },
  },
  {
    file: 'app.toml',
    key: 'light_invariance.',
    path: 'light_invariance.',
    underscores: true,
    fields: { bool: 'supply_enabled' },
  },
  {
    file: 'app.toml',
    key: 'genesis.',
    path: 'genesis.',
    fields: { bool: 'stream_import', string: 'genesis_stream_file' },
  },
]

const TYPES: readonly KeyType[] = ['string', 'int', 'uint', 'float', 'bool', 'duration', 'list']

function* keysOf({ file, key, path, underscores, fields }: Section): Generator<ConfigKey> {
  for (const type of TYPES) {
    for (const field of fields[type]?.split(' ') ?? []) {
      const [name = '', inFile = underscores ? name : name.replaceAll('_', '-')] = field.split('=')
      yield { key: key + name, type, file, path: path + inFile, hot: false, optional: true }
    }
  }
}

export const FURTHER_KEYS: readonly ConfigKey[] = SECTIONS.flatMap(section => keysOf(section).toArray())
