/** One pod on the fake node: `PodRunner` starts and ends its containers; every decision is in pod-sync.ts. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { Clock } from '../../../src/runtime/clock.ts'
import type { Home } from '../sidecar/index.ts'
import type { ContainerProcess, Launch, LaunchContext, ProcessExit } from './container-process.ts'
import { createdRecord, exitedRecord, probedRecord, startedRecord, waitingRecord } from './container-record.ts'
import type { ContainerRecord, CrashBackoff } from './container-record.ts'
import { podPlan } from './pod-plan.ts'
import type { ContainerPlan, PodPlan, SecretMount } from './pod-plan.ts'
import { podStatus } from './pod-status.ts'
import type { ReportedStatus } from './pod-status.ts'
import { containersToStart, finishedPhase, recordOf } from './pod-sync.ts'

export interface PodRunnerOptions {
  readonly podIP: string
  readonly hostIP: string
  /** By the name of the claim. */
  readonly volumes: ReadonlyMap<string, Home>
  /** What a Secret holds now. */
  readonly mountSecret: (secret: SecretMount) => Promise<Home>
  readonly launch: Launch
  readonly crash: CrashBackoff
  readonly clock: Clock
  /** A process changed: `sync` and report are due. */
  readonly onChange: () => void
}

/** Part of the name of images that cannot be pulled. */
const MISSING_IMAGE = 'does-not-exist'
/** How long a container reads ErrImagePull before it reads ImagePullBackOff, milliseconds. */
const PULL_BACKOFF_AFTER_MS = 1000

interface PullFailure {
  /** Epoch milliseconds. */
  readonly at: number
  /** Whether a status has reported ErrImagePull, because ImagePullBackOff must follow it. */
  isReported: boolean
}

/** `sync` and `terminate` must not overlap; the owner calls them one at a time. */
export class PodRunner {
  readonly uid: string
  readonly podIP: string
  readonly #options: PodRunnerOptions
  readonly #pod: { readonly namespace: string; readonly name: string }
  readonly #acceptedAt: number
  readonly #records = new Map<string, ContainerRecord>()
  readonly #processes = new Map<string, ContainerProcess>()
  readonly #pullFailures = new Map<string, PullFailure>()
  #plan: PodPlan

