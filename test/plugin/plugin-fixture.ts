/** A namespace with nodes and pools, and `kubectl sei` run in it as a user runs it: `PluginFixture`. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
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
  /** Ends the program, with SIGINT, when it has printed this. */
  readonly until?: (stdout: string) => boolean
}

export class PluginFixture implements AsyncDisposable {
  readonly pools: PoolFixture
  readonly #home = mkdtempSync(join(tmpdir(), 'kubectl-sei-'))

  private constructor(pools: PoolFixture) {
    this.pools = pools
  }

  static async open({ node, operator, ...options }: OperatorFixtureOptions = {}): Promise<PluginFixture> {
    // Machines of its own, whose kubelet the API server reaches.
    const nodePool = `plugin-${randomUUID().slice(0, 8)}`
    const pools = await PoolFixture.open({
      ...options,
      node: { nodePool, ...node },
      operator: { ...operator, env: { SEI_NODEPOOL_NAME: nodePool, ...operator?.env } },
    })
    return new PluginFixture(pools)
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

  /** A file that only this fixture has. Resolves with its path. */
  file(name: string, text: string): string {
    const path = join(this.#home, name)
    writeFileSync(path, text)
    return path
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pools[Symbol.asyncDispose]()
    rmSync(this.#home, { recursive: true })
  }
}

/** The bundle that `hack/run-tests.ts` made beside the operator's. */
function pluginProgram(): string {
  return join(dirname(process.env['OPERATOR_PROGRAM'] ?? ''), 'kubectl-sei.mjs')
}

function runPlugin(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  until: (stdout: string) => boolean = () => false,
): Promise<Result> {
  const child = spawn(process.execPath, [pluginProgram(), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk
      if (until(texts.stdout)) child.kill('SIGINT')
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve({ code, ...texts }))
  })
}
