/** A real seid that runs on this machine, on ports of its own: `RealSeid`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../../testing/controlplane/ports.ts'
import type { SupervisedProcess } from '../../testing/controlplane/supervisor.ts'
import { Supervisor } from '../../testing/controlplane/supervisor.ts'

export class RealSeid implements AsyncDisposable {
  readonly #supervisor: Supervisor
  readonly #process: SupervisedProcess
  readonly #rpc: string

  private constructor(supervisor: Supervisor, process: SupervisedProcess, rpc: string) {
    this.#supervisor = supervisor
    this.#process = process
    this.#rpc = rpc
  }

  /** As a validator, on a prepared volume, without the servers that validators do not have. */
  static async start(path: string, home: string): Promise<RealSeid> {
    const app = join(home, 'config/app.toml')
    writeFileSync(app, readFileSync(app, 'utf8').replaceAll(/^((?:http_|ws_)?enabled?) = true$/gm, '$1 = false'))
    const [rpc = 0, p2p = 0] = await freePorts(2)
    const flags = { mode: 'validator', 'rpc.laddr': `tcp://127.0.0.1:${rpc}`, 'p2p.laddr': `tcp://127.0.0.1:${p2p}` }
    const supervisor = new Supervisor()
    const process = supervisor.spawn({
      path,
      args: ['start', '--home', home, ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)],
      env: { HOME: home },
      logPath: join(home, 'seid.log'),
    })
    return new RealSeid(supervisor, process, `http://127.0.0.1:${rpc}`)
  }

  /** Rejects with the end of its log when it ends before. */
  untilLogged(text: string): Promise<void> {
    return this.#until(() => Promise.resolve(readFileSync(this.#process.logPath, 'utf8').includes(text)))
  }

  /** Rejects with the end of its log when it ends before. */
  untilHeight(height: number): Promise<void> {
    return this.#until(async () => {
      const response = await fetch(`${this.#rpc}/status`)
      const { sync_info }: { sync_info: { latest_block_height: string } } = JSON.parse(await response.text())
      return Number(sync_info.latest_block_height) >= height
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#supervisor.stop()
  }

  #until(probe: () => Promise<boolean>): Promise<void> {
    return this.#process.untilReady(probe, { deadlineMs: 120_000, intervalMs: 200 })
  }
}
