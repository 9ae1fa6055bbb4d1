/** The process of a container: the interface `ContainerProcess`, and `LaunchContext`, which describes its pod. */
import type { Clock } from '../../../src/runtime/clock.ts'
import type { Home } from '../sidecar/index.ts'
import type { ContainerPlan, HttpProbe } from './pod-plan.ts'

export interface ProcessExit {
  readonly exitCode: number
  /** The termination message. */
  readonly message?: string
  /** The end of its log, where that is more than the message. */
  readonly log?: string
}

/** One run of one container. Its owner reads it again after each `onChange`; nothing is polled. */
export interface ContainerProcess {
  /** Set once it ended, by itself or by a signal. */
  readonly exit: ProcessExit | undefined
  /** Whether a probe's GET would be answered with 200 now. */
  answers(probe: HttpProbe): boolean
  /** Sends SIGTERM, and SIGKILL after `graceMs`. Resolves when the process has ended. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

export interface LaunchContext {
  readonly namespace: string
  readonly pod: string
  readonly podIP: string
  readonly container: ContainerPlan
  /** What is mounted, by mount path. */
  readonly volumes: ReadonlyMap<string, Home>
  readonly clock: Clock
  /** `exit` or an answer of `answers` may have changed. */
  readonly onChange: () => void
}

/** Resolves when the process runs (or has ended already); a process that cannot start is one that ended. */
export type Launch = (context: LaunchContext) => Promise<ContainerProcess>

/** A sidecar, fake or real. */
export interface SidecarProcess extends ContainerProcess {
  /** Partitioned: connections to it are refused and open ones broken, while the process runs on and probes still reach it. */
  setCut(cut: boolean): Promise<void>
}
