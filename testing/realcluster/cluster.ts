/** A real Kubernetes cluster of one node, inside the namespaces that `withNamespaces` made: `startRealCluster`. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import type { KubeClient } from '../../src/kube/client.ts'
import { loadClusterConfig } from '../../src/kube/config.ts'
import { createKubeClient } from '../../src/kube/http-client.ts'
import { nodes } from '../../src/kube/resources.ts'
import { createLogger } from '../../src/runtime/log.ts'
import { type ControlPlane, startControlPlane } from '../controlplane/cluster.ts'
import { REAL_NODE } from '../controlplane/credentials.ts'
import type { Binaries } from '../controlplane/programs.ts'
import { type SupervisedProcess, Supervisor } from '../controlplane/supervisor.ts'
import type { Runtime } from './debian-packages.ts'
import { installLocalClasses, LocalVolumes } from './local-volumes.ts'
import {
  cniConfig,
  CONTAINERD_SOCKET,
  containerdConfig,
  corefile,
  DNS_READY_PORT,
  kubeletConfig,
  NODE_IP,
  type NodePaths,
  nodePathsIn,
  SERVICE_IP,
} from './node-files.ts'
import type { NodePrograms } from './node-programs.ts'
import { PolicyEnforcer } from './policy-enforcer.ts'

const READY_DEADLINE_MS = 90_000
const run = promisify(execFile)

export interface RealClusterOptions {
  /** Receives logs, volumes and images; on a disk. */
  readonly dir: string
  /** The cgroup that `enter.sh` made. */
  readonly cgroup: string
  readonly binaries: Binaries
  readonly programs: NodePrograms
  readonly runtime: Runtime
  /** OCI archives, imported before the node counts as ready. */
  readonly images: readonly string[]
  /** Called with what is being waited for. */
  readonly onStep: (step: string) => void
  /** Called when a started part of the cluster ends without being stopped, with the end of its log. */
  readonly onFailure: (error: Error) => void
}

export interface RealCluster extends AsyncDisposable {
  readonly controlPlane: ControlPlane
}

/** Resolves when the node is Ready, knows its images, and names resolve. Rejects with the end of the log of what failed. */
export async function startRealCluster(options: RealClusterOptions): Promise<RealCluster> {
  const cluster = new OneNodeCluster(options)
  try {
    await cluster.start()
    return cluster
  } catch (error) {
    await cluster[Symbol.asyncDispose]()
    throw error
  }
}

class OneNodeCluster implements RealCluster {
  readonly #options: RealClusterOptions
  readonly #paths: NodePaths
  readonly #supervisor = new Supervisor()
  readonly #stopping = new AbortController()
  readonly #following: Promise<unknown>[] = []
  readonly #processes: SupervisedProcess[] = []
  #controlPlane: ControlPlane | undefined
  #client: (KubeClient & { close(): void }) | undefined

  constructor(options: RealClusterOptions) {
    this.#options = options
    this.#paths = nodePathsIn(options.dir)
  }

