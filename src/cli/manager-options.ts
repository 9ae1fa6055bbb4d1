/** The flags of `manager` and their meanings; `readManagerOptions` validates all of them at once. */
import { parseBindAddress } from '../runtime/server.ts'
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from '../runtime/log.ts'

export interface ManagerOptions {
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[]
  readonly leaderElect: boolean
  readonly leaderElectionNamespace: string | undefined
  readonly metricsBindAddress: string
  readonly metricsSecure: boolean
  readonly metricsCertDir: string | undefined
  readonly healthProbeBindAddress: string
  readonly maxRestarting: number
  readonly concurrency: number
  /** Between two questions to a seid, milliseconds. */
  readonly chainInterval: number
  /** 0 to 1. */
  readonly missedShare: number
  /** Between two queries of a kubelet, milliseconds. 0: none is queried. */
  readonly volumeInterval: number
  readonly kubeletInsecureTls: boolean
  readonly logLevel: LogLevel
  readonly logFormat: LogFormat
}

interface Flag {
  readonly name: string
  /** Shown in the usage; absent for a flag that is true or false. */
  readonly value: string
  readonly default: string
  readonly meaning: string
  /** Of a flag that is a whole number. */
  readonly range?: Range
}

interface Range {
  readonly min: number
  readonly max: number
  /** Whether 0 is allowed, too. */
  readonly mayBeOff?: boolean
}

const RANGES = {
  'max-restarting': { min: 1, max: 10_000 },
  concurrency: { min: 1, max: 512 },
  'chain-interval': { min: 1, max: 60 },
  'missed-blocks': { min: 1, max: 99 },
  'volume-interval': { min: 10, max: 600, mayBeOff: true },
} as const satisfies Record<string, Range>

/** In the order of `--help`. */
export const MANAGER_FLAGS = [
  flag('kubeconfig', 'path', '', "kubeconfig to use; default: $KUBECONFIG, the pod's service account, ~/.kube/config"),
  flag('context', 'name', '', 'context of the kubeconfig; default: the current one'),
  flag('namespaces', 'names', '', 'comma-separated namespaces to watch; default: all'),
  flag('leader-elect', 'true|false', 'true', 'work only while holding the lease, so that replicas do not interfere'),
  flag(
    'leader-election-namespace',
    'name',
    '',
    "namespace of the lease; default: the pod's own, or that of the kubeconfig's context",
  ),
  flag('metrics-bind-address', 'address', ':8443', 'where /metrics is served; 0 turns it off'),
  flag(
    'metrics-secure',
    'true|false',
    'true',
    'serve /metrics by HTTPS, to those alone whom the API server lets get it',
  ),
  flag(
    'metrics-cert-dir',
    'path',
    '',
    'tls.crt and tls.key for /metrics, read anew when they change; default: self-signed; not with --metrics-secure=false',
  ),
  flag('health-probe-bind-address', 'address', ':8081', 'where /healthz and /readyz are served; 0 turns them off'),
  number(
    'max-restarting',
    'number',
    '1',
    'SeiNodes of one chain and of no pool that restart at once for a change of the operator',
  ),
  number('concurrency', 'number', '32', 'nodes, and pools, that are worked on at once'),
  number('chain-interval', 'seconds', '15', 'how often each running seid is asked how it follows its chain'),
  number(
    'missed-blocks',
    'percent',
    '50',
    'a validator that misses more than this share of the sampled blocks is reported as not signing',
  ),
  number('volume-interval', 'seconds', '60', 'how often the kubelet of each node is asked how full its volumes are'),
  flag(
    'kubelet-insecure-tls',
    'true|false',
    'false',
    'accept any serving certificate of kubelets, not only those that the authority of the cluster signed',
  ),
  flag('log-level', LOG_LEVELS.join('|'), 'info', 'the least weight of a line that is logged'),
  flag('log-format', LOG_FORMATS.join('|'), 'json', 'json for machines, text for people'),
] as const satisfies readonly Flag[]

export type FlagName = (typeof MANAGER_FLAGS)[number]['name']

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/**
 * @param given the given flags with their values
 * @param problems collects every problem: the flag, its value and the allowed values
 * @returns undefined if a flag is invalid
 */
