/** The kubelet of all Nodes: `Kubelet.reconcile` brings one pod's containers and its reported status up to date. */
import { isDeepStrictEqual } from 'node:util'
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { KubeClient } from '../../../src/kube/client.ts'
import { isNotFound } from '../../../src/kube/errors.ts'
import { pods, secrets } from '../../../src/kube/resources.ts'
import type { Clock } from '../../../src/runtime/clock.ts'
import type { Home } from '../sidecar/index.ts'
import type { Addresses } from './addresses.ts'
import { nameOf, objectKey } from './cache.ts'
import type { Cache } from './cache.ts'
import type { Launch } from './container-process.ts'
import type { CrashBackoff } from './container-record.ts'
import { claimsOf, podPlan, type SecretMount } from './pod-plan.ts'
import { PodRunner } from './pod-runner.ts'
import type { ReportedStatus } from './pod-status.ts'
import type { Volumes } from './provisioner.ts'

export interface KubeletOptions {
  readonly client: KubeClient
  readonly pods: Cache<Pod>
  readonly claims: Cache<PersistentVolumeClaim>
  readonly volumes: Volumes
  readonly addresses: Addresses
  /** Of the machine. */
  readonly hostIP: string
  /** Pods bound to other Nodes are ignored. */
  readonly nodeNames: ReadonlySet<string>
  readonly launch: Launch
  readonly crash: CrashBackoff
  /** From the deletion of a pod to its end, milliseconds. */
  readonly terminationMs: number
  readonly clock: Clock
  /** Requests another reconcile of that pod. */
  readonly enqueue: (key: string) => void
}

interface Tenant {
  readonly runner: PodRunner
  /** As the API server has it. */
  reported?: ReportedStatus
  /** When its containers get SIGTERM, epoch milliseconds; set at the pod's deletion. */
  endsAt?: number
}

/** Reconciles of one pod never overlap; those of different pods do. */
export class Kubelet {
  readonly #options: KubeletOptions
  readonly #tenants = new Map<string, Tenant>()
  /** Keys of pods that cannot be mounted yet, by the key of the claim that is not bound. */
  readonly #waiting = new Map<string, Set<string>>()
  /** UIDs of pods on machines without connection to the API server. */
  readonly #silent = new Set<string>()

  constructor(options: KubeletOptions) {
    this.#options = options
  }

  /** The pod of that name that runs here now. */
  runner(key: string): PodRunner | undefined {
    return this.#tenants.get(key)?.runner
  }

