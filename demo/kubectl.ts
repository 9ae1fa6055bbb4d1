/** Runs kubectl and shows what it was asked and what it answered: `Kubectl`. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import type { ControlPlane } from '../testing/controlplane/cluster.ts'
import { environmentOf } from '../testing/controlplane/environment.ts'
import type { ProgressStream } from '../testing/progress.ts'

const execute = promisify(execFile)

export interface KubectlOptions {
  readonly controlPlane: ControlPlane
  readonly env: NodeJS.ProcessEnv
  /** Paths in arguments are relative to it. */
  readonly cwd: string
  readonly screen: ProgressStream
}

export class Kubectl {
  readonly #options: KubectlOptions

  constructor(options: KubectlOptions) {
    this.#options = options
  }

  /** Rejects with kubectl's own message. */
  async run(...args: readonly string[]): Promise<string> {
    const { controlPlane, cwd } = this.#options
    const env = { ...this.#options.env, ...environmentOf(controlPlane) }
    try {
      const { stdout, stderr } = await execute(controlPlane.kubectlPath, args, { env, cwd })
      return stdout + stderr
    } catch (cause) {
      const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : ''
      throw new Error(`kubectl ${args.join(' ')}: ${said || String(cause)}`, { cause })
    }
  }

  /** As `run`, on the screen: the command, and its output indented. */
  async show(...args: readonly string[]): Promise<void> {
    const { screen } = this.#options
    const output = await this.run(...args)
    screen.write(`$ kubectl ${args.join(' ')}\n${output.trimEnd().replaceAll(/^(?=.)/gm, '  ')}\n`)
  }
}
