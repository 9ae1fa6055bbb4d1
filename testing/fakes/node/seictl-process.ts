/** A real `seictl serve` as the process of a container: it binds all addresses, so each has a port of its own behind its pod's address. */
import { mkdirSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { SIDECAR_PORT } from '../../../src/api/names.ts'
import { assertNever } from '../../../src/lib/assert-never.ts'
import { sleep } from '../../../src/runtime/clock.ts'
import type { Clock, Timer } from '../../../src/runtime/clock.ts'
import { freePorts } from '../../controlplane/ports.ts'
import type { Exit, SupervisedProcess, Supervisor } from '../../controlplane/supervisor.ts'
import { PodPort } from './addresses.ts'
import type { LaunchContext, ProcessExit, SidecarProcess } from './container-process.ts'
import type { HttpProbe } from './pod-plan.ts'

const CONNECT_PERIOD_MS = 20
const PROBE_PERIOD_MS = 1000
const PROBE_TIMEOUT_MS = 1000

export interface SeictlOptions {
  readonly path: string
  /** The container's volume. */
  readonly home: string
  readonly logPath: string
  readonly supervisor: Supervisor
  readonly cut: boolean
}

/** Resolves when it listens, or has ended. */
export async function startSeictl(context: LaunchContext, options: SeictlOptions): Promise<SeictlProcess> {
  const { env, name } = context.container
  const [port = 0] = await freePorts(1)
  // Scratch space on the volume, which the container's own path does not name here.
  const scratch = join(options.home, 'tmp')
  mkdirSync(scratch, { recursive: true })
  const child = options.supervisor.spawn({
    name: `${context.namespace}/${context.pod} ${name}`,
    path: options.path,
    args: ['serve'],
    // AWS credentials come from here: tests point the SDK at a server of their own.
    env: { ...process.env, ...env, SEI_HOME: options.home, SEI_SIDECAR_PORT: String(port), TMPDIR: scratch },
    logPath: options.logPath,
  })
  const seictl = new SeictlProcess(context, child, port)
  await listening(child, port, context.clock)
  if (!options.cut) await seictl.setCut(false)
  return seictl
}

export class SeictlProcess implements SidecarProcess {
  readonly #context: LaunchContext
  readonly #child: SupervisedProcess
  readonly #port: number
  readonly #podPort: number
  readonly #front: PodPort
  /** Paths whose last answer was 200. */
  readonly #healthy = new Set<string>()
  #timer: Timer | undefined
  #exit: ProcessExit | undefined

  constructor(context: LaunchContext, child: SupervisedProcess, port: number) {
    this.#context = context
    this.#child = child
    this.#port = port
    this.#podPort = Number(context.container.env['SEI_SIDECAR_PORT'] ?? SIDECAR_PORT)
    this.#front = new PodPort({
      host: context.podIP,
      port: this.#podPort,
      createServer: () => createServer({ noDelay: true }, inner => forward(inner, port)),
    })
    void this.#awaitExit()
    void this.#probe()
  }

  get exit(): ProcessExit | undefined {
    return this.#exit
  }

  answers(probe: HttpProbe): boolean {
    return this.#exit === undefined && probe.port === this.#podPort && this.#healthy.has(probe.path)
  }

  async setCut(cut: boolean): Promise<void> {
    await (cut || this.#exit ? this.#front.close() : this.#front.open())
  }

  async signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#child.stop(signal === 'SIGTERM' ? undefined : 0)
  }

  async #awaitExit(): Promise<void> {
    const exit = await this.#child.exited
    this.#exit = {
      exitCode: exitCodeOf(exit),
      message: exit.kind === 'not-started' ? exit.cause.message : this.#child.logTail(),
    }
    if (this.#timer) this.#context.clock.clearTimeout(this.#timer)
    await this.#front.close()
    this.#context.onChange()
  }

  async #probe(): Promise<void> {
    const { startupProbe, readinessProbe } = this.#context.container
    for (const probe of [startupProbe, readinessProbe]) {
      if (!probe) continue
      const healthy = await this.#isHealthy(probe.path)
      if (healthy === this.#healthy.has(probe.path)) continue
      if (healthy) this.#healthy.add(probe.path)
      else this.#healthy.delete(probe.path)
      this.#context.onChange()
    }
    if (!this.#exit) this.#timer = this.#context.clock.setTimeout(() => void this.#probe(), PROBE_PERIOD_MS)
  }

  async #isHealthy(path: string): Promise<boolean> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#port}${path}`, {
        signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
      })
      await response.arrayBuffer()
      return response.status === 200
    } catch {
      return false
    }
  }
}

function forward(inner: Socket, port: number): void {
  const outer = connect(port, '127.0.0.1')
  outer.on('error', () => inner.destroy())
  inner.on('close', () => outer.destroy())
  inner.pipe(outer).pipe(inner)
}

/** A pod's address that accepts connections before anyone answers them would cause lost answers. */
async function listening(child: SupervisedProcess, port: number, clock: Clock): Promise<void> {
  while (child.exit === undefined && !(await accepts(port))) await sleep(CONNECT_PERIOD_MS, undefined, clock)
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** As a container runtime reports it. */
function exitCodeOf(exit: Exit): number {
  switch (exit.kind) {
    case 'not-started':
      return 128
    case 'code':
      return exit.code
    case 'signal':
      return exit.signal === 'SIGTERM' ? 143 : 137
    default:
      return assertNever(exit)
  }
}
