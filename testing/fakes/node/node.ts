/** Fakes the machines of a cluster: `startFakeNode` is kubelet, volume provisioner and the containers. */
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { SEID_CONTAINER, SIDECAR_CONTAINER } from '../../../src/api/names.ts'
import { persistentVolumeClaims, pods, storageClasses } from '../../../src/kube/resources.ts'
import type { ObjectKey } from '../../../src/kube/types.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import type { Execution, Home, FakeSidecar } from '../sidecar/index.ts'
import { leaseAddresses } from './addresses.ts'
import type { Addresses } from './addresses.ts'
import { Cache, joined, nameOf } from './cache.ts'
import { HOST_IP, installNodes, installStorageClasses, NODE_POOL, nodeNames } from './cluster-nodes.ts'
import type { NodeNames } from './cluster-nodes.ts'
import type { UpgradePlan } from './chain-upgrades.ts'
import type { ContainerProcess } from './container-process.ts'
import { JobScripts, ValidatorInit } from './job-scripts.ts'
import { Kubelet } from './kubelet.ts'
import { KubeletServer, type VolumeStats } from './kubelet-server.ts'
import { Launcher, fakeOf } from './launcher.ts'
import { resolveOptions } from './options.ts'
import type { ResolvedOptions, FakeNodeOptions } from './options.ts'
import { Provisioner, Volumes } from './provisioner.ts'
import { RealSidecars } from './real-sidecars.ts'
import { SeidProcess } from './seid.ts'
import { Work } from './work.ts'

/** Methods that take a pod throw when no pod of that name runs here. */
export interface FakeNode {
  readonly nodeNames: NodeNames
  /** SIGTERM to the sidecar, which restarts in place and is not ready until the next mark-ready. */
  restartSidecar(pod: ObjectKey): Promise<void>
  /** SIGKILL to the sidecar. */
  killSidecar(pod: ObjectKey): Promise<void>
  /** seid dies by itself; 1 by default. */
  killSeid(pod: ObjectKey, exitCode?: number): void
  /** Overrides `seidReadyMs`, for pods of that name that come later too. */
  setSeidReady(pod: ObjectKey, ready: boolean): void
  /** While `stalled`, its height does not change and it signs nothing, with `seidRpc`; for pods of that name that come later too. */
  setSeidStalled(pod: ObjectKey, stalled: boolean): void
  /** The chains of that id vote for an upgrade, which stops the seids whose image does not have it. */
  voteUpgrade(chainId: string, plan: UpgradePlan): void
  /** While `cut`, connections to the sidecar are refused; it runs on, and kubelet still reaches it. For later pods too. */
  partition(pod: ObjectKey, cut: boolean): Promise<void>
  /** While `silent`, the pod's machine is out of reach: its containers run on, and its status is not reported. */
  setMachineSilent(pod: ObjectKey, silent: boolean): void
  /** The fake sidecar that runs now. */
  sidecarOf(pod: ObjectKey): FakeSidecar
  /** What fake sidecars executed in pods of that name, oldest first, those of earlier pods and runs included. */
  executionsOf(pod: ObjectKey): readonly Execution[]
  /** The content of the claim's volume. Throws if the claim does not exist. */
  homeOf(claim: ObjectKey): Home
  /** What the kubelet reports of the claim's volume from now on, with `servesStats`. */
  setVolumeUse(claim: ObjectKey, use: VolumeStats): void
  /** Ends all containers without a status update, as machines that lose power. */
  stop(): Promise<void>
}

/** Resolves when its Nodes and StorageClasses exist and its caches are synced. */
export async function startFakeNode(options: FakeNodeOptions): Promise<FakeNode> {
  const resolved = resolveOptions(options)
  const { client, seiNodes, nodePool, zones } = resolved
  const names = nodeNames(seiNodes, nodePool)
  const addresses = await leaseAddresses()
  const hostIP = resolved.servesStats || nodePool !== NODE_POOL ? addresses.take() : HOST_IP
  // Nodes that other fake nodes share have no address of their own.
  const machine = { nodePool, zones, hostIP: nodePool === NODE_POOL ? HOST_IP : hostIP }
  await Promise.all([installNodes(client, names, machine), installStorageClasses(client)])
  const node = new Machines(resolved, names, addresses, hostIP)
  try {
    await node.started
    return node
  } catch (error) {
    // Its watches would keep the process alive.
    await node.stop()
    throw error
  }
}

class Machines implements FakeNode {
  readonly nodeNames: NodeNames
  readonly started: Promise<void>
  readonly #stopping = new AbortController()
  readonly #watching: Promise<unknown>
  readonly #addresses: Addresses
  readonly #claims: Cache<PersistentVolumeClaim>
  readonly #sidecars: RealSidecars | undefined
  #scripts: JobScripts | undefined
  readonly #volumes: Volumes
  readonly #launcher: Launcher
  readonly #kubelet: Kubelet
  readonly #server: KubeletServer | undefined
  readonly #work: readonly Work[]

