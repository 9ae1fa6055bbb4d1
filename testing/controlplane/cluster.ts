/** A real Kubernetes control plane on this machine: `startControlPlane` runs etcd, kube-apiserver, kube-controller-manager and kube-scheduler. */
import { existsSync, mkdtempSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { apiCall, type ApiAnswer, type ApiCallTarget } from './api-call.ts'
import type { Binaries } from './programs.ts'
import {
  FILE_USERS,
  kubeconfig,
  kubeletClientCertificate,
  newTokens,
  OPERATOR_ACCOUNT,
  serviceAccountKeys,
  tokenFile,
  type Tokens,
  type User,
  USERS,
} from './credentials.ts'
import {
  apiServerFlags,
  auditPolicy,
  controllerManagerFlags,
  etcdFlags,
  type Machines,
  type Paths,
  pathsIn,
  schedulerFlags,
} from './flags.ts'
import { freePorts } from './ports.ts'
import { bumpRevision, copyOf, revisionOf } from './etcd-backup.ts'
import { rights } from './rights.ts'
import { type SupervisedProcess, Supervisor } from './supervisor.ts'

const READY_DEADLINE_MS = 60_000
const START_ATTEMPTS = 3
const HTTPS_PORT = 443
/** A quarter of the API server's time would go into garbage collection otherwise; the limit bounds what that costs in memory. */
const GO_RUNTIME = { GOGC: '400', GOMEMLIMIT: '1GiB' }
const PORT_TAKEN = /address already in use/
/** Longer than any control plane runs. */
const OPERATOR_TOKEN_SECONDS = 365 * 24 * 3600

export interface ControlPlaneOptions {
  readonly binaries: Binaries
  /** Where the control plane's directory is made; the system's temporary directory by default. */
  readonly parentDir?: string
  /**
   * Kubelets run beside it: the API server listens on this address, at port 443, and every built-in controller runs.
   * Without it, the API server listens on a free port of the loopback address.
   */
  readonly podFacingAddress?: string
  /** Called when a component ends without being stopped, with the end of its log; prints to standard error by default. */
  readonly onFailure?: (error: Error) => void
}

/** A running control plane. All its files are in `dir`, which `stop` removes. */
export interface ControlPlane extends AsyncDisposable {
  readonly dir: string
  /** `https://ADDRESS:PORT`; the same across restarts of the API server. */
  readonly server: string
  /** In PEM. */
  readonly ca: string
  readonly kubectlPath: string
  /** The directory of etcd, kube-apiserver and kubectl, for `KUBEBUILDER_ASSETS`. */
  readonly assetsDir: string
  /** The admin's. */
  readonly kubeconfigPath: string
  /** One JSON line for each answered request of the operator and bench users (`user.username`, `verb`, `objectRef`, `stage`). */
  readonly auditLogPath: string
  /** The certificate by which the API server proves itself to kubelets; it is its own authority. In PEM. */
  readonly kubeletClientCertPath: string
  kubeconfigFor(user: User): string
  /** Kills the API server, as in a crash: connections are cut in the middle of answers. */
  stopApiServer(): Promise<void>
  /** Starts it again on the same port, with the same certificate and data; resolves when it is ready. */
  startApiServer(): Promise<void>
  restartApiServer(): Promise<void>
  /** Suspends the API server's process, as on a machine that hangs: connections stay open, and get no answers. */
  freezeApiServer(): void
  thawApiServer(): void
  /** Backs up etcd for `restoreEtcd`; the API server is down meanwhile. */
  backUpEtcd(): Promise<void>
  /**
   * Puts etcd back to the last backup. `bumped`: its revisions continue above all earlier ones, as Kubernetes wants it;
   * otherwise they decrease too. The API server is down meanwhile.
   */
  restoreEtcd(how: 'plain' | 'bumped'): Promise<void>
  stop(): Promise<void>
}

/**
 * Resolves when the API server is ready, the operator's user has its role and the built-in controllers work (a few seconds).
 * Rejects with the name and the end of the log of the component that failed; nothing is left running then.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  for (let attempt = 1; ; attempt += 1) {
    const plane = await RunningControlPlane.prepare(options)
    try {
      await plane.start()
      return plane
    } catch (error) {
      await plane.stop()
      const portTaken = error instanceof Error && PORT_TAKEN.test(error.message)
      if (!portTaken || attempt === START_ATTEMPTS) throw error
    }
  }
}

class RunningControlPlane implements ControlPlane {
  readonly dir: string
  readonly server: string
  readonly #binaries: Binaries
  readonly #paths: Paths
  readonly #ports: { readonly api: number; readonly etcd: number }
  readonly #machines: Machines
  readonly #tokens: Tokens = newTokens()
  readonly #supervisor: Supervisor
  readonly #onFailure: (error: Error) => void
  #etcd: SupervisedProcess | undefined
  #apiServer: SupervisedProcess | undefined
  #ca = ''

  static async prepare(options: ControlPlaneOptions): Promise<RunningControlPlane> {
    // No await between the two: a process that ends while it waits leaves no directory behind.
    const dir = mkdtempSync(join(options.parentDir ?? tmpdir(), 'sei-controlplane-'))
    const supervisor = new Supervisor(dir)
    const [free = 0, etcd = 0] = await freePorts(2)
    const api = options.podFacingAddress === undefined ? free : HTTPS_PORT
    return new RunningControlPlane(options, dir, supervisor, { api, etcd })
  }

  private constructor(
    options: ControlPlaneOptions,
    dir: string,
    supervisor: Supervisor,
    ports: { readonly api: number; readonly etcd: number },
  ) {
    this.dir = dir
    const { podFacingAddress } = options
    this.#machines = { apiHost: podFacingAddress ?? '127.0.0.1', haveKubelets: podFacingAddress !== undefined }
    this.server = `https://${this.#machines.apiHost}:${ports.api}`
    this.#binaries = options.binaries
    this.#onFailure = options.onFailure ?? (error => process.stderr.write(`${error.message}\n`))
    this.#paths = pathsIn(dir)
    this.#ports = ports
    this.#supervisor = supervisor
  }

  get ca(): string {
    return this.#ca
  }

  get kubectlPath(): string {
    return this.#binaries.kubectl
  }

  get assetsDir(): string {
    return this.#binaries.dir
  }

  get kubeconfigPath(): string {
    return this.kubeconfigFor('admin')
  }

  get kubeletClientCertPath(): string {
    return this.#paths.kubeletClientCert
  }

  get auditLogPath(): string {
    return this.#paths.auditLog
  }

  kubeconfigFor(user: User): string {
    return join(this.dir, `${user}.kubeconfig`)
  }

  async start(): Promise<void> {
    await this.#writeInputs()
    await this.#startEtcd()
    await this.startApiServer()
    const controllerManager = this.#spawn(
      'kube-controller-manager',
      controllerManagerFlags(this.#paths, this.#machines),
    )
    const scheduler = this.#spawn('kube-scheduler', schedulerFlags(this.#paths))
    await this.#grantRights()
    await this.#issueOperatorToken()
    // The controller manager creates it: when it exists, the controllers run and pods are admitted.
    await controllerManager.untilReady(() => this.#exists('/api/v1/namespaces/default/serviceaccounts/default'), {
      deadlineMs: READY_DEADLINE_MS,
    })
    for (const component of [controllerManager, scheduler]) this.#reportFailureOf(component)
  }

  async startApiServer(): Promise<void> {
    const flags = apiServerFlags(this.#paths, this.#machines, this.#ports.api, this.#ports.etcd)
    const apiServer = this.#spawn('kube-apiserver', flags)
    this.#apiServer = apiServer
    if (this.#ca === '') {
      await apiServer.untilReady(() => this.#readCertificate(), { deadlineMs: READY_DEADLINE_MS })
      await this.#writeKubeconfigs()
    }
    await apiServer.untilReady(() => this.#exists('/readyz'), { deadlineMs: READY_DEADLINE_MS })
    this.#reportFailureOf(apiServer)
  }

  async stopApiServer(): Promise<void> {
    await this.#apiServer?.stop(0)
    this.#apiServer = undefined
  }

  async restartApiServer(): Promise<void> {
    await this.stopApiServer()
    await this.startApiServer()
  }

  freezeApiServer(): void {
    this.#apiServer?.kill('SIGSTOP')
  }

  thawApiServer(): void {
    this.#apiServer?.kill('SIGCONT')
  }

  async backUpEtcd(): Promise<void> {
    await this.stopApiServer()
    await this.#etcd?.stop(0)
    await copyOf(this.#paths.etcdData, this.#paths.etcdBackup)
    await this.#startEtcd()
    await this.startApiServer()
  }

  async restoreEtcd(how: 'plain' | 'bumped'): Promise<void> {
    const url = `http://127.0.0.1:${this.#ports.etcd}`
    // Only now can nobody write above it.
    await this.stopApiServer()
    const newest = await revisionOf(url)
    await this.#etcd?.stop(0)
    await copyOf(this.#paths.etcdBackup, this.#paths.etcdData)
    await this.#startEtcd()
    if (how === 'bumped') await bumpRevision(url, newest)
    await this.startApiServer()
  }

  async #startEtcd(): Promise<void> {
    const etcd = this.#spawn('etcd', etcdFlags(this.#paths, this.#ports.etcd))
    this.#etcd = etcd
    await etcd.untilReady(() => this.#etcdIsHealthy(), { deadlineMs: READY_DEADLINE_MS })
    this.#reportFailureOf(etcd)
  }

  /** Kills everything at once, because the data is deleted anyway. */
  async stop(): Promise<void> {
    await this.#supervisor.stop()
    await rm(this.dir, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #spawn(
    name: 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler',
    args: string[],
  ): SupervisedProcess {
    return this.#supervisor.spawn({
      name,
      path: this.#binaries[name],
      args,
      env: { ...GO_RUNTIME, ...process.env },
      logPath: join(this.dir, `${name}.log`),
      cwd: this.dir,
    })
  }

  #reportFailureOf(component: SupervisedProcess): void {
    void component.failed().then(this.#onFailure)
  }

  async #writeInputs(): Promise<void> {
    const keys = serviceAccountKeys()
    const kubeletClient = kubeletClientCertificate(new Date())
    const secret = { mode: 0o600 }
    await mkdir(this.#paths.certDir, { mode: 0o700 })
    await Promise.all([
      writeFile(this.#paths.tokens, tokenFile(this.#tokens), secret),
      writeFile(this.#paths.serviceAccountKey, keys.privateKey, secret),
      writeFile(this.#paths.serviceAccountPublicKey, keys.publicKey),
      writeFile(this.#paths.kubeletClientKey, kubeletClient.key, secret),
      writeFile(this.#paths.kubeletClientCert, kubeletClient.cert),
      writeFile(this.#paths.auditPolicy, auditPolicy([USERS.operator.name, USERS.bench.name])),
      writeFile(this.#paths.auditLog, '', secret),
    ])
  }

  /** The API server creates its certificate before it listens. */
  async #readCertificate(): Promise<boolean> {
    const path = `${this.#paths.certDir}/apiserver.crt`
    if (!existsSync(path)) return false
    const pem = await readFile(path, 'utf8')
    if (!pem.trimEnd().endsWith('-----END CERTIFICATE-----')) return false
    this.#ca = pem
    return true
  }

  async #writeKubeconfigs(): Promise<void> {
    await Promise.all(FILE_USERS.map(user => this.#writeKubeconfig(user, this.#tokens[user])))
  }

  #writeKubeconfig(user: User, token: string): Promise<void> {
    return writeFile(this.kubeconfigFor(user), kubeconfig(this.server, this.#ca, user, token), { mode: 0o600 })
  }

  async #etcdIsHealthy(): Promise<boolean> {
    const answer = await fetch(`http://127.0.0.1:${this.#ports.etcd}/health`, { signal: AbortSignal.timeout(2000) })
    return answer.ok
  }

  async #exists(path: string): Promise<boolean> {
    return (await this.#call('GET', path)).status === 200
  }

  #call(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const target: ApiCallTarget = { server: this.server, ca: this.#ca, token: this.#tokens.admin }
    return apiCall(target, method, path, body)
  }

  async #grantRights(): Promise<void> {
    for (const { path, object } of await rights()) await this.#create(path, object)
  }

  async #issueOperatorToken(): Promise<void> {
    const { namespace, name } = OPERATOR_ACCOUNT
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`
    const request: { readonly status: { readonly token: string } } = JSON.parse(
      await this.#create(path, { spec: { expirationSeconds: OPERATOR_TOKEN_SECONDS } }),
    )
    await this.#writeKubeconfig('operator', request.status.token)
  }

  async #create(path: string, object: unknown): Promise<string> {
    const { status, body } = await this.#call('POST', path, object)
    if (status !== 201) throw new Error(`POST ${path}: HTTP ${status}: ${body}`)
    return body
  }
}
