/** A main container that runs until it is told to end: `SeidProcess` becomes ready after a while and can be made to die. */
import type { Timer } from '../../../src/runtime/clock.ts'
import { SEID_PORTS } from '../../../src/api/names.ts'
import type { Chains } from './chain.ts'
import type { ContainerProcess, LaunchContext, ProcessExit } from './container-process.ts'
import type { HttpProbe } from './pod-plan.ts'
import { SeidRpc } from './seid-rpc.ts'

export interface SeidOptions {
  /** From its start to the first success of its readiness probe, milliseconds. */
  readonly readyMs: number
  /** Overrides `readyMs` where it is defined. */
  readonly ready?: boolean
  /** Where it takes part in a chain, and answers at its RPC port. */
  readonly chains?: Chains
  /** On that chain it neither signs nor follows. */
  readonly stalled?: boolean
  /** It ends at once. */
  readonly ends?: ProcessExit
}

/** Those of seid's RPC that need no parameters and say how it is. */
const RPC_PATHS: ReadonlySet<string> = new Set(['/health', '/status', '/lag_status', '/net_info', '/abci_info'])

const GENESIS = 'config/genesis.json'

export class SeidProcess implements ContainerProcess {
  readonly #context: LaunchContext
  readonly #timer: Timer | undefined
  readonly #rpc: SeidRpc | undefined
  #exit: ProcessExit | undefined
  #ready: boolean

  /** Resolves when it answers at its RPC port, or has ended. */
  static async start(context: LaunchContext, options: SeidOptions): Promise<SeidProcess> {
    const process = new SeidProcess(context, options)
    await process.#rpc?.open()
    if (options.ends) process.crash(options.ends)
    return process
  }

  private constructor(context: LaunchContext, options: SeidOptions) {
    this.#context = context
    this.#ready = options.ready ?? options.readyMs === 0
    if (options.ready === undefined && !this.#ready) {
      this.#timer = context.clock.setTimeout(() => this.setReady(true), options.readyMs)
    }
    const home = [...context.volumes.values()].find(volume => volume.read(GENESIS) !== undefined)
    if (home && options.chains) {
      this.#rpc = new SeidRpc(home, options.chains.of(home.read(GENESIS) ?? ''), context.podIP)
      if (options.stalled === true) this.#rpc.setStalled(true)
    }
    // On an empty volume, or on one mounted where it does not look, it ends at once: a node that was never initialised
    // must not look healthy.
    if (!home && context.volumes.size > 0) {
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

  setStalled(stalled: boolean): void {
    this.#rpc?.setStalled(stalled)
  }

  /** It dies by itself, as after a panic. */
  crash(exit: ProcessExit): void {
    void this.#end(exit)
  }

  /** seid ends with 0 on SIGTERM once its start-up is over. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    return this.#end({ exitCode: signal === 'SIGTERM' ? 0 : 137 })
  }

  async #end(exit: ProcessExit): Promise<void> {
    if (this.#exit) return
    if (this.#timer) this.#context.clock.clearTimeout(this.#timer)
    this.#exit = exit
    const closed = this.#rpc?.close()
    this.#context.onChange()
    await closed
  }
}
