/** `kubectl sei console` as a user runs it: `ConsoleProcess`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { pluginProgram } from '../plugin/plugin-fixture.ts'
import { until } from '../support/until.ts'

export class ConsoleProcess implements AsyncDisposable {
  /** With the token. */
  readonly url: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  static async start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ConsoleProcess> {
    const child = spawn(process.execPath, [pluginProgram(), 'console', ...args], {
      env: { HOME: '/nonexistent', KUBECONFIG: attachedControlPlane(process.env).kubeconfigPath, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = { out: '', all: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text))
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said.all += text))
    const url = await until('the address of the console', () => /^http\S+$/m.exec(said.out)?.[0], {
      found: () => said.all,
    })
    return new ConsoleProcess(child, url)
  }

  /** The origin, and the same with a path. */
  at(path: string): string {
    return new URL(path, this.url).href
  }

  /** As Ctrl-C. Resolves with the exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode
    this.#child.kill('SIGINT')
    const [code] = await once(this.#child, 'exit')
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
