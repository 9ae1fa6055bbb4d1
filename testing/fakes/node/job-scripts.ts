/** Scripts that run for real: `JobScripts` gives each volume a directory, each script a shell and a fake seid. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { INIT_CONTAINER } from '../../../src/api/names.ts'
import { genesisPatch } from '../../../src/cli/genesis-patch.ts'
import { assertNever } from '../../../src/lib/assert-never.ts'
import { Supervisor } from '../../controlplane/supervisor.ts'
import type { Exit } from '../../controlplane/supervisor.ts'
import { installFakeSeid } from '../seid/fake-seid.ts'
import { DirectoryHome, MemoryHome } from '../sidecar/index.ts'
import type { Home } from '../sidecar/index.ts'
import type { ProcessExit } from './container-process.ts'
import type { RunScript } from './launcher.ts'
import type { ResolvedOptions } from './options.ts'
import type { ContainerTask } from './task-process.ts'

/** What an image holds besides seid. */
const UTILITIES = ['/usr/bin', '/bin']

/** Bytes, as kubelet reads them of a termination message and of a log in its place. */
const MAX_MESSAGE = 4096
const MAX_LOG_TAIL = 2048

export class JobScripts {
  readonly #dir = mkdtempSync(join(tmpdir(), 'fake-jobs-'))
  readonly #supervisor = new Supervisor(this.#dir)
  #runs = 0

  readonly #before: ResolvedOptions['beforeScript']

  /** Everything is below one temporary directory, which `stop` removes. */
  constructor(before: ResolvedOptions['beforeScript'] = () => Promise.resolve()) {
    this.#before = before
    installFakeSeid(join(this.#dir, 'bin'))
  }

  /** A new volume. */
  home(claimUID: string): Home {
    return new DirectoryHome(join(this.#dir, claimUID))
  }

  /** Runs `/bin/sh -c SCRIPT`, and `genesis patch` of the operator's image; init containers of nodes are handled elsewhere. */
  readonly run: RunScript = task => {
    const [program, flag] = task.command
    if (task.container === INIT_CONTAINER) return undefined
    if (program === 'genesis' && flag === 'patch') return this.#patch(task)
    return program === '/bin/sh' && flag === '-c' ? this.#script(task) : undefined
  }

  /** The script of a node's init container. */
  runInit(task: ContainerTask): Promise<ProcessExit> {
    return this.#script(task)
  }

  async stop(): Promise<void> {
    await this.#supervisor.stop()
    rmSync(this.#dir, { recursive: true, force: true })
  }

  #patch(task: ContainerTask): Promise<ProcessExit> {
    const value = (flag: string): string => task.command[task.command.indexOf(flag) + 1] ?? ''
    const params = task.command.filter((_, i) => task.command[i - 1] === '--params')
    const { exitCode, message } = genesisPatch({ dir: onDisk(task, value('--dir')), params })
    return Promise.resolve(exitCode === 0 || !task.fallbackToLogs ? { exitCode } : { exitCode, message })
  }

  async #script(task: ContainerTask): Promise<ProcessExit> {
    await this.#before(task)
    this.#runs += 1
    const logPath = join(this.#dir, `${task.namespace}.${task.pod}.${task.container}.${this.#runs}.log`)
    const messagePath = `${logPath}.message`
    writeFileSync(messagePath, '')
    const env = Object.entries(task.env).map(([name, value]) => [name, onDisk(task, value)])
    const shell = this.#supervisor.spawn({
      name: `${task.namespace}/${task.pod} ${task.container}`,
      path: '/bin/sh',
      args: task.command.slice(1).map(argument => onDisk(task, argument)),
      cwd: this.#dir,
      // Without this machine's environment, which an image does not have.
      env: {
        ...Object.fromEntries(env),
        PATH: [join(this.#dir, 'bin'), ...UTILITIES].join(delimiter),
        TERMINATION_LOG: messagePath,
      },
      logPath,
    })
    const kill = (): void => shell.kill('SIGKILL')
    task.signal.addEventListener('abort', kill)
    const exitCode = codeOf(await shell.exited)
    task.signal.removeEventListener('abort', kill)
    const left = readFileSync(messagePath).subarray(0, MAX_MESSAGE).toString()
    const message = left === '' && exitCode !== 0 && task.fallbackToLogs ? tail(logPath) : left
    return message === '' ? { exitCode } : { exitCode, message }
  }
}

/** Maps a path in the container to this machine. Paths outside mounted volumes are unchanged. */
function onDisk({ volumes }: ContainerTask, path: string): string {
  for (const [mountPath, { root }] of volumes) {
    if (path === mountPath || path.startsWith(`${mountPath}/`)) return root + path.slice(mountPath.length)
  }
  return path
}

function codeOf(exit: Exit): number {
  switch (exit.kind) {
    case 'code':
      return exit.code
    case 'signal':
      return 128 + constants.signals[exit.signal]
    case 'not-started':
      throw exit.cause
    default:
      return assertNever(exit)
  }
}

function tail(logPath: string): string {
  return readFileSync(logPath).subarray(-MAX_LOG_TAIL).toString()
}

/** Runs the script of a validator's init container for real, also on volumes that are in memory. */
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
