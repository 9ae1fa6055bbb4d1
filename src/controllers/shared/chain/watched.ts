/** What the observer keeps of one start of a seid: `Watched`. */
import type { SeiNode } from '../../../api/seinode.ts'
import type { ChainHealth } from '../../../chain/health.ts'
import type { Track } from '../../../chain/track.ts'
import type { Announced } from './news.ts'

/** One start of a seid, and when it is queried next. */
export interface Watched {
  /** Namespace and name of the SeiNode. */
  readonly key: string
  node: Readonly<SeiNode>
  readonly start: string
  readonly host: string
  /** Name of its network. */
  network: string
  /** Monotonic, milliseconds. */
  dueAt: number
  /** Queries since its last answer. */
  failures: number
  answers: number
  isAsked: boolean
  /** Somebody waits for the next answer. */
  isHurried: boolean
  track: Track | undefined
  announced: Announced | undefined
  /** What an earlier process said of this start in the node's status. */
  readonly recorded: ChainHealth['kind'] | undefined
}

/** What is held of the node until something else is known. */
export function kindOf({ announced, recorded }: Watched): ChainHealth['kind'] | undefined {
  return announced?.health.kind ?? recorded
}

export function isAtHead(watched: Watched): boolean {
  const kind = kindOf(watched)
  return kind === 'Following' || kind === 'NotSigning'
}

/** Whether its last query had an answer. */
export function hasAnswered({ track }: Watched): boolean {
  return track?.last !== undefined && track.silence === undefined
}
