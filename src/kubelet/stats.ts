/** Asks kubelets how full the volumes of their pods are: `kubeletClient`. */
import { Agent } from 'node:https'
import type { ClusterConfig, TlsConfig } from '../kube/cluster-config.ts'
import type { Headers } from '../kube/credentials.ts'
import { type Answer, exchange } from '../kube/exchange.ts'
import { codeOf, HttpError, messageOf } from '../kube/http-error.ts'
import { RenewedTls } from '../kube/renewed-tls.ts'
import type { Amount, VolumeUse } from '../volumes/track.ts'

/** The kubelet's port where nothing else is configured. */
export const KUBELET_PORT = 10_250
const PATH = '/stats/summary'
/** A kubelet with many pods takes seconds. */
const TIMEOUT_MS = 20_000
const CONNECT_TIMEOUT_MS = 5_000
/** Some kilobytes per pod, with all of its containers. */
const MAX_BODY_BYTES = 32 * 1024 * 1024

/** What is asked of kubelets. Rejects with a KubeletError. */
export interface KubeletClient {
  /** The use of each mounted claim, by `NAMESPACE/NAME`. */
  readonly volumes: (host: string, signal: AbortSignal) => Promise<ReadonlyMap<string, VolumeUse>>
}

/**
 * - `unreachable`: no connection, or no complete answer in time.
 * - `unverified`: its certificate is not of the cluster's authority, or not for its address.
 * - `unauthorized` (401): it does not accept the operator's credentials.
 * - `forbidden` (403): the operator lacks the right.
 * - `malformed`: an answer without statistics.
 */
export type KubeletFailure = 'unreachable' | 'unverified' | 'unauthorized' | 'forbidden' | 'malformed'

export class KubeletError extends Error {
  override readonly name = 'KubeletError'
  readonly kind: KubeletFailure

  constructor(kind: KubeletFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
  }
}

export interface KubeletOptions {
  /** Those of the client of the API server. */
  readonly config: Pick<ClusterConfig, 'tls' | 'readTls' | 'credentials'>
  readonly monotonic: () => number
  /** True: any serving certificate will do. */
  readonly isInsecure: boolean
  /** `KUBELET_PORT` by default. */
  readonly port?: number
  /** `MAX_BODY_BYTES` by default. */
  readonly maxBodyBytes?: number
}

/** Keeps no connection: a kubelet is asked seldom. */
export function kubeletClient(options: KubeletOptions): KubeletClient {
  const { config, monotonic, isInsecure, port = KUBELET_PORT, maxBodyBytes = MAX_BODY_BYTES } = options
  const renewed = new RenewedTls(config, monotonic)
  let used: { readonly tls: TlsConfig; readonly agent: Agent } | undefined

  return {
    volumes: async (host, signal) => {
      const [tls, proof] = await Promise.all([renewed.current(), config.credentials.headers()]).catch(
        (cause: unknown) => {
          throw new KubeletError('unauthorized', `no credentials: ${messageOf(cause)}`, cause)
        },
      )
      const answer = await ask(host, proof, agentFor(tls), signal).catch((cause: unknown) => {
        const error = failureOf(cause)
        if (error.kind === 'unverified') renewed.doubt()
        throw error
      })
      if (answer.status === 401) config.credentials.refresh(proof)
      return readVolumes(answer)
    },
  }

  function agentFor(tls: TlsConfig): Agent {
    if (used?.tls === tls) return used.agent
    const { ca, cert, key } = tls
    const agent = new Agent({
      rejectUnauthorized: !isInsecure,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    })
    used = { tls, agent }
    return agent
  }

  function ask(host: string, headers: Headers, agent: Agent, signal: AbortSignal): Promise<Answer> {
    const target = { isSecure: true, host, port }
    return exchange(agent, target, {
      method: 'GET',
      path: PATH,
      headers: { ...headers, accept: 'application/json' },
      timeoutMs: TIMEOUT_MS,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      maxBodyBytes,
      signal,
    })
  }
}

/** The codes of OpenSSL and Node for a certificate that is refused. */
const REFUSED_CERTIFICATE = /CERT|SIGNATURE|ISSUER|^INVALID_(CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$/

function failureOf(cause: unknown): KubeletError {
  if (!(cause instanceof HttpError)) return new KubeletError('unreachable', messageOf(cause), cause)
  const isRefused = cause.kind === 'connect' && REFUSED_CERTIFICATE.test(codeOf(cause.cause))
  if (isRefused) return new KubeletError('unverified', cause.message, cause)
  if (cause.kind === 'too-large' || cause.kind === 'malformed')
    return new KubeletError('malformed', cause.message, cause)
  if (cause.kind !== 'timeout') return new KubeletError('unreachable', cause.message, cause)
  const [what, ms] = cause.isSent ? ['answer', TIMEOUT_MS] : ['connection', CONNECT_TIMEOUT_MS]
  return new KubeletError('unreachable', `no ${what} within ${ms / 1000} s`, cause)
}

function readVolumes({ status, text }: Answer): ReadonlyMap<string, VolumeUse> {
  if (status === 401) throw new KubeletError('unauthorized', 'HTTP 401')
  if (status === 403) throw new KubeletError('forbidden', 'HTTP 403')
  if (status !== 200) throw new KubeletError('malformed', `HTTP ${status}`)
  const pods = fieldOf(parse(text), 'pods')
  if (!Array.isArray(pods)) throw new KubeletError('malformed', 'an answer without pods')
  const volumes = pods.flatMap((pod: unknown) => {
    const list = fieldOf(pod, 'volume')
    return Array.isArray(list) ? list : []
  })
  return new Map(volumes.flatMap((volume: unknown) => readVolume(volume)))
}

/** One that is no claim, or that the kubelet has not measured yet, has no entry. */
function readVolume(volume: unknown): readonly (readonly [key: string, VolumeUse])[] {
  const claim = fieldOf(volume, 'pvcRef')
  const [namespace, name] = [fieldOf(claim, 'namespace'), fieldOf(claim, 'name')]
  const bytes = amountOf(fieldOf(volume, 'usedBytes'), fieldOf(volume, 'capacityBytes'))
  if (typeof namespace !== 'string' || typeof name !== 'string' || !bytes) return []
  const inodes = amountOf(fieldOf(volume, 'inodesUsed'), fieldOf(volume, 'inodes'))
  const measuredAt = timeOf(fieldOf(volume, 'time'))
  return [[`${namespace}/${name}`, { bytes, inodes, ...(measuredAt !== undefined && { measuredAt }) }]]
}

function timeOf(text: unknown): number | undefined {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

/** A file system without a limit of inodes reports 0. */
function amountOf(used: unknown, total: unknown): Amount | undefined {
  if (typeof used !== 'number' || typeof total !== 'number') return undefined
  return used >= 0 && total > 0 && Number.isFinite(used + total) ? { used, total } : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new KubeletError('malformed', 'an answer that is not JSON', cause)
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
