/** Containers that run to their end, those of Jobs and init containers: `TaskProcess`, and `defaultTask`, which knows the commands that matter to a volume. */
import { HEIGHT_CONTAINER, INIT_CONTAINER } from '../../../src/api/names.ts'
import { seidInit } from '../sidecar/index.ts'
import type { Home } from '../sidecar/index.ts'
import { heightOf, UNREADABLE } from './block-store.ts'
import type { ContainerProcess, LaunchContext, ProcessExit } from './container-process.ts'
import type { ContainerRole } from './pod-plan.ts'

/** What a test gets to know of such a container. */
export interface ContainerTask {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly image: string
  readonly role: ContainerRole
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** As in its plan. */
  readonly fallbackToLogs: boolean
  /** What is mounted, by mount path. */
  readonly volumes: ReadonlyMap<string, Home>
  /** Aborted by SIGTERM and SIGKILL. */
  readonly signal: AbortSignal
}

/** How it ended; a rejection is exit code 1 with the error's message. */
export type RunToCompletion = (task: ContainerTask) => ProcessExit | Promise<ProcessExit>

export class TaskProcess implements ContainerProcess {
  readonly #aborter = new AbortController()
  #exit: ProcessExit | undefined

  private constructor() {}

  /** A task that ends without waiting has ended when this returns: it then costs its pod no extra status. */
  static start(context: LaunchContext, run: RunToCompletion): TaskProcess {
    const process = new TaskProcess()
    const { namespace, pod, container, volumes } = context
    const end = (exit: ProcessExit): void => {
      if (process.#exit) return
      process.#exit = exit
      context.onChange()
    }
    const fail = (error: unknown): void =>
      end({ exitCode: 1, message: error instanceof Error ? error.message : String(error) })
    try {
      const result = run({
        namespace,
        pod,
        container: container.name,
        image: container.image,
        role: container.role,
        command: container.command,
        env: container.env,
        fallbackToLogs: container.fallbackToLogs ?? false,
        volumes,
        signal: process.#aborter.signal,
      })
      if (result instanceof Promise) result.then(end, fail)
      else process.#exit = result
    } catch (error) {
      fail(error)
    }
    return process
  }

  get exit(): ProcessExit | undefined {
    return this.#exit
  }

  answers(): boolean {
    return this.#exit === undefined
  }

  /** Ignores a later end of the task itself. */
  async signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#exit ??= { exitCode: signal === 'SIGTERM' ? 143 : 137 }
    this.#aborter.abort(new Error(`${signal} was sent to the container`))
    await Promise.resolve()
  }
}

/**
 * Plays the containers `seid-init` and `seid-height`, and `seid init MONIKER --chain-id CHAIN --home DIR` in any other; everything else
 * succeeds and does nothing.
 */
export function defaultTask(task: ContainerTask): ProcessExit {
  if (task.container === INIT_CONTAINER) return seidInitContainer(task)
  if (task.container === HEIGHT_CONTAINER) return reportHeight(task)
  const [program, verb, moniker = ''] = task.command
  if (program === 'seid' && verb === 'init') {
    seidInit(mountedAt(task, flag(task, '--home')), { chainId: flag(task, '--chain-id'), moniker })
  }
  return { exitCode: 0 }
}

function reportHeight(task: ContainerTask): ProcessExit {
  const height = heightOf(mountedAt(task, task.command.at(-1) ?? ''))
  return { exitCode: 0, message: Number.isNaN(height) ? `height unreadable\n${UNREADABLE}\n` : `height ${height}\n` }
}

/** A file that the script takes away first. */
const RESET = /^rm -f "\$SEI_HOME\/([^"]+)"$/m

/** The container's script: it leaves a home that is there alone, and takes a chain id, a moniker, and `init` or `fail`. */
function seidInitContainer(task: ContainerTask): ProcessExit {
  const [chainId = '', moniker = '', onEmptyVolume] = task.command.slice(-3)
  const home = mountedAt(task, task.env['SEI_HOME'] ?? '')
  const file = RESET.exec(task.command.join('\n'))?.[1]
  if (file !== undefined) home.remove(file)
  home.remove('tmp')
  home.makeDirectory('tmp')
  if ((home.read('config/genesis.json') ?? '') !== '') return { exitCode: 0 }
  if (onEmptyVolume === 'fail') {
    const message =
      'no config/genesis.json on the data volume: spec.genesis.pvc must name a claim whose volume was prepared'
    return { exitCode: 1, message }
  }
  seidInit(home, { chainId, moniker, overwrite: true })
  return { exitCode: 0 }
}

function mountedAt(task: ContainerTask, path: string): Home {
  const home = task.volumes.get(path)
  if (!home)
    throw new Error(`container ${task.container} works on ${path || 'no directory'}: no volume is mounted there`)
  return home
}

function flag(task: ContainerTask, name: string): string {
  return task.command[task.command.indexOf(name) + 1] ?? ''
}
