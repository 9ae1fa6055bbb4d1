/** Queries the kubelets whose machines run a node's pod, and keeps how full each data volume is: `VolumeObserver`. */
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { childNames } from '../../../build/names.ts'
import { isSilence } from '../../../kube/http-error.ts'
import { type KubeletClient, KubeletError, type KubeletFailure } from '../../../kubelet/stats.ts'
import { backoffMs } from '../../../lib/backoff.ts'
import { type CallLimiter, SilentTargetError } from '../../../runtime/call-limiter.ts'
import { aborted, type Clock, sleep } from '../../../runtime/clock.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import type { Store } from '../../../runtime/store.ts'
import { type SeenSize, seenSize } from '../../../volumes/resized-at.ts'
import {
  announce,
  type Announced,
  evaluateSpace,
  fullAt,
  type GrowthForecast,
  growthForecast,
  isGrowthNews,
  type VolumeSpace,
} from '../../../volumes/space.ts'
import { sampled, type VolumeTrack, type VolumeUse } from '../../../volumes/track.ts'
import { recordedSpace } from './record.ts'

export interface VolumeObserverOptions {
  readonly nodes: Pick<Store<SeiNode>, 'values' | 'get'>
  readonly pods: Pick<Store<Pod>, 'get'>
  /** By its namespace and name. */
  readonly claim: (key: string) => Readonly<PersistentVolumeClaim> | undefined
  readonly kubelets: KubeletClient
  readonly limiter: CallLimiter
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** Between two queries of a kubelet that answers, milliseconds. 0: none is queried. */
  readonly intervalMs: number
  /** The share in use, in percent, at which the volume of that node grows; undefined if it does not grow by itself. */
  readonly growsAtPercent?: (node: Readonly<SeiNode>) => number | undefined
}

/** Why the use of a volume is not known. */
export interface UnknownUse {
  readonly kind: KubeletFailure | 'off' | 'absent'
  readonly host: string
  /** The error of a kubelet. */
  readonly detail: string
}

/** What is said of a volume. Its figures are those of the last transition. */
export type VolumeFinding =
  | {
      readonly kind: 'known'
      readonly space: VolumeSpace
      readonly announced: Announced
      /** An earlier process said the same, perhaps with other figures. */
      readonly isRecorded: boolean
      /** Of a volume that grows by itself. */
      readonly growth?: GrowthForecast
    }
  | { readonly kind: 'unknown'; readonly why: UnknownUse }

/** What reconciles read, by the key of the node. */
export type VolumeView = Pick<VolumeObserver, 'finding' | 'known' | 'observeSize'>

/** The present figures of a volume. */
export interface KnownUse {
  readonly use: VolumeUse
  /** Milliseconds since the epoch; undefined while it is not known, or for one that does not fill. */
  readonly fullAt: number | undefined
  /** Of the last days, one an hour, oldest first. */
  readonly earlier: readonly VolumeUse[]
}

interface Watched {
  readonly claim: string
  /** Of the claim: a track is of one volume. */
  readonly uid: string | undefined
  /** The address of its machine; undefined while no pod has one. */
  host: string | undefined
  track: VolumeTrack | undefined
  /** What was said last, by an earlier process too. */
  announced: Announced | undefined
  finding: VolumeFinding | undefined
  /** Since when the kubelet has not reported it. Monotonic, milliseconds. */
  unknownSince: number | undefined
}

interface Kubelet {
  /** Monotonic, milliseconds. */
  dueAt: number
  /** Queries since its last answer. */
  failures: number
  isAsked: boolean
}

/** Queries of one kubelet are spread by this share of the interval. */
const JITTER = 0.2
/** The longest pause between two queries of a kubelet that fails. */
const MAX_PAUSE_MS = 600_000
/** For this long the last use holds: pods restart, and kubelets measure a volume once in a minute. */
const GRACE_MS = 600_000
/** The schedule is checked this many times in an interval. */
const TICKS = 60

/**
 * The one store of what is known of the use of volumes. Reconciles and metrics read it. Nothing of it is on the API server,
 * and no request to it is made. A new process knows each volume after one query, and its pace after some hours.
 */
export class VolumeObserver {
  readonly #options: VolumeObserverOptions
  readonly #watched = new Map<string, Watched>()
  readonly #kubelets = new Map<string, Kubelet>()
  /** By the key of the node. */
  readonly #sizes = new Map<string, SeenSize>()
  /** Reconciles a SeiNode whose finding changed; set when its controller exists. */
  wake: (node: Readonly<SeiNode>) => void = () => {}

  constructor(options: VolumeObserverOptions) {
    this.#options = options
  }

