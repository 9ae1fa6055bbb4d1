/** A cluster's machines, played by this process: `startFakeNode` is kubelet, volume provisioner and the containers themselves. */
import { SEID_CONTAINER, SIDECAR_CONTAINER } from '../../../src/api/names.ts'
import type { ObjectKey } from '../../../src/kube/types.ts'
import type { Clock } from '../../../src/runtime/clock.ts'
import { Controller } from '../../../src/runtime/controller.ts'
import { keyOf } from '../../../src/runtime/keys.ts'
import { Metrics } from '../../../src/runtime/metrics.ts'
import { specOrMetadataChanged } from '../../../src/runtime/predicates.ts'
import type { Execution, Home, FakeSidecar } from '../sidecar/index.ts'
import { leaseAddresses } from './addresses.ts'
import type { Addresses } from './addresses.ts'
import { Caches } from './caches.ts'
import { installNodes, installStorageClasses, nodeNames } from './cluster-nodes.ts'
import type { NodeNames } from './cluster-nodes.ts'
import type { ContainerProcess } from './container-process.ts'
import { JobScripts } from './job-scripts.ts'
import { Kubelet } from './kubelet.ts'
import { Launcher, fakeOf } from './launcher.ts'
import { resolveOptions } from './options.ts'
import type { ResolvedOptions, FakeNodeOptions } from './options.ts'
import { Provisioner } from './provisioner.ts'
import { RealSidecars } from './real-sidecars.ts'
import { SeidProcess } from './seid-process.ts'
import { ValidatorInit } from './validator-init.ts'
import { Volumes } from './volumes.ts'

/** Pods and claims side by side: these wait for the API server, not for the processor. */
const CONCURRENCY = 64

/** Requests that are under way when the node is stopped are waited for this long. */
const STOP_MS = 1000

/** Methods that take a pod throw when no pod of that name runs here. */
export interface FakeNode {
  readonly nodeNames: NodeNames
  /** SIGTERM to the sidecar; it starts again in place, not ready until it is marked so anew. */
  restartSidecar(pod: ObjectKey): Promise<void>
  /** SIGKILL to the sidecar. */
  killSidecar(pod: ObjectKey): Promise<void>
  /** seid dies by itself; 1 by default. */
  killSeid(pod: ObjectKey, exitCode?: number): void
  /** Overrides `seidReadyMs`, for pods of that name that come later too. */
  setSeidReady(pod: ObjectKey, ready: boolean): void
  /** While `stalled`, its height stands still and it signs nothing, with `seidRpc`; for pods of that name that come later too. */
  setSeidStalled(pod: ObjectKey, stalled: boolean): void
  /** While `cut`, connections to the sidecar are refused; it runs on, and kubelet still reaches it. For later pods too. */
  partition(pod: ObjectKey, cut: boolean): Promise<void>
  /** While `silent`, the pod's machine is out of reach: its containers run on, and nobody hears of them. */
  setMachineSilent(pod: ObjectKey, silent: boolean): void
  /** Replaces `pullFails`; containers that wait for their image are tried again at once. */
  setPullFailures(pullFails: (image: string) => boolean): void
  /** The fake sidecar that runs now. */
  sidecarOf(pod: ObjectKey): FakeSidecar
  /** What fake sidecars executed in pods of that name, oldest first, those of earlier pods and runs included. */
  executionsOf(pod: ObjectKey): readonly Execution[]
  /** What is on the claim's volume. Throws where there is no such claim. */
  homeOf(claim: ObjectKey): Home
  /** Ends what runs in the pods, and says nothing to the API server: to it, the machines lost power. */
  stop(): Promise<void>
}

/** Resolves when its Nodes and StorageClasses exist and it knows every pod and claim. */
export async function startFakeNode(options: FakeNodeOptions): Promise<FakeNode> {
  const resolved = resolveOptions(options)
  const { client, seiNodes, storageClasses, volumeBindingMode } = resolved
  const names = nodeNames(seiNodes)
  await Promise.all([installNodes(client, names), installStorageClasses(client, storageClasses, volumeBindingMode)])
  const node = new Machines(resolved, names, await leaseAddresses())
  try {
    await node.started
    return node
  } catch (error) {
    // Its watches would go on, and keep the process alive.
    await node.stop()
    throw error
  }
}

class Machines implements FakeNode {
  readonly nodeNames: NodeNames
  readonly started: Promise<void>
  readonly #stopping = new AbortController()
  readonly #abandoning = new AbortController()
  readonly #running: Promise<unknown>
  readonly #clock: Clock
  readonly #addresses: Addresses
  readonly #caches: Caches
  readonly #sidecars: RealSidecars | undefined
  #scripts: JobScripts | undefined
  readonly #volumes: Volumes
  readonly #launcher: Launcher
  readonly #kubelet: Kubelet
  readonly #pods: Controller
  #pullFails: (image: string) => boolean

