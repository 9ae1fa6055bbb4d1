/** A main container that runs until it is told to end: `SeidProcess` becomes ready after a while and can be made to die. */
import type { Timer } from '../../src/runtime/clock.ts'
import { SEID_CONTAINER, SEID_PORTS } from '../../src/api/names.ts'
import type { ContainerProcess, LaunchContext, ProcessExit } from './container-process.ts'
import type { HttpProbe } from './pod-plan.ts'

export interface SeidOptions {
  /** From its start to the first success of its readiness probe, milliseconds. */
  readonly readyMs: number
  /** Overrides `readyMs` where it is defined. */
  readonly ready?: boolean
}

/** Those of seid's RPC that need no parameters and say how it is. */
const RPC_PATHS: ReadonlySet<string> = new Set(['/health', '/status', '/lag_status', '/net_info', '/abci_info'])

const GENESIS = 'config/genesis.json'

export class SeidProcess implements ContainerProcess {
  readonly #context: LaunchContext
  readonly #timer: Timer | undefined
  #exit: ProcessExit | undefined
  #ready: boolean

  constructor(context: LaunchContext, options: SeidOptions) {
    this.#context = context
    this.#ready = options.ready ?? options.readyMs === 0
    if (options.ready === undefined && !this.#ready) {
      this.#timer = context.clock.setTimeout(() => this.setReady(true), options.readyMs)
    }
    if (lacksGenesis(context)) {
      this.#exit = { exitCode: 1, message: `couldn't read GenesisDoc file: open ${GENESIS}: no such file or directory` }
    }
  }

  get exit(): ProcessExit | undefined {
    return this.#exit
  }

  answers({ path, port }: HttpProbe): boolean {
    return this.#exit === undefined && this.#ready && port === SEID_PORTS.rpc && RPC_PATHS.has(path)
  }

  setReady(ready: boolean): void {
    if (this.#timer) this.#context.clock.clearTimeout(this.#timer)
    this.#ready = ready
    this.#context.onChange()
  }

  /** It dies by itself, as after a panic. */
  crash(exit: ProcessExit): void {
    if (this.#timer) this.#context.clock.clearTimeout(this.#timer)
    this.#exit ??= exit
    this.#context.onChange()
  }

  /** seid ends with 0 on SIGTERM once its start-up is over. */
  async signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.crash({ exitCode: signal === 'SIGTERM' ? 0 : 137 })
    await Promise.resolve()
  }
}

/** seid on an empty volume, or on one mounted where it does not look, ends at once: a node that was never initialised must not look healthy. */
function lacksGenesis({ container, volumes }: LaunchContext): boolean {
  if (container.name !== SEID_CONTAINER || volumes.size === 0) return false
  return [...volumes.values()].every(home => home.read(GENESIS) === undefined)
}
