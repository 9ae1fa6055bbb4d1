/** Overrides and entrypoints that are accepted or refused, for tests of the API server's rules and of the operator's checks. */

export interface OverrideCase {
  readonly key: string
  readonly value: string
  readonly accepted: boolean
}

const id = '0123456789abcdef0123456789abcdef01234567'

const accepted = (key: string, value: string): OverrideCase => ({ key, value, accepted: true })
const refused = (key: string, value: string): OverrideCase => ({ key, value, accepted: false })

/** On chain pacific-1, with the sidecar on 7777. */
export const OVERRIDE_CASES: readonly OverrideCase[] = [
  accepted('network.rpc.listen_address', 'tcp://0.0.0.0:26657'),
  refused('network.rpc.listen_address', 'tcp://0.0.0.0:27657'),
  refused('network.rpc.listen_address', 'tcp://127.0.0.1:26657'),
  refused('network.rpc.listen_address', ''),
  accepted('network.p2p.listen_address', 'tcp://0.0.0.0:26656'),
  refused('network.p2p.listen_address', 'tcp://0.0.0.0:27656'),
  accepted('network.p2p.external_address', 'tcp://198.51.100.7:30656'),
  accepted('evm.http_port', '8545'),
  refused('evm.http_port', '18545'),
  refused('evm.http_port', '7777'),
  refused('evm.ws_port', '8545'),
  refused('api.rest.address', 'tcp://0.0.0.0:1318'),
  refused('api.grpc.address', '0.0.0.0:9092'),
  refused('api.grpc_web.address', '0.0.0.0:9090'),
  refused('metrics.prometheus_listen_addr', ':26661'),
  accepted('metrics.prometheus_listen_addr', ':26660'),
  accepted('network.rpc.pprof_listen_address', ''),
  accepted('network.rpc.pprof_listen_address', 'localhost:6060'),
  refused('network.rpc.pprof_listen_address', '0.0.0.0:26660'),
  refused('network.rpc.pprof_listen_address', ':7777'),
  accepted('priv_validator.listen_addr', 'tcp://0.0.0.0:26659'),
  accepted('priv_validator.listen_addr', 'unix:///sei/signer.sock'),
  refused('priv_validator.listen_addr', 'tcp://0.0.0.0:9091'),
  accepted('priv_validator.key_file', 'config/priv_validator_key.json'),
  refused('priv_validator.key_file', '/keys/priv_validator_key.json'),
  refused('priv_validator.state_file', '/tmp/state.json'),
  refused('consensus.wal_path', '/tmp/wal'),
  refused('storage.db_path', '/tmp/data'),
  refused('storage.snapshot_directory', '/tmp/snapshots'),
  accepted('storage.state_store.db_directory', '/sei/data/other'),
  refused('storage.state_store.db_directory', '/var/lib/sei'),
  refused('storage.state_commit.directory', '/sei/../tmp'),
  refused('storage.state_store.evm_db_directory', '../evm'),
  accepted('network.p2p.persistent_peers', ''),
  accepted('network.p2p.persistent_peers', `${id}@peer.example:26656, ${id}@[2001:db8::1]:26656`),
  refused('network.p2p.persistent_peers', `26656:26660,${'nothex'.repeat(7).slice(0, 40)}@192.0.2.1:26656`),
  refused('network.p2p.persistent_peers', `${id}@peer.example`),
  refused('network.p2p.persistent_peers', `${id}@peer.example:26656,`),
  refused('network.p2p.bootstrap_peers', 'peer.example:26656'),
  refused('network.p2p.blocksync_peers', `${id}@peer.example:66000`),
  refused('state_sync.enable', 'true'),
  refused('state_sync.trust_height', '5'),
  refused('state_sync.fetchers', '4'),
  accepted('chain.chain_id', 'pacific-1'),
  refused('chain.chain_id', 'atlantic-2'),
  accepted('chain.moniker', 'tcp://0.0.0.0:1'),
]

export interface EntrypointCase {
  readonly entrypoint: { readonly command?: readonly string[]; readonly args?: readonly string[] }
  readonly accepted: boolean
}

export const ENTRYPOINT_CASES: readonly EntrypointCase[] = [
  { entrypoint: { args: ['start'] }, accepted: true },
  { entrypoint: { args: ['start', '--home', '/sei'] }, accepted: true },
  { entrypoint: { command: ['seid', 'start', '--home=/sei/'] }, accepted: true },
  { entrypoint: { command: ['seid', 'start', '--home'], args: ['/sei'] }, accepted: true },
  { entrypoint: { command: ['sh', '-c', 'exec seid start --home "/home/sei/.sei"'] }, accepted: true },
  { entrypoint: { command: ['sh', '-c'], args: ['exec seid start --home /sei\n'] }, accepted: true },
  {
    entrypoint: { command: ['sh', '-c'], args: ['ulimit -n 65536\nseid start --home /sei\necho over\n'] },
    accepted: true,
  },
  { entrypoint: { command: ['sh', '-c', 'seid start --home "/sei/"|tee /sei/log'] }, accepted: true },
  { entrypoint: { command: ['sh', '-c', '(exec seid start --home /sei)'] }, accepted: true },
  { entrypoint: { command: ['sh', '-c', 'seid start --home \t /sei\t--trace&'] }, accepted: true },
  { entrypoint: { args: ['start', '--home', '/data'] }, accepted: false },
  { entrypoint: { command: ['sh', '-c'], args: ['exec seid start --home /data\n'] }, accepted: false },
  { entrypoint: { command: ['sh', '-c', 'seid start --home /sei-2|tee log'] }, accepted: false },
  { entrypoint: { command: ['sh', '-c', 'seid start --home  /sei/../data'] }, accepted: false },
  { entrypoint: { args: ['start', '--home=/data'] }, accepted: false },
  { entrypoint: { args: ['start', '--home'] }, accepted: false },
  { entrypoint: { args: ['start', '--home', '/sei', '--home', '/data'] }, accepted: false },
  { entrypoint: { command: ['seid', '--home', '/data', 'start'] }, accepted: false },
  { entrypoint: { command: ['seid', 'start', '--home'], args: ['/data'] }, accepted: false },
  { entrypoint: { command: ['seid', 'start', '--home'] }, accepted: false },
  { entrypoint: { command: ['sh', '-c', 'exec seid start --home /data'] }, accepted: false },
  { entrypoint: { command: ['sh', '-c', 'exec seid start --home=/seid'] }, accepted: false },
]
