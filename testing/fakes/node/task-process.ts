/** A container that does one thing and ends: init containers and those of Jobs. */
import type { Home } from '../sidecar/index.ts'
import type { ContainerProcess, LaunchContext, ProcessExit } from './container-process.ts'
import type { ContainerRole } from './pod-plan.ts'

/** What a test may do in such a container's place. */
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
  /** Aborted when the container is told to end. */
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

  /** The task's own end, if it still comes, is no longer of interest. */
  async signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#exit ??= { exitCode: signal === 'SIGTERM' ? 143 : 137 }
    this.#aborter.abort(new Error(`${signal} was sent to the container`))
    await Promise.resolve()
  }
}
