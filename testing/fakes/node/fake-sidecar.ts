/** A fake sidecar as the process of a container: `startFakeSidecar` opens it on its pod's address. */
import { SIDECAR_PORT } from '../../../src/api/names.ts'
import { FakeSidecar } from '../sidecar/index.ts'
import type { Home, FakeSidecarOptions } from '../sidecar/index.ts'
import { PROBE_PATHS } from '../sidecar/routes.ts'
import { PodPort } from './addresses.ts'
import type { LaunchContext, ProcessExit, SidecarProcess } from './container-process.ts'
import type { HttpProbe } from './pod-plan.ts'

/** Up to this release the process died by the signal itself. */
const LAST_WITHOUT_HANDLER = 18

export type FakeBehaviour = Omit<FakeSidecarOptions, 'home' | 'env' | 'onReadyChange'>

/** Rejects with the message of the real sidecar before it exits: a missing variable, a port in use. */
export async function startFakeSidecar(
  context: LaunchContext,
  home: Home,
  behaviour: FakeBehaviour,
  cut: boolean,
): Promise<FakeSidecarProcess> {
  const { env } = context.container
  const sidecar = new FakeSidecar({ ...behaviour, home, env, onReadyChange: context.onChange })
  const port = Number(env['SEI_SIDECAR_PORT'] ?? SIDECAR_PORT)
  const process = new FakeSidecarProcess(context, sidecar, port)
  if (!cut) await process.setCut(false)
  return process
}

export class FakeSidecarProcess implements SidecarProcess {
  readonly sidecar: FakeSidecar
  readonly #port: number
  readonly #front: PodPort
  readonly #onChange: () => void
  #exit: ProcessExit | undefined

  constructor(context: LaunchContext, sidecar: FakeSidecar, port: number) {
    this.sidecar = sidecar
    this.#port = port
    this.#onChange = context.onChange
    this.#front = new PodPort({ host: context.podIP, port, createServer: () => sidecar.createServer() })
  }

  get exit(): ProcessExit | undefined {
    return this.#exit
  }

  /** In-process, so that tests neither record nor disturb probes. It queries the pod's address. */
  answers(probe: HttpProbe): boolean {
    if (this.#exit || probe.port !== this.#port || !PROBE_PATHS.includes(probe.path)) return false
    return this.sidecar.ready || probe.path !== '/v0/healthz'
  }

  async setCut(cut: boolean): Promise<void> {
    await (cut || this.#exit ? this.#front.close() : this.#front.open())
  }

  async signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#exit) return
    const graceful = signal === 'SIGTERM'
    const diedBySignal = this.sidecar.profile.release <= LAST_WITHOUT_HANDLER
    this.#exit = { exitCode: graceful ? (diedBySignal ? 143 : 0) : 137 }
    await this.#front.close()
    await this.sidecar.close()
    this.#onChange()
  }
}
