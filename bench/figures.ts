/** What the benchmark measures, as it is written to its JSON file: `Round` for each number of nodes. */
import type { Binaries } from '../testing/controlplane/programs.ts'
import type { Progress } from '../testing/progress.ts'
import type { RequestCount } from '../testing/audit-log.ts'
import type { Memory } from './measured-operator.ts'

export interface RoundOptions {
  readonly nodes: number
  readonly binaries: Binaries
  /** The operator's bundle. */
  readonly program: string
  readonly progress: Progress
  readonly quietSeconds: number
  readonly observedSeconds: number
  /** A round fails when nothing moves for so long. */
  readonly stallMs: number
  readonly cpuProfDir: string | undefined
}

/** Times are milliseconds from the first creation, sizes bytes. */
export interface FloorFigures {
  readonly lastWriteMs: number
  /** Until the last pod's sidecar runs: what the cluster itself takes. */
  readonly podsMs: number
  readonly cpuMs: number
  readonly rss: number
  readonly requests: RequestCount
}

/** Times are milliseconds from the first creation, sizes bytes. */
export interface OperatorFigures {
  readonly planCompleteMs: number
  readonly runningMs: number
  /** Of 95 nodes in 100: from a node's creation to its plan complete. */
  readonly bootstrapP95Ms: number
  readonly cpuMs: number
  /** When the last node was Running. */
  readonly rss: number
  /** Up to the end of the quiet period; undefined where the system does not tell. */
  readonly peakMemory: Memory | undefined
  readonly requests: RequestCount
  readonly reconciles: number
}

export interface QuietFigures {
  readonly seconds: number
  /** How often the operator queried each seid. */
  readonly observedSeconds: number
  readonly requests: RequestCount
  readonly cpuMs: number
  /** At its end. */
  readonly rss: number
  /** At its end; undefined where the system does not tell. */
  readonly memory: Memory | undefined
  readonly reconciles: number
}

/** With sidecars among the nodes that swallow what they are sent. */
export interface SilentFigures {
  readonly sidecars: number
  /** Of 95 in 100 of the other nodes. */
  readonly bootstrapP95Ms: number
}

export interface Round {
  readonly nodes: number
  readonly floor: FloorFigures
  readonly operator: OperatorFigures
  readonly quiet: QuietFigures
  readonly silent: SilentFigures
}
