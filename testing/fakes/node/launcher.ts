/** Starts the process of each container, as options and tests ask for: `Launcher`. */
import { SEID_CONTAINER, SIDECAR_CONTAINER } from '../../../src/api/names.ts'
import type { Clock } from '../../../src/runtime/clock.ts'
import { MemoryHome } from '../sidecar/index.ts'
import type { Execution, Home, FakeSidecar } from '../sidecar/index.ts'
import { Chains } from './chain.ts'
import type { UpgradePlan } from './chain-upgrades.ts'
import type { ContainerProcess, LaunchContext, ProcessExit, SidecarProcess } from './container-process.ts'
import type { LoggedContainer, ResolvedOptions } from './options.ts'
import { FakeSidecarProcess, startFakeSidecar } from './fake-sidecar.ts'
import type { FakeBehaviour } from './fake-sidecar.ts'
import { SeidProcess } from './seid.ts'
import { playHaltGuard } from './halt-guard.ts'
import { TaskProcess, defaultTask } from './task-process.ts'
import type { ContainerTask, RunToCompletion } from './task-process.ts'

/** Undefined for what is no script. */
export type RunScript = (task: ContainerTask) => Promise<ProcessExit> | undefined

/** A real sidecar in the fake's place. */
export type RunSeictl = (context: LaunchContext, home: Home, cut: boolean) => Promise<SidecarProcess>

export type LauncherOptions = Pick<
  ResolvedOptions,
  'sidecarFor' | 'defaultProfile' | 'seidRpc' | 'seidEnds' | 'runToCompletion'
>

const DEFAULT_HOME = '/sei'

export class Launcher {
  readonly #options: LauncherOptions
  readonly #runSeictl: RunSeictl | undefined
  readonly #runTask: RunToCompletion
  /** Settings of tests by `namespace/pod`; they apply to later pods of that name too. */
  readonly #cut = new Set<string>()
  readonly #seidReady = new Map<string, boolean>()
  readonly #stalled = new Set<string>()
  readonly #chains: Chains
  readonly #executions = new Map<string, Execution[]>()
  /** The last two runs of seid, by the name of the pod. */
  readonly #seids = new Map<string, readonly SeidProcess[]>()

  /** With `runSeictl` sidecars are real; with `runScript` every container is for which it does not return undefined. */
  constructor(options: LauncherOptions, clock: Clock, runSeictl?: RunSeictl, runScript?: RunScript) {
    this.#options = options
    this.#runSeictl = runSeictl
    this.#chains = new Chains(clock)
    this.#runTask = task => options.runToCompletion(task) ?? runScript?.(task) ?? defaultTask(task)
  }

  readonly launch = (context: LaunchContext): Promise<ContainerProcess> => {
    const { container } = context
    if (container.name === SIDECAR_CONTAINER) return this.#sidecar(context)
    if (container.role === 'init' || container.restartPolicy !== 'Always') {
      return Promise.resolve(TaskProcess.start(context, this.#runTask))
    }
    if (container.name !== SEID_CONTAINER)
      return Promise.resolve(TaskProcess.start(context, () => new Promise(() => {})))
    const guard = playHaltGuard(context)
    if (guard) return Promise.resolve(guard)
    const ready = this.#seidReady.get(keyOf(context))
    const read = (path: string): string | undefined =>
      [...context.volumes.values()].map(volume => volume.read(path)).find(text => text !== undefined)
    const ends = this.#options.seidEnds({ pod: context.pod, image: container.image, read })
    return this.#noted(
      context.pod,
      SeidProcess.start(context, {
        ...(ends && { ends }),
        ...(ready !== undefined && { ready }),
        ...(this.#options.seidRpc && { chains: this.#chains }),
        stalled: this.#stalled.has(keyOf(context)),
      }),
    )
  }

  /** Of the seid of that pod that ended last, if it said more than its termination message has. */
  logOf({ pod, container }: LoggedContainer): string | undefined {
    if (container !== SEID_CONTAINER) return undefined
    return this.#seids.get(pod)?.findLast(({ exit }) => exit !== undefined)?.exit?.log
  }

  async #noted(pod: string, starting: Promise<SeidProcess>): Promise<SeidProcess> {
    const process = await starting
    this.#seids.set(pod, [...(this.#seids.get(pod) ?? []), process].slice(-2))
    return process
  }

  /** The chains of that id vote for an upgrade. */
  vote(chainId: string, plan: UpgradePlan): void {
    this.#chains.vote(chainId, plan)
  }

  async setCut(key: string, cut: boolean, process: ContainerProcess | undefined): Promise<void> {
    if (cut) this.#cut.add(key)
    else this.#cut.delete(key)
    if (process && isSidecar(process)) await process.setCut(cut)
  }

  setSeidReady(key: string, ready: boolean, process: ContainerProcess | undefined): void {
    this.#seidReady.set(key, ready)
    if (process instanceof SeidProcess) process.setReady(ready)
  }

  setSeidStalled(key: string, stalled: boolean, process: ContainerProcess | undefined): void {
    if (stalled) this.#stalled.add(key)
    else this.#stalled.delete(key)
    if (process instanceof SeidProcess) process.setStalled(stalled)
  }

  executions(key: string): readonly Execution[] {
    return this.#executions.get(key) ?? []
  }

  async #sidecar(context: LaunchContext): Promise<ContainerProcess> {
    const { namespace, pod, container, volumes } = context
    const key = keyOf(context)
    // Without a volume its home is the container's own file system, which is lost with it.
    const home = volumes.get(container.env['SEI_HOME'] ?? DEFAULT_HOME) ?? new MemoryHome()
    const cut = this.#cut.has(key)
    if (this.#runSeictl) return this.#runSeictl(context, home, cut)
    const choice = this.#options.sidecarFor({ namespace, pod, image: container.image, env: container.env })
    const executions = this.#executions.get(key) ?? []
    this.#executions.set(key, executions)
    const behaviour: FakeBehaviour = {
      ...choice,
      profile: choice.profile ?? versionTag(container.image) ?? this.#options.defaultProfile,
      onExecution: execution => {
        executions.push(execution)
        choice.onExecution?.(execution)
      },
    }
    return startFakeSidecar(context, home, behaviour, cut)
  }
}

/** The process as a fake sidecar; undefined if it is another process or none. */
export function fakeOf(process: ContainerProcess | undefined): FakeSidecar | undefined {
  return process instanceof FakeSidecarProcess ? process.sidecar : undefined
}

function isSidecar(process: ContainerProcess): process is SidecarProcess {
  return 'setCut' in process
}

function versionTag(image: string): string | undefined {
  return /:(v\d+\.\d+\.\d+)$/.exec(image)?.[1]
}

function keyOf({ namespace, pod }: LaunchContext): string {
  return `${namespace}/${pod}`
}
