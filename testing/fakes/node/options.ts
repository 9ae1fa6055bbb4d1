/** `FakeNodeOptions` and their defaults. */
import type { KubeClient } from '../../../src/kube/client.ts'
import { createLogger } from '../../../src/runtime/log.ts'
import type { Logger } from '../../../src/runtime/log.ts'
import type { CrashBackoff } from './container-record.ts'
import type { FakeBehaviour } from './fake-sidecar.ts'
import { NODE_POOL } from './cluster-nodes.ts'
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

export interface LoggedContainer {
  readonly pod: string
  readonly container: string
}

/** How it behaves; a profile left out is that of the image's tag. */
export type SidecarChoice = Partial<FakeBehaviour>

export interface FakeNodeOptions {
  readonly client: KubeClient
  readonly log?: Logger
  /** Runs pods and binds claims of these only, so that several can share a control plane; all by default. */
  readonly namespaces?: readonly string[]
  /** Nodes with the label and the taint of Sei's NodePool; 1 by default. One general Node comes on top. */
  readonly seiNodes?: number
  /**
   * Karpenter's NodePool of these Nodes, `sei-node` by default. Nodes of any other one belong to this fake node alone: the
   * API server reaches their kubelet, for port-forwards and logs of the pods that the operator schedules there.
   */
  readonly nodePool?: string
  /** Zones of these Nodes, in turn; without one by default. Volumes of WaitForFirstConsumer are of the zone of their first pod. */
  readonly zones?: readonly string[]
  /** False saves one write per volume, which then reads Pending for ever; true by default. */
  readonly volumePhases?: boolean
  /** Profile of sidecar images whose tag is no version: `latest` by default. */
  readonly defaultProfile?: string
  readonly sidecarFor?: (request: SidecarRequest) => SidecarChoice
  /** A real seictl that replaces every fake sidecar. */
  readonly seictl?: string
  /** Whether each seid takes part in the chain of its genesis and answers at its RPC port; true by default. */
  readonly seidRpc?: boolean
  /** Called at each start of seid. If it returns an exit, seid ends at once with it. */
  readonly seidEnds?: (start: SeidStart) => ProcessExit | undefined
  /** What an init container or a Job's container does; undefined: the default, success at once. */
  readonly runToCompletion?: (task: ContainerTask) => ProcessExit | Promise<ProcessExit> | undefined
  /** What a container has logged; undefined: that it has started, and whether it runs. */
  readonly logOf?: (container: LoggedContainer) => string | undefined
  /**
   * Whether the shell scripts of Jobs run for real, with a fake seid, on volumes that are directories; false by
   * default: they then succeed and do nothing.
   */
  readonly runScripts?: boolean
  /** With `runScripts`: a script runs when this has resolved; at once by default. */
  readonly beforeScript?: (task: ContainerTask) => Promise<unknown>
  /** Whether the kubelet tells the use of volumes, at an address of its own; false by default. */
  readonly servesStats?: boolean
  /** From a pod's deletion to its end, milliseconds; 0 by default. */
  readonly terminationMs?: number
  /** Kubelet's by default: 10 s doubling to 300 s. */
  readonly crashBackoff?: CrashBackoff
}

export type ResolvedOptions = Required<Omit<FakeNodeOptions, 'namespaces' | 'seictl'>> &
  Pick<FakeNodeOptions, 'namespaces' | 'seictl'>

export function resolveOptions(options: FakeNodeOptions): ResolvedOptions {
  return {
    log: createLogger({ level: 'warn', format: 'text' }),
    seiNodes: 1,
    nodePool: NODE_POOL,
    zones: [],
    volumePhases: true,
    defaultProfile: 'latest',
    sidecarFor: () => ({}),
    seidRpc: true,
    seidEnds: () => undefined,
    runToCompletion: () => undefined,
    logOf: () => undefined,
    runScripts: false,
    beforeScript: () => Promise.resolve(),
    servesStats: false,
    terminationMs: 0,
    crashBackoff: { initialMs: 10_000, maxMs: 300_000 },
    ...options,
  }
}