  constructor(options: ResolvedOptions, names: NodeNames, addresses: Addresses, hostIP: string) {
    const { client, namespaces, log } = options
    const clock = systemClock
    this.nodeNames = names
    this.#addresses = addresses
    const sidecars = options.seictl === undefined ? undefined : new RealSidecars(options.seictl)
    this.#sidecars = sidecars
    const scripts = options.runScripts ? new JobScripts(options.beforeScript) : undefined
    this.#scripts = scripts
    const validators = new ValidatorInit(() => (this.#scripts ??= new JobScripts()))
    const directories = sidecars ?? scripts
    this.#volumes = new Volumes(directories && (uid => directories.home(uid)))
    this.#launcher = new Launcher(options, clock, sidecars?.run, task => validators.run(task) ?? scripts?.run(task))

    const common = { client, namespaces, log, clock }
    const podCache = new Cache<Pod>({
      ...common,
      resource: pods,
      fieldSelector: 'spec.nodeName!=',
      onChange: pod => podWork.enqueue(nameOf(pod)),
    })
    const claims = new Cache<PersistentVolumeClaim>({
      ...common,
      resource: persistentVolumeClaims,
      onChange: claim => {
        claimWork.enqueue(claim.metadata?.uid ?? '')
        for (const key of this.#kubelet.waitingFor(claim)) podWork.enqueue(key)
      },
    })
    const classes = new Cache<StorageClass>({
      ...common,
      resource: storageClasses,
      onChange: storageClass => {
        for (const uid of provisioner.claimsOf(storageClass)) claimWork.enqueue(uid)
      },
    })
    this.#claims = claims
    this.#kubelet = new Kubelet({
      client,
      pods: podCache,
      claims,
      volumes: this.#volumes,
      addresses,
      hostIP,
      nodeNames: new Set([...names.sei, names.general]),
      launch: this.#launcher.launch,
      crash: options.crashBackoff,
      terminationMs: options.terminationMs,
      clock,
      enqueue: key => podWork.enqueue(key),
    })
    this.#server =
      hostIP === HOST_IP
        ? undefined
        : new KubeletServer({
            client,
            host: hostIP,
            nodeName: names.general,
            pods: () => this.#kubelet.pods(),
            logOf: container => options.logOf(container) ?? this.#launcher.logOf(container),
          })
    const provisioner = new Provisioner({
      client,
      claims,
      classes,
      volumes: this.#volumes,
      writePhases: options.volumePhases,
      ...(namespaces && { namespaces }),
    })
    const podWork = new Work({ name: 'pods', run: key => this.#kubelet.reconcile(key), log, clock })
    const claimWork = new Work({ name: 'claims', run: uid => provisioner.reconcile(uid), log, clock })
    this.#work = [podWork, claimWork]

    const caches = [podCache, claims, classes]
    this.#watching = Promise.all(caches.map(cache => cache.run(this.#stopping.signal)))
    const start = async (): Promise<void> => {
      await Promise.all(caches.map(({ synced }) => synced))
      for (const uid of await provisioner.leftovers()) claimWork.enqueue(uid)
      await this.#server?.open()
      for (const work of this.#work) work.start()
    }
    this.started = start()
  }

  async restartSidecar(pod: ObjectKey): Promise<void> {
    await this.#process(pod, SIDECAR_CONTAINER).signal('SIGTERM')
  }

  async killSidecar(pod: ObjectKey): Promise<void> {
    await this.#process(pod, SIDECAR_CONTAINER).signal('SIGKILL')
  }

  killSeid(pod: ObjectKey, exitCode = 1): void {
    const process = this.#process(pod, SEID_CONTAINER)
    if (process instanceof SeidProcess) process.crash({ exitCode })
  }

  setSeidReady(pod: ObjectKey, ready: boolean): void {
    this.#launcher.setSeidReady(joined(pod), ready, this.#find(pod, SEID_CONTAINER))
  }

  setSeidStalled(pod: ObjectKey, stalled: boolean): void {
    this.#launcher.setSeidStalled(joined(pod), stalled, this.#find(pod, SEID_CONTAINER))
  }

  voteUpgrade(chainId: string, plan: UpgradePlan): void {
    this.#launcher.vote(chainId, plan)
  }

  async partition(pod: ObjectKey, cut: boolean): Promise<void> {
    await this.#launcher.setCut(joined(pod), cut, this.#find(pod, SIDECAR_CONTAINER))
  }

  setMachineSilent(pod: ObjectKey, silent: boolean): void {
    this.#kubelet.setSilent(joined(pod), silent)
  }

  sidecarOf(pod: ObjectKey): FakeSidecar {
    const sidecar = fakeOf(this.#process(pod, SIDECAR_CONTAINER))
    if (!sidecar) throw new Error(`sidecar of pod ${joined(pod)}: expected a fake, found a real one`)
    return sidecar
  }

  executionsOf(pod: ObjectKey): readonly Execution[] {
    return this.#launcher.executions(joined(pod))
  }

  homeOf(claim: ObjectKey): Home {
    const uid = this.#claims.get(joined(claim))?.metadata?.uid
    if (uid === undefined) throw new Error(`volume of claim ${joined(claim)}: there is no such claim`)
    return this.#volumes.of(uid)
  }

  setVolumeUse(claim: ObjectKey, use: VolumeStats): void {
    if (!this.#server) throw new Error(`use of claim ${joined(claim)}: this fake node does not serve statistics`)
    this.#server.set(claim, use)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all([this.#watching, ...this.#work.map(work => work.stop())])
    await this.#server?.close()
    await this.#kubelet.stop()
    await this.#addresses.close()
    await this.#sidecars?.stop()
    await this.#scripts?.stop()
  }

  #find(pod: ObjectKey, container: string): ContainerProcess | undefined {
    return this.#kubelet.runner(joined(pod))?.process(container)
  }

  #process(pod: ObjectKey, container: string): ContainerProcess {
    const process = this.#find(pod, container)
    if (!process) throw new Error(`container ${container} of pod ${joined(pod)}: it does not run on this node`)
    return process
  }
}