  get controlPlane(): ControlPlane {
    if (!this.#controlPlane) throw new Error('the cluster has not been started')
    return this.#controlPlane
  }

  async start(): Promise<void> {
    const { binaries, dir, onFailure, onStep } = this.#options
    await this.#writeFiles()
    onStep('containerd')
    await this.#startContainerd()
    onStep('the control plane')
    this.#controlPlane = await startControlPlane({
      binaries,
      parentDir: dir,
      podFacingAddress: SERVICE_IP,
      onFailure,
    })
    const config = await loadClusterConfig({ kubeconfig: this.#controlPlane.kubeconfigPath, env: {} })
    this.#client = createKubeClient(config, { userAgent: 'real-cluster' })
    onStep('volumes and network policies')
    await this.#startInProcess(this.#client)
    onStep('images')
    await this.#importImages()
    onStep('the kubelet and CoreDNS')
    await Promise.all([this.#startKubelet(this.#client), this.#startDns()])
    for (const process of this.#processes) void process.failed().then(onFailure)
  }

  async #writeFiles(): Promise<void> {
    const { runtime } = this.#options
    const { configuration, cni, ...others } = this.#paths
    await Promise.all(
      [`${cni}/net.d`, configuration, ...Object.values(others)].map(path => mkdir(path, { recursive: true })),
    )
    await Promise.all([
      writeFile(join(configuration, 'containerd.toml'), containerdConfig(this.#paths, runtime)),
      writeFile(join(cni, 'net.d/10-pods.conflist'), cniConfig(this.#paths)),
      writeFile(join(configuration, 'resolv.conf'), ''),
    ])
  }

  async #startContainerd(): Promise<void> {
    const containerd = this.#spawn('containerd', this.#program('containerd'), [
      '--config',
      join(this.#paths.configuration, 'containerd.toml'),
      '--log-level=warn',
    ])
    await containerd.untilReady(() => this.#ctr('version').then(() => true), { deadlineMs: READY_DEADLINE_MS })
  }

  /** What is no program of its own: volumes, and rules for what pods may send one another. */
  async #startInProcess(client: KubeClient): Promise<void> {
    const log = createLogger({ level: 'warn', format: 'text' })
    const { signal } = this.#stopping
    await installLocalClasses(client)
    const volumes = new LocalVolumes({ client, dir: this.#paths.volumes, nodeName: REAL_NODE, log })
    const policies = new PolicyEnforcer({ client, nft: this.#program('nft'), env: this.#env(), log })
    this.#following.push(volumes.run(signal), policies.run(signal))
  }

  async #importImages(): Promise<void> {
    for (const archive of this.#options.images) await this.#ctr('--namespace=k8s.io', 'images', 'import', archive)
  }

  async #startKubelet(client: KubeClient): Promise<void> {
    const { cgroup, programs } = this.#options
    const limits = await readFile('/proc/self/limits', 'utf8')
    const maxOpenFiles = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? 1024)
    const settings = { cgroup, maxOpenFiles, clientCA: this.controlPlane.kubeletClientCertPath }
    const config = join(this.#paths.configuration, 'kubelet.json')
    await writeFile(config, kubeletConfig(this.#paths, settings))
    const kubelet = this.#spawn('kubelet', programs.kubelet, [
      `--config=${config}`,
      `--kubeconfig=${this.controlPlane.kubeconfigFor('kubelet')}`,
      `--root-dir=${this.#paths.kubelet}`,
      `--cert-dir=${this.#paths.kubelet}/pki`,
      `--hostname-override=${REAL_NODE}`,
      `--node-ip=${NODE_IP}`,
      '--node-labels=karpenter.sh/nodepool=sei-node',
    ])
    await kubelet.untilReady(() => nodeIsReady(client), { deadlineMs: READY_DEADLINE_MS, intervalMs: 100 })
  }

  async #startDns(): Promise<void> {
    const path = join(this.#paths.configuration, 'Corefile')
    await writeFile(path, corefile(this.controlPlane.kubeconfigFor('component')))
    const coredns = this.#spawn('coredns', this.#options.programs.coredns, ['-conf', path])
    await coredns.untilReady(dnsIsReady, { deadlineMs: READY_DEADLINE_MS, intervalMs: 100 })
  }

  #spawn(name: string, path: string, args: readonly string[]): SupervisedProcess {
    const logPath = join(this.#options.dir, `${name}.log`)
    const process = this.#supervisor.spawn({ name, path, args, logPath, env: this.#env(), cwd: this.#options.dir })
    this.#processes.push(process)
    return process
  }

  #program(name: string): string {
    const { dir } = this.#options.runtime
    return join(dir, name === 'nft' ? 'usr/sbin' : 'usr/bin', name)
  }

  /** The runtime finds its shim and runc by PATH. */
  #env(): NodeJS.ProcessEnv {
    const { programs, libraries } = this.#options.runtime
    return {
      PATH: [...programs, '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':'),
      LD_LIBRARY_PATH: libraries.join(':'),
    }
  }

  async #ctr(...args: readonly string[]): Promise<void> {
    await run(this.#program('ctr'), [`--address=${CONTAINERD_SOCKET}`, ...args], { env: this.#env() })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await Promise.allSettled(this.#following)
    this.#client?.close()
    await this.#supervisor.stop()
    await this.#controlPlane?.stop()
  }
}

async function dnsIsReady(): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${DNS_READY_PORT}/ready`)).ok
}

async function nodeIsReady(client: KubeClient): Promise<boolean> {
  const node = await client.get(nodes, { name: REAL_NODE })
  return node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
}
