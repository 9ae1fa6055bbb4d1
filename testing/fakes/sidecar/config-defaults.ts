/** The defaults of a full config-apply, in seid's TOML: a full node's files, and what other modes change. */

/** Without mode and moniker. */
export const CONFIG_TOML = `db-backend = "goleveldb"
log-level = "info"
log-format = "plain"

[rpc]
laddr = "tcp://0.0.0.0:26657"
cors-allowed-origins = []
cors-allowed-methods = ["HEAD", "GET", "POST"]
cors-allowed-headers = ["Origin", "Accept", "Content-Type", "X-Requested-With", "X-Server-Time"]
max-open-connections = 900
lag-threshold = 300

[p2p]
laddr = "tcp://0.0.0.0:26656"
external-address = ""
persistent-peers = ""
blocksync-peers = ""
private-peer-ids = ""
unconditional-peer-ids = ""
max-connections = 100
send-rate = 20971520
recv-rate = 20971520
pex = true
queue-type = "simple-priority"
allow-duplicate-ip = false

[mempool]
size = 5000
duplicate-txs-cache-size = 100000

[statesync]
enable = false
rpc-servers = ""
trust-height = 0
trust-hash = ""
trust-period = "168h0m0s"
backfill-blocks = 0
use-local-snapshot = false
fetchers = 2

[consensus]
gossip-tx-key-only = true

[tx-index]
indexer = ["kv"]

[instrumentation]
prometheus = true
`

/** seid treats an absent key as zero or empty, and does not start without some of them. */
export const APP_TOML = `minimum-gas-prices = "0.01usei"
halt-height = 0
min-retain-blocks = 100000
occ-enabled = true
concurrency-workers = 500
pruning = "nothing"
pruning-keep-recent = "0"
pruning-keep-every = "0"
pruning-interval = "0"

[state-sync]
snapshot-interval = 0
snapshot-keep-recent = 2
snapshot-directory = ""

[state-commit]
sc-enable = true
sc-directory = ""
sc-async-commit-buffer = 100
sc-write-mode = "cosmos_only"
sc-read-mode = "cosmos_only"
sc-keep-recent = 0
sc-snapshot-interval = 10000
sc-snapshot-min-time-interval = 3600
sc-snapshot-writer-limit = 0
sc-snapshot-prefetch-threshold = 0.8

[state-store]
ss-enable = true
ss-keep-recent = 100000
ss-backend = "pebbledb"
ss-async-write-buffer = 100
ss-prune-interval = 600
ss-import-num-workers = 1

[evm]
http_enabled = true
http_port = 8545
ws_enabled = true
ws_port = 8546
cors_origins = "*"
slow = false
deny_list = []
max_trace_lookback_blocks = 10000

[api]
enable = true
address = "tcp://0.0.0.0:1317"
max-open-connections = 1000
rpc-read-timeout = 10
rpc-max-body-bytes = 1000000

[grpc]
enable = true
address = "0.0.0.0:9090"

[giga_executor]
enabled = false

[evm_query]
evm_query_gas_limit = 300000

[grpc-web]
address = "0.0.0.0:9091"

[telemetry]
prometheus-retention-time = 7200
global-labels = []

[wasm]
query_gas_limit = 300000

[light_invariance]
supply_enabled = true
`

const QUIET = {
  'chain.min_retain_blocks': '0',
  'chain.concurrency_workers': '20',
  'storage.state_store.enable': 'false',
  'tx_index.indexer': 'null',
  'evm.http_enabled': 'false',
  'evm.ws_enabled': 'false',
  'api.rest.enable': 'false',
  'api.grpc.enable': 'false',
  'network.rpc.listen_address': 'tcp://127.0.0.1:26657',
  'network.p2p.listen_address': 'tcp://127.0.0.1:26656',
}

/** As overrides of a full node's files. */
export const MODE_OVERRIDES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  full: {},
  archive: {
    'chain.min_retain_blocks': '0',
    'storage.state_store.keep_recent': '0',
    'evm.max_trace_lookback_blocks': '-1',
  },
  validator: QUIET,
  seed: {
    ...QUIET,
    'storage.pruning': 'everything',
    'network.p2p.max_connections': '1000',
    'network.p2p.allow_duplicate_ip': 'true',
  },
}
