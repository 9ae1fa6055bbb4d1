/** The rules that config-apply and config-validate check; `validate` returns every finding. */
import { parseGoDuration } from '../../../../src/lib/go-duration.ts'
import type { SeiConfig } from './config.ts'
import { MODES } from './defaults.ts'

export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING'
  readonly field: string
  readonly message: string
}

const PRUNING: readonly string[] = ['default', 'nothing', 'everything', 'custom']

export function validate(config: SeiConfig, maxVersion: number): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  const error = (field: string, message: string): void => void found.push({ severity: 'ERROR', field, message })
  const number = (key: string): number => Number(config.values.get(key) ?? 0)
  const string = (key: string): string => String(config.values.get(key) ?? '')
  const flag = (key: string): boolean => config.values.get(key) === true

  if (config.mode === '') error('mode', 'mode must be set')
  else if (!MODES.includes(config.mode)) {
    error('mode', `unknown mode ${JSON.stringify(config.mode)}; valid modes: ${MODES.join(', ')}`)
  }
  if (config.version < 1) error('version', 'config version must be >= 1')
  if (config.version > maxVersion) {
    const hint = 'upgrade or run `seictl config migrate`'
    error('version', `config version ${config.version} is newer than supported version ${maxVersion}; ${hint}`)
  }
  if (string('chain.min_gas_prices') === '') error('chain.min_gas_prices', 'min_gas_prices must be set')
  if (number('chain.concurrency_workers') < -1) error('chain.concurrency_workers', 'concurrency_workers must be >= -1')
  for (const key of NOT_NEGATIVE) if (number(key) < 0) error(key, 'must be >= 0')
  if (flag('state_sync.enable')) validateStateSync(config, error)

  const pruning = string('storage.pruning')
  if (!PRUNING.includes(pruning)) {
    const message = `unknown pruning strategy ${JSON.stringify(pruning)}; valid: ${PRUNING.join(', ')}`
    error('storage.pruning', message)
  }
  if (flag('evm.http_enabled') && number('evm.http_port') <= 0) {
    error('evm.http_port', 'must be > 0 when HTTP is enabled')
  }
  if (flag('evm.ws_enabled') && number('evm.ws_port') <= 0) error('evm.ws_port', 'must be > 0 when WS is enabled')
  const format = string('logging.format')
  if (!['plain', 'text', 'json'].includes(format)) {
    error('logging.format', `unknown format ${JSON.stringify(format)}; valid: plain, text, json`)
  }
  if (pruning === 'everything' && number('storage.snapshot_interval') > 0) {
    error('storage', "cannot enable snapshots with 'everything' pruning strategy")
  }
  return found
}

const NOT_NEGATIVE: readonly string[] = [
  'network.rpc.max_open_connections',
  'network.p2p.send_rate',
  'network.p2p.recv_rate',
  'mempool.size',
]

function validateStateSync(config: SeiConfig, error: (field: string, message: string) => void): void {
  const { values } = config
  const servers = values.get('state_sync.rpc_servers')
  if (!Array.isArray(servers) || servers.length < 2) {
    error('state_sync.rpc_servers', 'at least two RPC servers are required when not using P2P')
  }
  if ((parseGoDuration(String(values.get('state_sync.trust_period') ?? '')) ?? 0) <= 0) {
    error('state_sync.trust_period', 'must be > 0 when state sync is enabled')
  }
  if (Number(values.get('state_sync.trust_height')) <= 0) {
    error('state_sync.trust_height', 'must be > 0 when state sync is enabled')
  }
  const hash = String(values.get('state_sync.trust_hash') ?? '')
  if (hash === '') error('state_sync.trust_hash', 'must be set when state sync is enabled')
  else if (!/^([0-9a-f]{2})+$/i.test(hash)) error('state_sync.trust_hash', 'invalid hex: encoding/hex: invalid byte')
  if (Number(values.get('state_sync.fetchers')) <= 0) error('state_sync.fetchers', 'must be > 0')
  if (Number(values.get('state_sync.backfill_blocks') ?? 0) < 0) error('state_sync.backfill_blocks', 'must be >= 0')
}