  /** The pods that run here. */
  pods(): readonly Pod[] {
    return [...this.#tenants.keys()].flatMap(key => this.#options.pods.get(key) ?? [])
  }

  /** The pod's containers keep running, without any connection to the API server. */
  setSilent(key: string, silent: boolean): void {
    const uid = this.#tenants.get(key)?.runner.uid
    if (uid === undefined) throw new Error(`pod ${key}: it does not run on this node`)
    if (silent) this.#silent.add(uid)
    else this.#silent.delete(uid)
    this.#options.enqueue(key)
  }

  /** The keys of pods that waited for this claim and can now start. */
  waitingFor(claim: PersistentVolumeClaim): readonly string[] {
    const key = nameOf(claim)
    const keys = this.#waiting.get(key)
    if (keys === undefined || !isBound(claim)) return []
    this.#waiting.delete(key)
    return [...keys]
  }

  /** Resolves with the delay until the next reconcile if nothing happens before, milliseconds. */
  async reconcile(key: string): Promise<number | undefined> {
    const pod = this.#options.pods.get(key)
    const tenant = this.#tenants.get(key)
    if (tenant && this.#silent.has(tenant.runner.uid)) return undefined
    if (tenant && tenant.runner.uid !== pod?.metadata?.uid) await this.#evict(key, tenant)
    if (!pod?.spec?.nodeName || !this.#options.nodeNames.has(pod.spec.nodeName)) return undefined
    const wakeAt = pod.metadata?.deletionTimestamp === undefined ? await this.#run(key, pod) : await this.#end(key, pod)
    return wakeAt === undefined ? undefined : Math.max(0, wakeAt - this.#options.clock.now())
  }

  /** Ends all processes without a status update, as a machine that loses power. */
  async stop(): Promise<void> {
    await Promise.all([...this.#tenants].map(([key, tenant]) => this.#evict(key, tenant)))
  }

  /** Resolves with the time of the next sync if nothing happens before, epoch milliseconds; so does `#end`. */
  async #run(key: string, pod: Pod): Promise<number | undefined> {
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return undefined
    const tenant = this.#tenants.get(key) ?? this.#admit(key, pod)
    if (!tenant) return undefined
    const wakeAt = await tenant.runner.sync()
    await this.#report(pod, tenant)
    return wakeAt
  }

  /** Undefined while a claim of the pod is not bound. */
  #admit(key: string, pod: Pod): Tenant | undefined {
    const volumes = this.#mount(key, pod)
    if (!volumes) return undefined
    const { addresses, hostIP, launch, crash, clock, enqueue } = this.#options
    const runner = new PodRunner(pod, {
      podIP: addresses.take(),
      hostIP,
      volumes,
      mountSecret: secret => this.#mountSecret(pod, secret),
      launch,
      crash,
      clock,
      onChange: () => enqueue(key),
    })
    const tenant: Tenant = { runner }
    this.#tenants.set(key, tenant)
    return tenant
  }

  /** By claim name; undefined while one is not bound, which is then waited for. */
  #mount(key: string, pod: Pod): ReadonlyMap<string, Home> | undefined {
    const { claims, volumes } = this.#options
    const mounted = new Map<string, Home>()
    for (const name of claimsOf(podPlan(pod))) {
      const claimKey = `${pod.metadata?.namespace}/${name}`
      const claim = claims.get(claimKey)
      if (!isBound(claim)) {
        this.#waiting.set(claimKey, (this.#waiting.get(claimKey) ?? new Set()).add(key))
        return undefined
      }
      mounted.set(name, volumes.of(claim.metadata?.uid ?? ''))
    }
    return mounted
  }

  /** Updated as by the kubelet: a container that starts later reads the present content. */
  async #mountSecret({ metadata }: Pod, { name, items, optional }: SecretMount): Promise<Home> {
    const { client, volumes } = this.#options
    const secret = await client.get(secrets, { namespace: metadata?.namespace ?? '', name })
    if (!secret && !optional) throw new Error(`MountVolume.SetUp failed: secret "${name}" not found`)
    const home = volumes.ofSecret(`${metadata?.uid}-${name}`)
    const data = secret?.data ?? {}
    for (const { key, path } of items ?? Object.keys(data).map(each => ({ key: each, path: each }))) {
      const value = data[key]
      if (value === undefined) home.remove(path)
      else home.write(path, Buffer.from(value, 'base64').toString())
    }
    return home
  }

  async #end(key: string, pod: Pod): Promise<number | undefined> {
    const { client, clock, terminationMs } = this.#options
    const tenant = this.#tenants.get(key)
    if (tenant) {
      const now = clock.now()
      tenant.endsAt ??= now + terminationMs
      if (now < tenant.endsAt) return tenant.endsAt
      await tenant.runner.terminate()
      // The Job controller counts a pod as failed only when its last status says so.
      await this.#report(pod, tenant)
    } else if (pod.status?.phase === 'Pending') {
      // None of its containers ever ran.
      const body = { metadata: { uid: pod.metadata?.uid }, status: { phase: 'Failed' } }
      await client.patch(pods, objectKey(pod), body, { type: 'merge', subresource: 'status' })
    }
    await client.delete(pods, objectKey(pod), { uid: pod.metadata?.uid ?? '', gracePeriodSeconds: 0 })
    return undefined
  }

  async #report(pod: Pod, tenant: Tenant): Promise<void> {
    const status = tenant.runner.status(pod)
    if (isDeepStrictEqual(status, tenant.reported)) return
    // A strategic merge leaves the conditions of others alone. A null takes away the reason of a condition that became True.
    const conditions = status.conditions?.map(condition => ({ reason: null, message: null, ...condition }))
    const body = { metadata: { uid: pod.metadata?.uid }, status: { ...status, conditions } }
    const options = { type: 'strategic', subresource: 'status' } as const
    try {
      const written = await this.#options.client.patch(pods, objectKey(pod), body, options)
      tenant.reported = status
      this.#options.pods.observe(written)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async #evict(key: string, tenant: Tenant): Promise<void> {
    this.#tenants.delete(key)
    await tenant.runner.terminate()
    this.#options.addresses.release(tenant.runner.podIP)
  }
}

function isBound(claim: PersistentVolumeClaim | undefined): claim is PersistentVolumeClaim {
  return claim?.status?.phase === 'Bound'
}