export function readManagerOptions(
  given: Readonly<Partial<Record<FlagName, string>>>,
  problems: string[],
): ManagerOptions | undefined {
  const before = problems.length
  const flags: readonly Flag[] = MANAGER_FLAGS
  const find = (name: FlagName): Flag | undefined => flags.find(each => each.name === name)
  const raw = (name: FlagName): string => given[name] ?? find(name)?.default ?? ''
  const wrong = (name: FlagName, allowed: string): void => {
    problems.push(`--${name} must be ${allowed}, found ${JSON.stringify(raw(name))}`)
  }
  const options: ManagerOptions = {
    kubeconfig: raw('kubeconfig') || undefined,
    context: raw('context') || undefined,
    namespaces: namespaces(),
    leaderElect: oneOf('leader-elect', ['true', 'false']) === 'true',
    leaderElectionNamespace: namespace('leader-election-namespace'),
    metricsBindAddress: bindAddress('metrics-bind-address'),
    metricsSecure: oneOf('metrics-secure', ['true', 'false']) === 'true',
    metricsCertDir: raw('metrics-cert-dir') || undefined,
    healthProbeBindAddress: bindAddress('health-probe-bind-address'),
    maxRestarting: wholeNumber('max-restarting'),
    concurrency: wholeNumber('concurrency'),
    chainInterval: 1000 * wholeNumber('chain-interval'),
    missedShare: wholeNumber('missed-blocks') / 100,
    volumeInterval: 1000 * wholeNumber('volume-interval'),
    kubeletInsecureTls: oneOf('kubelet-insecure-tls', ['true', 'false']) === 'true',
    logLevel: oneOf('log-level', LOG_LEVELS),
    logFormat: oneOf('log-format', LOG_FORMATS),
  }
  if (options.metricsCertDir !== undefined && raw('metrics-secure') === 'false') {
    wrong('metrics-cert-dir', 'empty with --metrics-secure=false, which serves /metrics by plain HTTP')
  }
  return problems.length > before ? undefined : Object.freeze(options)

  function namespaces(): readonly string[] {
    const names = raw('namespaces')
      .split(',')
      .map(name => name.trim())
      .filter(name => name !== '')
    if (!names.every(name => NAMESPACE.test(name))) wrong('namespaces', 'namespace names separated by commas')
    return [...new Set(names)]
  }

  function namespace(name: FlagName): string | undefined {
    const value = raw(name)
    if (value !== '' && !NAMESPACE.test(value)) wrong(name, 'the name of a namespace')
    return value || undefined
  }

  function oneOf<T extends string>(name: FlagName, allowed: readonly [T, ...T[]]): T {
    const found = allowed.find(each => each === raw(name))
    if (found === undefined) wrong(name, `one of ${allowed.join(', ')}`)
    return found ?? allowed[0]
  }

  function bindAddress(name: FlagName): string {
    try {
      parseBindAddress(raw(name))
    } catch {
      wrong(name, 'HOST:PORT, :PORT or 0')
    }
    return raw(name)
  }

  function wholeNumber(name: keyof typeof RANGES): number {
    const { min, max, mayBeOff = false }: Range = RANGES[name]
    const value = Number(raw(name))
    if (mayBeOff && raw(name) === '0') return 0
    const allowed = `a whole number from ${min} to ${max}`
    if (!Number.isInteger(value) || value < min || value > max) wrong(name, mayBeOff ? `${allowed}, or 0` : allowed)
    return value
  }
}

function flag<Name extends string>(
  name: Name,
  value: string,
  fallback: string,
  meaning: string,
): Flag & { readonly name: Name } {
  return { name, value, default: fallback, meaning }
}

/** A flag that is a whole number. Its meaning ends with its range. */
function number<Name extends keyof typeof RANGES>(
  name: Name,
  value: string,
  fallback: string,
  meaning: string,
): Flag & { readonly name: Name } {
  const range: Range = RANGES[name]
  const { min, max, mayBeOff = false } = range
  const bounds = `${min} to ${max}${mayBeOff ? '; 0 turns it off' : ''}`
  return { ...flag(name, value, fallback, `${meaning}, ${bounds}`), range }
}
