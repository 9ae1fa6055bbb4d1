/** Settings that overrides may not change, because the operator or the sidecar relies on them: `overrideRules` for the API server, `refusedOverrides` for stored objects. */
import type { GuardedField } from './guarded-rules.ts'
import { PEERS_KEY, SEID_PORTS, SIDECAR_PORT } from './names.ts'
import { PEER_LIST } from './peer-address.ts'

/** One key, or a prefix of keys if it ends in a dot. */
interface ManagedKey {
  readonly key: string
  /** The text after the key in a message. */
  readonly why: string
  /** CEL that is true where `value` is allowed; `spec` holds the overrides. */
  readonly cel: (value: string, spec: string) => string
  readonly accepts: (value: string, facts: OverrideFacts) => boolean
}

export interface OverrideFacts {
  readonly chainId: string
  readonly sidecarPort: number
  /** Characters of all values together. */
  readonly maxSize: number
}

/** Listen addresses of seid. Probes, the Service, peers and NetworkPolicies use these ports. */
const LISTENERS = {
  'network.rpc.listen_address': `tcp://0.0.0.0:${SEID_PORTS.rpc}`,
  'network.p2p.listen_address': `tcp://0.0.0.0:${SEID_PORTS.p2p}`,
  'evm.http_port': String(SEID_PORTS['evm-rpc']),
  'evm.ws_port': String(SEID_PORTS['evm-ws']),
  'api.rest.address': 'tcp://0.0.0.0:1317',
  'api.grpc.address': `0.0.0.0:${SEID_PORTS.grpc}`,
  'api.grpc_web.address': '0.0.0.0:9091',
  'metrics.prometheus_listen_addr': `:${SEID_PORTS.metrics}`,
}

/** Paths of the files that the sidecar, the ceremony and the guards against double signing use. */
const FILES = {
  'priv_validator.key_file': 'config/priv_validator_key.json',
  'priv_validator.state_file': 'data/priv_validator_state.json',
  'consensus.wal_path': 'data/cs.wal/wal',
  'storage.db_path': 'data',
  'storage.snapshot_directory': '',
}

const TAKEN_PORTS: readonly number[] = [...Object.values(SEID_PORTS), 1317, 9091]
const ENDS_IN_PORT = /:[0-9]{1,5}$/

const text = (value: string): string => JSON.stringify(value)
const matches = (value: string, pattern: RegExp): string => `${value}.matches(${text(pattern.source)})`

function exactly(values: Readonly<Record<string, string>>, why: string): readonly ManagedKey[] {
  return Object.entries(values).map(([key, allowed]) => ({
    key,
    why: `must be ${text(allowed)} or left out: ${why}`,
    cel: value => `${value} == ${text(allowed)}`,
    accepts: value => value === allowed,
  }))
}

/** Additional listeners may use any port that is not in use. */
function listener(key: string): ManagedKey {
  return {
    key,
    why: `must have a port that neither seid nor the sidecar uses: ${TAKEN_PORTS.join(', ')} and sidecar.port are taken, and one pod cannot listen twice`,
    cel: (value, spec) =>
      `!${matches(value, ENDS_IN_PORT)} || !(int(${value}.substring(${value}.lastIndexOf(":") + 1)) in [${TAKEN_PORTS.join(', ')}, has(${spec}.sidecar) ? ${spec}.sidecar.port : ${SIDECAR_PORT}])`,
    accepts: (value, { sidecarPort }) =>
      !ENDS_IN_PORT.test(value) || ![...TAKEN_PORTS, sidecarPort].includes(Number(value.split(':').at(-1))),
  }
}

function directory(key: string): ManagedKey {
  return {
    key,
    why: 'must be a directory on the data volume, below /sei or relative to it, without "..": what is elsewhere is lost with the pod',
    cel: value => `!${value}.contains("..") && (!${value}.startsWith("/") || ${value}.startsWith("/sei/"))`,
    accepts: value => !value.includes('..') && (!value.startsWith('/') || value.startsWith('/sei/')),
  }
}

function peerList(key: string): ManagedKey {
  return {
    key,
    why: 'must be peers as NODEID@HOST:PORT, separated by commas: a node id of 40 hex digits, a host name or address, and a port',
    cel: value => matches(value, PEER_LIST),
    accepts: value => PEER_LIST.test(value),
  }
}

const MANAGED: readonly ManagedKey[] = [
  ...exactly(
    LISTENERS,
    "ports are fixed, since each pod has an address of its own, and other ports are a Service's business",
  ),
  ...exactly(FILES, 'the operator and the sidecar find these files there'),
  listener('network.rpc.pprof_listen_address'),
  listener('priv_validator.listen_addr'),
  directory('storage.state_commit.directory'),
  directory('storage.state_store.db_directory'),
  directory('storage.state_store.evm_db_directory'),
  peerList(PEERS_KEY),
  peerList('network.p2p.bootstrap_peers'),
  peerList('network.p2p.blocksync_peers'),
  {
    key: 'state_sync.',
    why: 'must be left out: the bootstrap sets up state sync; say in snapshot where the state comes from, with trustPeriod and backfillBlocks',
    cel: () => 'false',
    accepts: () => false,
  },
  {
    key: 'chain.chain_id',
    why: 'must be left out: spec.chainId decides, and seid reads it from genesis.json',
    cel: value => `${value} == self.spec.chainId`,
    accepts: (value, { chainId }) => value === chainId,
  },
]

/** Keys that the operator manages; one that ends in a dot is a prefix of keys. */
export const MANAGED_KEYS: readonly string[] = MANAGED.map(({ key }) => key)

const tooLarge = (size: number): string =>
  `overrides must not have more than ${size} characters in all values together: the objects that are made of them have to fit the API server`

/**
 * @param spec path of the spec that holds `overrides` and `sidecar`, from the object's root
 * @param maxSize characters of all values together
 */
export function overrideRules(spec: string, maxSize: number): readonly GuardedField[] {
  const field = `${spec}.overrides`
  const ofKeys = MANAGED.map(({ key, why, cel }): GuardedField => {
    const isPrefix = key.endsWith('.')
    return {
      field,
      message: `overrides: ${key}${isPrefix ? '*' : ''} ${why}`,
      allows: (overrides, unchanged) =>
        isPrefix
          ? `${overrides}.all(k, !k.startsWith(${text(key)}) || ${cel(`${overrides}[k]`, `self.${spec}`)} || ${unchanged('k')})`
          : `!(${text(key)} in ${overrides}) || (${cel(`${overrides}[${text(key)}]`, `self.${spec}`)}) || ${unchanged(text(key))}`,
    }
  })
  const ofSize: GuardedField = {
    field,
    message: tooLarge(maxSize),
    allows: (overrides, unchanged) =>
      `${overrides}.map(k, ${overrides}[k].size()).sum() <= ${maxSize} || ${unchanged()}`,
  }
  return [...ofKeys, ofSize]
}

/** The messages that the rules give for the overrides of a stored object. */
export function refusedOverrides(overrides: Readonly<Record<string, string>>, facts: OverrideFacts): readonly string[] {
  const wrong = Object.entries(overrides).flatMap(([key, value]) =>
    MANAGED.filter(managed => key === managed.key || (managed.key.endsWith('.') && key.startsWith(managed.key)))
      .filter(({ accepts }) => !accepts(value, facts))
      .map(({ why }) => `overrides: ${key} ${why}`),
  )
  const size = Object.values(overrides).reduce((sum, value) => sum + value.length, 0)
  return size > facts.maxSize ? [...wrong, tooLarge(facts.maxSize)] : wrong
}
