/** What a fake node can be told: `FakeNodeOptions`, and the defaults of what is left out. */
import type { KubeClient } from '../../../src/kube/client.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import type { Clock } from '../../../src/runtime/clock.ts'
import { createLogger } from '../../../src/runtime/log.ts'
import type { Logger } from '../../../src/runtime/log.ts'
import type { CrashBackoff } from './container-record.ts'
import type { FakeBehaviour } from './fake-sidecar-process.ts'
import type { ContainerTask } from './task-process.ts'
import type { ProcessExit } from './container-process.ts'

/** A sidecar container that is about to start. */
export interface SidecarRequest {
  readonly namespace: string
  readonly pod: string
  readonly image: string
  readonly env: Readonly<Record<string, string>>
}

/** A seid that is about to start. */
export interface SeidStart {
  readonly pod: string
  readonly image: string
  /** A file of its home, by its path there; undefined where there is none. */
  readonly read: (path: string) => string | undefined
}

/** How it behaves; a profile left out is that of the image's tag. */
export type SidecarChoice = Partial<FakeBehaviour>

export interface FakeNodeOptions {
  readonly client: KubeClient
  readonly log?: Logger
  readonly clock?: Clock
  /** Plays for pods and claims of these only, so that several can share a control plane; all by default. */
  readonly namespaces?: readonly string[]
  /** Nodes with the label and the taint of Sei's NodePool; 1 by default. One general Node comes on top. */
  readonly seiNodes?: number
  /** Made at the start. By default those of the platform's defaults; a claim of any other stays Pending. */
  readonly storageClasses?: readonly string[]
  /** Of those classes. Immediate by default: it saves one write per claim. */
  readonly volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer'
  /** False saves one write per volume, which then reads Pending for ever; true by default. */
  readonly volumePhases?: boolean
  /** Profile of sidecar images whose tag is no version: `latest` by default. */
  readonly defaultProfile?: string
  readonly sidecarFor?: (request: SidecarRequest) => SidecarChoice
  /** A real seictl, run in the place of every fake sidecar. */
  readonly seictl?: string
  /** From seid's start to its readiness, milliseconds; 0 by default. */
  readonly seidReadyMs?: number
  /** Whether each seid takes part in the chain of its genesis and answers at its RPC port; false by default: a port for each costs. */
  readonly seidRpc?: boolean
  /** Called at each start of seid; what it returns is how that seid ends at once. By default it runs on. */
  readonly seidEnds?: (start: SeidStart) => ProcessExit | undefined
  /** What an init container or a Job's container does; undefined: the default, success after `taskMs`. */
  readonly runToCompletion?: (task: ContainerTask) => ProcessExit | Promise<ProcessExit> | undefined
  /**
   * Whether the shell scripts of Jobs run for real, with a fake seid, on volumes that are directories; false by
   * default: they then succeed and do nothing.
   */
  readonly runScripts?: boolean
  /** Milliseconds; 0 by default. */
  readonly taskMs?: number
  /** From a pod's deletion to its end, milliseconds; 0 by default. */
  readonly terminationMs?: number
  /** Images that cannot be pulled; by default those whose name holds `does-not-exist`. */
  readonly pullFails?: (image: string) => boolean
  /** Kubelet's by default: 10 s doubling to 300 s. */
  readonly crashBackoff?: CrashBackoff
}

export type ResolvedOptions = Required<Omit<FakeNodeOptions, 'namespaces' | 'seictl'>> &
  Pick<FakeNodeOptions, 'namespaces' | 'seictl'>

export function resolveOptions(options: FakeNodeOptions): ResolvedOptions {
  return {
    log: createLogger({ level: 'warn', format: 'text' }),
    clock: systemClock,
    seiNodes: 1,
    storageClasses: ['gp3', 'gp3-10k-750', 'efs-sc'],
    volumeBindingMode: 'Immediate',
    volumePhases: true,
    defaultProfile: 'latest',
    sidecarFor: () => ({}),
    seidReadyMs: 0,
    seidRpc: false,
    seidEnds: () => undefined,
    runToCompletion: () => undefined,
    runScripts: false,
    taskMs: 0,
    terminationMs: 0,
    pullFails: image => image.includes('does-not-exist'),
    crashBackoff: { initialMs: 10_000, maxMs: 300_000 },
    ...options,
  }
}