  /** Undefined until its kubelet answers or fails for the first time. */
  finding(key: string): VolumeFinding | undefined {
    if (this.#options.intervalMs === 0) return { kind: 'unknown', why: { kind: 'off', host: '', detail: '' } }
    return this.#watched.get(key)?.finding
  }

  /** Undefined while the use is not known. */
  known(node: Readonly<SeiNode>): KnownUse | undefined {
    const { track, finding } = this.#watched.get(keyOf(node)) ?? {}
    if (!track || finding?.kind !== 'known') return undefined
    return { use: track.last, fullAt: fullAt(track, this.#options.clock.now()), earlier: track.hourly }
  }

  /**
   * Remembers the size of the claim as the caller has read it, and tells when it last grew.
   * @returns milliseconds since the epoch; undefined where it has not grown, or nobody knows
   */
  observeSize(node: Readonly<SeiNode>, claim: Readonly<PersistentVolumeClaim>): number | undefined {
    const key = keyOf(node)
    const size = seenSize(this.#sizes.get(key), claim, this.#options.clock.now())
    if (size && this.#options.intervalMs > 0) this.#sizes.set(key, size)
    return size?.resizedAt
  }

  /** Runs while this process leads. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock, intervalMs } = this.#options
    if (intervalMs === 0) return aborted(stop)
    while (!stop.aborted) {
      this.#tick(stop)
      await sleep(intervalMs / TICKS, stop, clock).catch(() => undefined)
    }
  }

  #tick(stop: AbortSignal): void {
    const hosts = new Set<string>()
    for (const node of this.#options.nodes.values()) {
      const { host, claim: name } = this.#watch(node)
      if (host !== undefined) hosts.add(host)
      const claim = this.#options.claim(`${node.metadata.namespace}/${name}`)
      if (claim) this.observeSize(node, claim)
    }
    for (const key of this.#watched.keys()) if (!this.#options.nodes.get(key)) this.#watched.delete(key)
    for (const key of this.#sizes.keys()) if (!this.#options.nodes.get(key)) this.#sizes.delete(key)
    for (const host of this.#kubelets.keys()) if (!hosts.has(host)) this.#kubelets.delete(host)
    for (const host of hosts) this.#queryWhenDue(host, stop)
  }

  #watch(node: Readonly<SeiNode>): Watched {
    const [key, { dataVolume: claim, pod }] = [keyOf(node), childNames(node)]
    const uid = node.status?.dataVolume?.uid
    const host = this.#options.pods.get(`${node.metadata.namespace}/${pod}`)?.status?.hostIP
    let watched = this.#watched.get(key)
    if (!watched || watched.claim !== claim || watched.uid !== uid) {
      const fresh = { track: undefined, finding: undefined, unknownSince: undefined }
      watched = { ...fresh, claim, uid, host, announced: recordedSpace(node) }
      this.#watched.set(key, watched)
    }
    watched.host = host
    return watched
  }

  #queryWhenDue(host: string, stop: AbortSignal): void {
    const { clock, random, intervalMs } = this.#options
    const now = clock.monotonic()
    let kubelet = this.#kubelets.get(host)
    if (!kubelet) {
      // A new process asks all of them.
      kubelet = { dueAt: now + JITTER * random() * intervalMs, failures: 0, isAsked: false }
      this.#kubelets.set(host, kubelet)
    }
    if (kubelet.isAsked || now < kubelet.dueAt) return
    kubelet.isAsked = true
    void this.#query(host, kubelet, stop)
  }

  async #query(host: string, kubelet: Kubelet, stop: AbortSignal): Promise<void> {
    const { kubelets, limiter, intervalMs, clock, random } = this.#options
    const maxMs = Math.max(MAX_PAUSE_MS, intervalMs)
    let volumes: ReadonlyMap<string, VolumeUse> = new Map()
    let why: UnknownUse = { kind: 'absent', host, detail: '' }
    try {
      const call = (): Promise<typeof volumes> => kubelets.volumes(host, stop)
      volumes = await limiter.run({ target: `kubelet ${host}`, call, isSilence, signal: stop, maxPauseMs: maxMs })
      kubelet.failures = 0
    } catch (error) {
      why = failureOf(host, error)
      kubelet.failures += 1
    }
    kubelet.isAsked = false
    if (stop.aborted) return
    const attempt = Math.max(0, kubelet.failures - 1)
    kubelet.dueAt = clock.monotonic() + backoffMs(attempt, { initialMs: intervalMs, maxMs, jitter: JITTER }, random())
    for (const [key, watched] of this.#watched) {
      const node = this.#options.nodes.get(key)
      if (watched.host !== host || !node) continue
      const use = volumes.get(`${node.metadata.namespace}/${watched.claim}`)
      if (use) this.#measure(node, watched, use)
      else this.#miss(node, watched, why)
    }
  }

  #measure(node: Readonly<SeiNode>, watched: Watched, use: VolumeUse): void {
    const { clock } = this.#options
    const now = clock.now()
    const track = sampled(watched.track, { ...use, at: clock.monotonic() })
    const space = evaluateSpace(track, now, watched.announced)
    const announced = announce(watched.announced, space, now)
    const percent = this.#options.growsAtPercent?.(node)
    const isNews =
      announced !== watched.announced || (percent !== undefined && isGrowthNews(watched.track?.last, use, percent))
    watched.track = track
    watched.announced = announced
    watched.unknownSince = undefined
    if (!isNews && watched.finding?.kind === 'known') return
    const growth = percent === undefined ? undefined : growthForecast(track, now, percent)
    watched.finding = { kind: 'known', space, announced, isRecorded: !isNews, ...(growth && { growth }) }
    this.wake(node)
  }

  #miss(node: Readonly<SeiNode>, watched: Watched, why: UnknownUse): void {
    const now = this.#options.clock.monotonic()
    watched.unknownSince ??= now
    const isHeld = watched.announced !== undefined && now - watched.unknownSince < GRACE_MS
    const { finding } = watched
    const isSaid = finding?.kind === 'unknown' && finding.why.kind === why.kind && finding.why.host === why.host
    if (isHeld || isSaid) return
    watched.finding = { kind: 'unknown', why }
    this.wake(node)
  }
}

function failureOf(host: string, error: unknown): UnknownUse {
  const cause = error instanceof SilentTargetError ? error.cause : error
  const detail = cause instanceof Error ? cause.message : String(cause)
  return { kind: cause instanceof KubeletError ? cause.kind : 'unreachable', host, detail }
}
