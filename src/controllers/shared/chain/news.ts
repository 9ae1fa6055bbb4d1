/** Which health of a node is announced, so that its SeiNode is reconciled: `announce`. Pure. */
import type { ChainHealth } from '../../../chain/health.ts'

/** Whether other nodes tell that the chain moves decides what is done about a node that stands still. */
type State = ChainHealth['kind'] | 'StuckAlone'

/** What was said of one start of seid last. */
export interface Announced {
  readonly health: ChainHealth
  /** The distance at which a node that catches up began, blocks. */
  readonly from: number | undefined
  /** What it would turn to if that lasts. */
  readonly next?: { readonly state: State; readonly since: number } | undefined
}

/** The figures of a node that catches up are renewed this many times on its way. */
const STEPS = 10
/** A distance that grew by this factor is a new way. */
const SETBACK = 1.5
/** Ways to stand still. Peers that come and go change one into the other. */
const STANDING: ReadonlySet<ChainHealth['kind']> = new Set(['Stuck', 'NoPeers', 'ChainHalted'])

/**
 * @param now monotonic, milliseconds
 * @param holdMs for how long another way to stand still has to last
 * @returns `before` itself where there is nothing to announce, or with another `next` but the same health
 */
export function announce(before: Announced | undefined, health: ChainHealth, now: number, holdMs: number): Announced {
  if (!before || stateOf(before.health) !== stateOf(health)) {
    if (!before || !STANDING.has(before.health.kind) || !STANDING.has(health.kind)) return first(health)
    const state = stateOf(health)
    const next = before.next?.state === state ? before.next : { state, since: now }
    return now - next.since >= holdMs ? first(health) : { ...before, next }
  }
  const { health: announced, from, next } = before
  if (announced.kind !== 'CatchingUp' || health.kind !== 'CatchingUp')
    return next ? { ...before, next: undefined } : before
  return isFurther(announced.blocksLeft, health.blocksLeft, from)
    ? { health, from: Math.max(from ?? 0, health.blocksLeft ?? 0) }
    : before
}

function stateOf(health: ChainHealth): State {
  return health.kind === 'Stuck' && health.headHeight === undefined ? 'StuckAlone' : health.kind
}

function first(health: ChainHealth): Announced {
  return { health, from: health.kind === 'CatchingUp' ? health.blocksLeft : undefined }
}

/** Near the head there are no figures; what was announced last is close enough. */
function isFurther(before: number | undefined, after: number | undefined, from: number | undefined): boolean {
  if (after === undefined) return false
  if (before === undefined || from === undefined) return true
  const step = (left: number): number => Math.floor((STEPS * (from - left)) / from)
  return step(after) > step(before) || after > SETBACK * before
}