  constructor(options: ResolvedOptions, names: NodeNames, addresses: Addresses) {
    const { client, namespaces, log, clock } = options
    this.nodeNames = names
    this.#clock = clock
    this.#addresses = addresses
    this.#pullFails = options.pullFails
    this.#caches = new Caches(options)
    const sidecars = options.seictl === undefined ? undefined : new RealSidecars(options.seictl)
    this.#sidecars = sidecars
    const scripts = options.runScripts ? new JobScripts(options.taskMs, clock) : undefined
    this.#scripts = scripts
    const validators = new ValidatorInit(() => (this.#scripts ??= new JobScripts(options.taskMs, clock)))
    const directories = sidecars ?? scripts
    this.#volumes = new Volumes(directories && (uid => directories.home(uid)))
    this.#launcher = new Launcher(options, sidecars?.run, task => validators.run(task) ?? scripts?.run(task))
    this.#kubelet = new Kubelet({
      client,
      pods: this.#caches.pods.store,
      claims: this.#caches.claims.store,
      volumes: this.#volumes,
      addresses,
      nodeNames: new Set([...names.sei, names.general]),
      launch: this.#launcher.launch,
      canPull: image => !this.#pullFails(image),
      crash: options.crashBackoff,
      terminationMs: options.terminationMs,
      clock,
      enqueue: key => this.#pods.enqueue(key),
    })
    const provisioner = new Provisioner({
      client,
      claims: this.#caches.claims,
      classes: this.#caches.classes,
      volumes: this.#volumes,
      writePhases: options.volumePhases,
      ...(namespaces && { namespaces }),
    })

    const common = { concurrency: CONCURRENCY, log, clock, metrics: new Metrics() }
    this.#pods = new Controller({ ...common, name: 'pods', reconcile: key => this.#kubelet.reconcile(key) })
    this.#pods.watch(this.#caches.pods, pod => [keyOf(pod)], specOrMetadataChanged)
    this.#pods.watch(this.#caches.claims, claim => this.#kubelet.waitingFor(claim))
    const claims = new Controller({ ...common, name: 'claims', reconcile: uid => provisioner.reconcile(uid) })
    claims.watch(this.#caches.claims, claim => [claim.metadata?.uid ?? ''])
    claims.watch(this.#caches.classes, storageClass => provisioner.claimsOf(storageClass))

    const { signal } = this.#stopping
    const following = this.#caches.run(signal)
    this.started = this.#catchUp(provisioner, claims)
    const working = Promise.all([this.#work(this.#pods), this.#work(claims)])
    this.#running = Promise.allSettled([following, working])
  }

  async #catchUp(provisioner: Provisioner, claims: Controller): Promise<void> {
    await this.#caches.synced
    for (const uid of await provisioner.leftovers()) claims.enqueue(uid)
  }

  async #work(controller: Controller): Promise<void> {
    await this.started
    await controller.run(this.#stopping.signal, this.#abandoning.signal)
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
    this.#launcher.setSeidReady(keyOfPod(pod), ready, this.#find(pod, SEID_CONTAINER))
  }

  setSeidStalled(pod: ObjectKey, stalled: boolean): void {
    this.#launcher.setSeidStalled(keyOfPod(pod), stalled, this.#find(pod, SEID_CONTAINER))
  }

  async partition(pod: ObjectKey, cut: boolean): Promise<void> {
    await this.#launcher.setCut(keyOfPod(pod), cut, this.#find(pod, SIDECAR_CONTAINER))
  }

  setMachineSilent(pod: ObjectKey, silent: boolean): void {
    this.#kubelet.setSilent(keyOfPod(pod), silent)
  }

  setPullFailures(pullFails: (image: string) => boolean): void {
    this.#pullFails = pullFails
    for (const key of this.#kubelet.keys()) this.#pods.enqueue(key)
  }

  sidecarOf(pod: ObjectKey): FakeSidecar {
    const sidecar = fakeOf(this.#process(pod, SIDECAR_CONTAINER))
    if (!sidecar) throw new Error(`sidecar of pod ${keyOfPod(pod)}: expected a fake, found a real one`)
    return sidecar
  }

  executionsOf(pod: ObjectKey): readonly Execution[] {
    return this.#launcher.executions(keyOfPod(pod))
  }

  homeOf(claim: ObjectKey): Home {
    const uid = this.#caches.claims.store.get(keyOfPod(claim))?.metadata?.uid
    if (uid === undefined) throw new Error(`volume of claim ${keyOfPod(claim)}: there is no such claim`)
    return this.#volumes.of(uid)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    const timer = this.#clock.setTimeout(() => this.#abandoning.abort(), STOP_MS)
    await this.#running
    this.#clock.clearTimeout(timer)
    await this.#kubelet.stop()
    await this.#addresses.close()
    await this.#sidecars?.stop()
    await this.#scripts?.stop()
  }

  #find(pod: ObjectKey, container: string): ContainerProcess | undefined {
    return this.#kubelet.runner(keyOfPod(pod))?.process(container)
  }

  #process(pod: ObjectKey, container: string): ContainerProcess {
    const process = this.#find(pod, container)
    if (!process) throw new Error(`container ${container} of pod ${keyOfPod(pod)}: it does not run on this node`)
    return process
  }
}

function keyOfPod({ namespace = '', name }: ObjectKey): string {
  return `${namespace}/${name}`
}
