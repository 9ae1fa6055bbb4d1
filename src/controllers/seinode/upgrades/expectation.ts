/** When a chain reaches a height, in steps that change seldom: `expectedAt`. Pure. */
import type { ChainOutlook } from '../../shared/chain/upgrade-plans.ts'

const HOUR_MS = 3600_000
const DAY_MS = 24 * HOUR_MS
/** What is further away is told by the day. Milliseconds. */
const FAR_MS = 2 * DAY_MS
/** The pace is that of some minutes: what follows from it for weeks differs by this share. */
const PACE_ERROR = 0.1

/**
 * @param known what was told before, RFC 3339: it stays while it is right within a step, or a tenth of the time that is left
 * @param now milliseconds since the epoch
 * @returns RFC 3339; undefined if nothing tells
 */
export function expectedAt(
  height: number,
  { headHeight, pace }: Pick<ChainOutlook, 'headHeight' | 'pace'>,
  known: string | undefined,
  now: number,
): string | undefined {
  if (headHeight === undefined || pace === undefined || pace <= 0) return known
  const at = now + (Math.max(0, height - headHeight) / pace) * 1000
  const stepMs = at - now > FAR_MS ? DAY_MS : HOUR_MS
  const tolerated = Math.max(stepMs, (at - now) * PACE_ERROR)
  if (known !== undefined && Math.abs(Date.parse(known) - at) <= tolerated) return known
  const rounded = new Date(Math.round(at / stepMs) * stepMs)
  // A chain that hardly moves gets there in no time that anybody could name.
  return Number.isNaN(rounded.getTime()) ? undefined : rounded.toISOString().replace('.000Z', 'Z')
}
