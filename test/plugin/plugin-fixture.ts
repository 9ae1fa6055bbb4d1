/** A namespace with nodes and pools, and `kubectl sei` run in it as a user runs it: `PluginFixture`. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Role } from 'kubernetes-types/rbac/v1.d.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { kubectl } from '../../testing/kubectl.ts'
import { PoolFixture } from '../pool/pool-fixture.ts'
import type { OperatorFixtureOptions } from '../support/operator-fixture.ts'

export interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** `-n` with the namespace of the fixture comes first; true: it does not. */
  readonly isBare?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** Ends the program, with SIGINT, when what it printed meets the condition. */
  readonly until?: (stdout: string) => boolean
}

export class PluginFixture implements AsyncDisposable {
  readonly pools: PoolFixture
  /** The operator's setting of that name. */
  readonly nodePool: string
  readonly #home = mkdtempSync(join(tmpdir(), 'kubectl-sei-'))

  private constructor(pools: PoolFixture, nodePool: string) {
    this.pools = pools
    this.nodePool = nodePool
  }

  static async open({ node, operator, ...options }: OperatorFixtureOptions = {}): Promise<PluginFixture> {
    // Machines of its own, whose kubelet the API server reaches.
    const nodePool = `plugin-${randomUUID().slice(0, 8)}`
    const pools = await PoolFixture.open({
      ...options,
      node: { nodePool, ...node },
      operator: { ...operator, env: { SEI_NODEPOOL_NAME: nodePool, ...operator?.env } },
    })
    return new PluginFixture(pools, nodePool)
  }

  get namespace(): string {
    return this.pools.base.namespace
  }

  /** Runs the bundle, as the admin unless `env` has another KUBECONFIG. Never rejects for the exit code. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    return runPlugin(
      options.isBare ? args : [...args, '-n', this.namespace],
      {
        HOME: this.#home,
        KUBECONFIG: attachedControlPlane(process.env).kubeconfigPath,
        ...options.env,
      },
      options.until,
    )
  }

  /** As `run`; throws unless it ends well. A plan ends with 1 where something changes. */
  async output(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options)
    if (code !== 0 && !(code === 1 && args[0] === 'plan'))
      throw new Error(`kubectl sei ${args.join(' ')}: exit code ${code}: ${stderr}${stdout}`)
    return stdout
  }

  /** A file in the home of the user. Resolves with its path. */
  async file(name: string, text: string): Promise<string> {
    const path = join(this.#home, name)
    await writeFile(path, text)
    return path
  }

  /** A kubeconfig of somebody who has only the rights of that Role, in this namespace. Resolves with its path. */
  async kubeconfigOf(user: string, role: Role): Promise<string> {
    const { namespace } = this
    const named = { ...role, metadata: { name: user, namespace } }
    await kubectl(['create', '-f', '-'], { stdin: JSON.stringify(named) })
    await kubectl(['create', 'serviceaccount', user, '-n', namespace])
    await kubectl([
      'create',
      'rolebinding',
      user,
      '-n',
      namespace,
      `--role=${user}`,
      `--serviceaccount=${namespace}:${user}`,
    ])
    const token = (await kubectl(['create', 'token', user, '-n', namespace])).trim()
    const path = join(this.#home, user)
    await copyFile(attachedControlPlane(process.env).kubeconfigPath, path)
    const inFile = ['--kubeconfig', path]
    await kubectl(['config', 'set-credentials', user, `--token=${token}`, ...inFile])
    await kubectl(['config', 'set-context', '--current', `--user=${user}`, `--namespace=${namespace}`, ...inFile])
    return path
  }

  /** A kubeconfig of a server that is no API server. Resolves with its path. */
  async kubeconfigFor(server: string): Promise<string> {
    const path = join(this.#home, encodeURIComponent(server))
    const inFile = ['--kubeconfig', path]
    await kubectl(['config', 'set-cluster', 'other', `--server=${server}`, ...inFile])
    await kubectl(['config', 'set-credentials', 'other', '--token=x', ...inFile])
    await kubectl(['config', 'set-context', 'other', '--cluster=other', '--user=other', ...inFile])
    await kubectl(['config', 'use-context', 'other', ...inFile])
    return path
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pools[Symbol.asyncDispose]()
    rmSync(this.#home, { recursive: true })
  }
}

/** The bundle that `hack/run-tests.ts` made beside the operator's. */
export function pluginProgram(): string {
  return join(dirname(process.env['OPERATOR_PROGRAM'] ?? ''), 'kubectl-sei.cjs')
}

function runPlugin(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  until: (stdout: string) => boolean = () => false,
): Promise<Result> {
  const child = spawn(process.execPath, [pluginProgram(), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const texts = { stdout: '', stderr: '' }
  let isEnded = false
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk
      if (isEnded || !until(texts.stdout)) return
      // A second signal would end it at once.
      isEnded = true
      child.kill('SIGINT')
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve({ code, ...texts }))
  })
}
