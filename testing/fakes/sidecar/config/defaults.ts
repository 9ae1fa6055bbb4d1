/** What a full config-apply starts from: the defaults of each mode. */
import type { Profile } from '../profile.ts'
import type { ConfigValue, SeiConfig } from './config.ts'

export const MODES: readonly string[] = ['validator', 'full', 'seed', 'archive']

type Values = Readonly<Record<string, ConfigValue>>

/** The moniker is the container's host name unless an override names one. */
export function defaultsFor(mode: string, hostname: string, profile: Profile): SeiConfig {
  const values = { ...BASE, 'chain.moniker': hostname, ...modeValues(mode, profile) }
  return { mode, version: profile.configVersion, values: new Map(Object.entries(values)) }
}

const BASE: Values = {
  'logging.level': 'info',
  'logging.format': 'plain',
  'storage.db_backend': 'goleveldb',
  'network.rpc.listen_address': 'tcp://127.0.0.1:26657',
  'network.rpc.cors_allowed_methods': ['HEAD', 'GET', 'POST'],
  'network.rpc.cors_allowed_headers': ['Origin', 'Accept', 'Content-Type', 'X-Requested-With', 'X-Server-Time'],
  'network.rpc.max_open_connections': 900,
  'network.rpc.lag_threshold': 300,
  'network.p2p.listen_address': 'tcp://127.0.0.1:26656',
  'network.p2p.max_connections': 100,
  'network.p2p.send_rate': 20_971_520,
  'network.p2p.recv_rate': 20_971_520,
  'network.p2p.pex': true,
  'network.p2p.queue_type': 'simple-priority',
  'mempool.size': 5000,
  'mempool.duplicate_txs_cache_size': 100_000,
  'state_sync.trust_period': '168h0m0s',
  'state_sync.fetchers': 2,
  'consensus.gossip_transaction_key_only': true,
  'tx_index.indexer': ['kv'],
  'metrics.enabled': true,
  'chain.min_gas_prices': '0.01usei',
  'chain.occ_enabled': true,
  'chain.concurrency_workers': 20,
  'storage.pruning': 'nothing',
  'storage.pruning_keep_recent': '0',
  'storage.pruning_keep_every': '0',
  'storage.pruning_interval': '0',
  'storage.snapshot_keep_recent': 2,
  'storage.state_commit.enable': true,
  'storage.state_store.enable': true,
  'storage.state_store.keep_recent': 100_000,
  'evm.http_enabled': true,
  'evm.http_port': 8545,
  'evm.ws_enabled': true,
  'evm.ws_port': 8546,
  'evm.cors_origins': '*',
  'evm.max_trace_lookback_blocks': 10_000,
  'api.grpc.enable': true,
  // What follows are seid's own defaults: where a key is absent, it takes zero or nothing for it, and does not start.
  'storage.state_commit.async_commit_buffer': 100,
  'storage.state_commit.write_mode': 'cosmos_only',
  'storage.state_commit.read_mode': 'cosmos_only',
  'storage.state_commit.memiavl.snapshot_interval': 10_000,
  'storage.state_commit.memiavl.snapshot_min_time_interval': 3600,
  'storage.state_commit.memiavl.snapshot_prefetch_threshold': 0.8,
  'storage.state_store.backend': 'pebbledb',
  'storage.state_store.async_write_buffer': 100,
  'storage.state_store.prune_interval_seconds': 600,
  'storage.state_store.import_num_workers': 1,
  'api.rest.address': 'tcp://0.0.0.0:1317',
  'api.rest.max_open_connections': 1000,
  'api.rest.rpc_read_timeout': 10,
  'api.rest.rpc_max_body_bytes': 1_000_000,
  'api.grpc.address': '0.0.0.0:9090',
  'api.grpc_web.address': '0.0.0.0:9091',
  'metrics.prometheus_retention_time': 7200,
  'wasm.query_gas_limit': 300_000,
  'evm.query.gas_limit': 300_000,
  'light_invariance.supply_enabled': true,
}

const FULL: Values = {
  'network.rpc.listen_address': 'tcp://0.0.0.0:26657',
  'network.p2p.listen_address': 'tcp://0.0.0.0:26656',
  'chain.concurrency_workers': 500,
  'chain.min_retain_blocks': 100_000,
  'api.rest.enable': true,
}

const ARCHIVE: Values = {
  ...FULL,
  'chain.min_retain_blocks': 0,
  'storage.state_store.keep_recent': 0,
  'evm.max_trace_lookback_blocks': -1,
}

const QUIET: Values = {
  'tx_index.indexer': ['null'],
  'api.rest.enable': false,
  'storage.state_store.enable': false,
  'evm.http_enabled': false,
  'evm.ws_enabled': false,
}

const SEED: Values = {
  ...QUIET,
  'api.grpc.enable': false,
  'network.p2p.max_connections': 1000,
  'network.p2p.allow_duplicate_ip': true,
  'storage.pruning': 'everything',
}

function modeValues(mode: string, profile: Profile): Values {
  switch (mode) {
    case 'validator':
      return {
        ...QUIET,
        'api.grpc.enable': false,
        'network.rpc.listen_address': `tcp://${profile.validatorListens}:26657`,
        'network.p2p.listen_address': `tcp://${profile.validatorListens}:26656`,
      }
    case 'seed':
      return SEED
    case 'archive':
      return ARCHIVE
    default:
      return profile.fullPruning === 'nothing'
        ? FULL
        : {
            ...FULL,
            'storage.pruning': 'custom',
            'storage.pruning_keep_recent': '86400',
            'storage.pruning_keep_every': '500',
            'storage.pruning_interval': '10',
          }
  }
}