  /** Throws when the pod's spec names what it does not declare (see `podPlan`). */
  constructor(pod: Pod, options: PodRunnerOptions) {
    const { namespace = '', name = '', uid = '' } = pod.metadata ?? {}
    this.uid = uid
    this.podIP = options.podIP
    this.#pod = { namespace, name }
    this.#options = options
    this.#acceptedAt = options.clock.now()
    this.#plan = podPlan(pod)
    const isInitialized = this.#plan.containers.every(({ role }) => role === 'main')
    const record = createdRecord(isInitialized ? 'ContainerCreating' : 'PodInitializing')
    for (const container of this.#plan.containers) this.#records.set(container.name, record)
  }

  /** The process that runs in the container now. */
  process(container: string): ContainerProcess | undefined {
    return this.#processes.get(container)
  }

  /** Observes the processes and starts what is due. Resolves with the time of the next sync at the latest, epoch milliseconds. */
  async sync(): Promise<number | undefined> {
    for (;;) {
      this.#observe()
      if (finishedPhase(this.#plan, this.#records)) {
        await this.#signal('sidecar')
        this.#observe()
        return undefined
      }
      const now = this.#options.clock.now()
      const { start, wakeAt } = containersToStart(this.#plan, this.#records, now)
      if (start.length === 0) return this.#earliest(wakeAt)
      for (const container of start) await this.#start(container, now)
    }
  }

  status(pod: Pod): ReportedStatus {
    const { podIP, hostIP, clock } = this.#options
    for (const failure of this.#pullFailures.values()) failure.isReported = true
    const facts = { podIP, hostIP, acceptedAt: this.#acceptedAt, now: clock.now() }
    return podStatus(pod, this.#plan, this.#records, facts)
  }

  /** Ends every container as the pod's deletion does: the main ones first, sidecars after them. Nothing starts again. */
  async terminate(): Promise<void> {
    await Promise.all([this.#signal('main'), this.#signal('init')])
    await this.#signal('sidecar')
    this.#observe()
    const { clock, crash } = this.#options
    this.#plan = {
      restartPolicy: 'Never',
      containers: this.#plan.containers.map(container => ({ ...container, restartPolicy: 'Never' })),
    }
    for (const [name, record] of this.#records) {
      if (record.state.kind !== 'waiting') continue
      const message = 'The container could not be located when the pod was terminated'
      this.#records.set(name, exitedRecord(record, { exitCode: 137, message }, clock.now(), crash))
    }
  }

  #observe(): void {
    const { clock, crash } = this.#options
    const now = clock.now()
    for (const container of this.#plan.containers) {
      const record = recordOf(this.#records, container)
      const process = this.#processes.get(container.name)
      if (process?.exit) {
        this.#processes.delete(container.name)
        this.#records.set(container.name, exitedRecord(record, process.exit, now, crash))
      } else if (process) {
        const { startupProbe, readinessProbe } = container
        const started = !startupProbe || process.answers(startupProbe)
        const ready = !readinessProbe || process.answers(readinessProbe)
        this.#records.set(container.name, probedRecord(record, started, ready))
      }
      const failure = this.#pullFailures.get(container.name)
      if (failure === undefined) continue
      if (failure.isReported && now >= failure.at + PULL_BACKOFF_AFTER_MS) {
        this.#records.set(container.name, waitingRecord(record, 'ImagePullBackOff'))
      }
    }
  }

  async #start(container: ContainerPlan, now: number): Promise<void> {
    const { crash } = this.#options
    const record = recordOf(this.#records, container)
    if (container.image.includes(MISSING_IMAGE)) {
      this.#pullFailures.set(container.name, { at: now, isReported: false })
      this.#records.set(container.name, waitingRecord(record, 'ErrImagePull'))
      return
    }
    const started = startedRecord(record, now, crash)
    const process = await this.#launch(container)
    this.#records.set(container.name, started)
    this.#processes.set(container.name, process)
  }

  async #launch(container: ContainerPlan): Promise<ContainerProcess> {
    const { podIP, clock, onChange, volumes, mountSecret } = this.#options
    const mounted = new Map<string, Home>()
    for (const [path, claim] of container.claims) {
      const home = volumes.get(claim)
      if (home) mounted.set(path, home)
    }
    for (const [path, secret] of container.secrets ?? []) mounted.set(path, await mountSecret(secret))
    const { namespace, name: pod } = this.#pod
    const context: LaunchContext = { namespace, pod, podIP, container, volumes: mounted, clock, onChange }
    try {
      return await this.#options.launch(context)
    } catch (error) {
      return endedProcess({ exitCode: 1, message: error instanceof Error ? error.message : String(error) })
    }
  }

  async #signal(role: ContainerPlan['role']): Promise<void> {
    const processes = this.#plan.containers
      .filter(container => container.role === role)
      .map(container => this.#processes.get(container.name))
    for (const process of processes.toReversed()) await process?.signal('SIGTERM')
  }

  /** Includes what came due during this sync. */
  #earliest(wakeAt: number | undefined): number | undefined {
    const earliest = Math.min(wakeAt ?? Infinity, ...this.#backoffs())
    return earliest === Infinity ? undefined : earliest
  }

  #backoffs(): readonly number[] {
    const now = this.#options.clock.now()
    return [...this.#pullFailures].flatMap(([name, { at, isReported }]) => {
      const state = this.#records.get(name)?.state
      const isFirst = state?.kind === 'waiting' && state.reason === 'ErrImagePull'
      return isFirst ? [(isReported ? at : now) + PULL_BACKOFF_AFTER_MS] : []
    })
  }
}

function endedProcess(exit: ProcessExit): ContainerProcess {
  return { exit, answers: () => false, signal: () => Promise.resolve() }
}
