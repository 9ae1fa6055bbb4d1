/** Whether a stuck node is restarted now: `decideStuckRestart`; the record of its restarts in status: `withRestart`, `withFollowed`. Pure. */
import { MAX_STUCK_RESTARTS } from '../api/limits.ts'
import type { StuckRestart } from '../api/seinode-status.ts'

/** The period in which a node is restarted at most `MAX_STUCK_RESTARTS` times. Milliseconds. */
const PERIOD_MS = 24 * 3_600_000
/** A node that has not followed the chain this long after its restart keeps no other node from one. Milliseconds. */
const RECOVERY_MS = 10 * 60_000

export interface StuckFacts {
  /** `spec.healthPolicy.restartStuckAfter`, milliseconds; undefined: off. */
  readonly afterMs: number | undefined
  /** Names the start of seid that runs; undefined if none does. */
  readonly start: string | undefined
  /** Since when that start is Stuck while others have new blocks, milliseconds since the epoch; undefined if it is not. */
  readonly stuckSince: number | undefined
  /** As in status, oldest first. */
  readonly restarts: readonly StuckRestart[]
  /** Why the operator never restarts this node; undefined if it may. */
  readonly exemption: string | undefined
  /** Why it must not be restarted in its present state; undefined if it may. */
  readonly obstacle: string | undefined
  /** Whether the other nodes of its group can spare it. Called last, because it reserves the restart. */
  readonly approve: () => boolean
  /** Milliseconds since the epoch. */
  readonly now: number
}

export type StuckDecision =
  /** The node is not stuck, or the policy is off. */
  | { readonly kind: 'none' }
  /** The operator restarts no node like it. */
  | { readonly kind: 'exempt'; readonly why: string }
  /** It is not stuck for long enough. */
  | { readonly kind: 'waiting'; readonly dueAt: number }
  /** A restart is due and not allowed. */
  | { readonly kind: 'refused'; readonly why: string }
  /**
   * It was restarted as often as it may be, the last time at `lastAt`. `until` is absent if it has to follow the chain first.
   * Both in milliseconds since the epoch.
   */
  | { readonly kind: 'exhausted'; readonly lastAt: number; readonly until?: number }
  /** The restart has to be in status before the pod is deleted. */
  | { readonly kind: 'recording'; readonly start: string }
  /** It is in status: the pod is deleted. A repeated deletion of this start changes nothing. */
  | { readonly kind: 'restarting' }

export function decideStuckRestart(facts: StuckFacts): StuckDecision {
  const { afterMs, start, stuckSince, restarts, exemption, obstacle, approve, now } = facts
  if (afterMs === undefined || start === undefined || stuckSince === undefined) return { kind: 'none' }
  if (exemption !== undefined) return { kind: 'exempt', why: exemption }
  const last = restarts.at(-1)
  const isOpen = last !== undefined && last.followedAt === undefined
  const isRecorded = isOpen && last.containerID === start
  // A restart that did not help is not repeated.
  if (isOpen && !isRecorded) return { kind: 'exhausted', lastAt: Date.parse(last.time) }
  if (!isRecorded) {
    if (now < stuckSince + afterMs) return { kind: 'waiting', dueAt: stuckSince + afterMs }
    const recent = restarts.map(({ time }) => Date.parse(time)).filter(time => now - time < PERIOD_MS)
    if (recent.length >= MAX_STUCK_RESTARTS)
      return { kind: 'exhausted', lastAt: Math.max(...recent), until: Math.min(...recent) + PERIOD_MS }
  }
  if (obstacle !== undefined) return { kind: 'refused', why: obstacle }
  if (!approve()) return { kind: 'refused', why: 'the other validators of its pool cannot spare it now' }
  return isRecorded ? { kind: 'restarting' } : { kind: 'recording', start }
}

export function withRestart(
  restarts: readonly StuckRestart[],
  containerID: string,
  now: number,
): readonly StuckRestart[] {
  return [...restarts, { time: new Date(now).toISOString(), containerID }].slice(-MAX_STUCK_RESTARTS)
}

/** The node follows the chain: its next stall is another one. */
export function withFollowed(restarts: readonly StuckRestart[], now: number): readonly StuckRestart[] {
  const last = restarts.at(-1)
  if (!last || last.followedAt !== undefined) return restarts
  return [...restarts.slice(0, -1), { ...last, followedAt: new Date(now).toISOString() }]
}

/** Whether the node's last restart is not over. */
export function isBeingRestarted(restarts: readonly StuckRestart[] = [], now: number): boolean {
  const last = restarts.at(-1)
  return last !== undefined && last.followedAt === undefined && now - Date.parse(last.time) < RECOVERY_MS
}
