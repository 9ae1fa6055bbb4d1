/** Whether a volume has space left, and when a change of that is news: `evaluateSpace`, `announce`, `fullAt`, `growthForecast`. Pure. */
import { type Amount, DAY_MS, dailyPace, type Measure, MEASURES, type VolumeTrack, type VolumeUse } from './track.ts'

export interface VolumeSpace {
  readonly kind: 'Enough' | 'Filling'
  /** What runs out first. */
  readonly measure: Measure
  readonly amount: Amount
  /** When it is full at the present pace, if that is soon; milliseconds since the epoch. */
  readonly fullAt: number | undefined
}

/** What was said of a volume last. */
export interface Announced {
  readonly kind: VolumeSpace['kind']
  /** Percent that are used, in steps. */
  readonly step: number
  readonly fullAt: number | undefined
}

/** The second value of each pair is the one at which the state ends. */
const FILLING_SHARE = [0.85, 0.8] as const
const FILLING_MS = [7 * DAY_MS, 10 * DAY_MS] as const
/** Later dates are guesses. */
const SHOWN_MS = [30 * DAY_MS, 40 * DAY_MS] as const
/** In percent of the volume. */
const STEP = 5
/** A step that was reached is left at this many percent below it. */
const STEP_SLACK = 1
/** A date is news when it moves by a day, or by this share of the time left if that is more. */
const DATE_SLACK = 0.1

/**
 * @param now milliseconds since the epoch
 * @param before what was said last, by an earlier process too
 */
export function evaluateSpace(track: VolumeTrack, now: number, before: Announced | undefined): VolumeSpace {
  const spaces = MEASURES.flatMap(measure => {
    const amount = track.last[measure]
    return amount ? [spaceOf(track, measure, amount, now, before)] : []
  })
  return spaces.reduce((worst, each) => (isWorse(each, worst) ? each : worst))
}

/** When the volume is full at the present pace, milliseconds since the epoch; undefined if it is not known, or never. */
export function fullAt(track: VolumeTrack, now: number): number | undefined {
  return earliest(track, now, 1)
}

/** Of a volume that grows by itself. */
export interface GrowthForecast {
  /** When the share at which it grows is in use at the present pace, if that is soon; milliseconds since the epoch. */
  readonly at: number | undefined
  /** Capacity of the file system. */
  readonly fileSystemBytes: number
}

/** @param percent the share at which it grows */
export function growthForecast(track: VolumeTrack, now: number, percent: number): GrowthForecast {
  const at = earliest(track, now, percent / 100)
  const isSoon = at !== undefined && at - now <= SHOWN_MS[0]
  return { at: isSoon ? at : undefined, fileSystemBytes: track.last.bytes.total }
}

function earliest(track: VolumeTrack, now: number, share: number): number | undefined {
  const known = MEASURES.flatMap(measure => reachedAtOf(track, measure, now, share) ?? []).filter(Number.isFinite)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** Percent of the bytes or of the inodes, whichever is more. */
export function usedPercent(use: VolumeUse): number {
  return Math.max(...MEASURES.flatMap(measure => (use[measure] ? [percentOf(use[measure])] : [])))
}

/** @returns `before` itself where nothing is news */
export function announce(before: Announced | undefined, space: VolumeSpace, now: number): Announced {
  const { kind, fullAt: date } = space
  const step = stepOf(percentOf(space.amount), before?.step)
  if (before?.kind === kind && before.step === step && !hasMoved(before.fullAt, date, now)) return before
  return { kind, step, fullAt: date }
}

/** Whether a volume that grows at that share has come to it or below it, or has another size than before. */
export function isGrowthNews(before: VolumeUse | undefined, use: VolumeUse, percent: number): boolean {
  if (!before) return false
  const [was, is] = [before, use].map(each => usedPercent(each) >= percent)
  return was !== is || before.bytes.total !== use.bytes.total
}

export function percentOf({ used, total }: Amount): number {
  return (100 * used) / total
}

function spaceOf(
  track: VolumeTrack,
  measure: Measure,
  amount: Amount,
  now: number,
  before: Announced | undefined,
): VolumeSpace {
  const wasFilling = before?.kind === 'Filling'
  const date = reachedAtOf(track, measure, now, 1)
  // A new process knows the pace after hours; what was said holds until then, unless space was made.
  const isKept = date === undefined && before !== undefined && percentOf(amount) >= before.step - STEP_SLACK
  const isShort = amount.used / amount.total > limit(FILLING_SHARE, wasFilling)
  const isSoon = date !== undefined && date - now <= limit(FILLING_MS, wasFilling)
  const isShown = date !== undefined && date - now <= limit(SHOWN_MS, before?.fullAt !== undefined)
  return {
    kind: isShort || isSoon || (isKept && wasFilling) ? 'Filling' : 'Enough',
    measure,
    amount,
    fullAt: isKept ? before.fullAt : isShown ? date : undefined,
  }
}

function limit([begin, end]: readonly [number, number], isBegun: boolean): number {
  return isBegun ? end : begin
}

/** Infinite if it does not fill; undefined while the pace is not known. */
function reachedAtOf(track: VolumeTrack, measure: Measure, now: number, share: number): number | undefined {
  const [amount, pace] = [track.last[measure], dailyPace(track, measure)]
  if (!amount || pace === undefined) return undefined
  return pace > 0 ? now + (DAY_MS * Math.max(0, share * amount.total - amount.used)) / pace : Infinity
}

function isWorse(one: VolumeSpace, other: VolumeSpace): boolean {
  return one.kind === other.kind ? percentOf(one.amount) > percentOf(other.amount) : one.kind === 'Filling'
}

function stepOf(percent: number, before: number | undefined): number {
  if (before !== undefined && percent >= before - STEP_SLACK && percent < before + STEP) return before
  return STEP * Math.floor(percent / STEP)
}

function hasMoved(before: number | undefined, after: number | undefined, now: number): boolean {
  if (before === undefined || after === undefined) return before !== after
  return Math.abs(after - before) > Math.max(DAY_MS, DATE_SLACK * (after - now))
}
