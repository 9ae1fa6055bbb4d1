/** Real seictl processes instead of fakes: `RealSidecars` gives each volume a directory and each container a process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Supervisor } from '../../controlplane/supervisor.ts'
import { DirectoryHome } from '../sidecar/index.ts'
import type { Home } from '../sidecar/index.ts'
import type { RunSeictl } from './launcher.ts'
import { startSeictl } from './seictl-process.ts'

export class RealSidecars {
  readonly #path: string
  readonly #dir: string
  readonly #supervisor: Supervisor

  /** `path`: the seictl program. Everything is below one temporary directory, which is removed with this process. */
  constructor(path: string) {
    this.#path = path
    this.#dir = mkdtempSync(join(tmpdir(), 'fake-volumes-'))
    this.#supervisor = new Supervisor(this.#dir)
  }

  /** A new volume. */
  home(claimUID: string): Home {
    return new DirectoryHome(join(this.#dir, claimUID))
  }

  readonly run: RunSeictl = (context, home, cut) =>
    startSeictl(context, {
      path: this.#path,
      home: home.root,
      logPath: join(this.#dir, `${context.namespace}.${context.pod}.log`),
      supervisor: this.#supervisor,
      cut,
    })

  async stop(): Promise<void> {
    await this.#supervisor.stop()
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
