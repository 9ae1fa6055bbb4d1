/** A validator's init container, its script run for real also on volumes that are in memory: `ValidatorInit`. */
import { INIT_CONTAINER } from '../../../src/api/names.ts'
import { MemoryHome } from '../sidecar/index.ts'
import type { Home } from '../sidecar/index.ts'
import type { ProcessExit } from './container-process.ts'
import type { JobScripts } from './job-scripts.ts'
import type { RunScript } from './launcher.ts'
import type { ContainerTask } from './task-process.ts'

export class ValidatorInit {
  readonly #scripts: () => JobScripts
  #copies = 0

  constructor(scripts: () => JobScripts) {
    this.#scripts = scripts
  }

  readonly run: RunScript = task => (isValidatorInit(task) ? this.#onDisk(task) : undefined)

  async #onDisk(task: ContainerTask): Promise<ProcessExit> {
    const scripts = this.#scripts()
    const copies = new Map<Home, Home>()
    for (const home of new Set(task.volumes.values())) {
      if (!(home instanceof MemoryHome)) continue
      this.#copies += 1
      const copy = scripts.home(`copy-${this.#copies}`)
      copyFiles(home, copy)
      copies.set(home, copy)
    }
    const volumes = new Map([...task.volumes].map(([path, home]) => [path, copies.get(home) ?? home]))
    const exit = await scripts.runInit({ ...task, volumes })
    for (const [home, copy] of copies) {
      home.remove('tmp')
      copyFiles(copy, home)
      copy.remove('')
    }
    return exit
  }
}

function isValidatorInit({ container, command }: ContainerTask): boolean {
  return container === INIT_CONTAINER && command[3] === 'validator-init'
}

function copyFiles(from: Home, to: Home, path = ''): void {
  for (const name of from.list(path)) {
    const below = path === '' ? name : `${path}/${name}`
    if (from.isDirectory(below)) {
      to.makeDirectory(below)
      copyFiles(from, to, below)
    } else {
      to.write(below, from.read(below) ?? '')
    }
  }
}
