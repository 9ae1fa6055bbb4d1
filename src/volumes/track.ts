/** What kubelets reported of one volume over the last days, in bounded memory: `VolumeTrack`, `sampled`, `dailyPace`. Pure. */

export interface Amount {
  readonly used: number
  readonly total: number
}

/** What a kubelet reports of a volume. */
export interface VolumeUse {
  readonly bytes: Amount
  /** Undefined for a file system that does not count them. */
  readonly inodes: Amount | undefined
  /** By the clock of the kubelet, milliseconds since the epoch; absent where it does not say. */
  readonly measuredAt?: number
}

export const MEASURES = ['bytes', 'inodes'] as const
export type Measure = (typeof MEASURES)[number]

export interface VolumeSample extends VolumeUse {
  /** Monotonic, milliseconds. */
  readonly at: number
}

export interface VolumeTrack {
  readonly last: VolumeSample
  /** At most one per hour of the last three days, oldest first. */
  readonly hourly: readonly VolumeSample[]
}

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
const KEPT_MS = 3 * DAY_MS
/** Compactions of a few hours say nothing about a day. */
const LEAST_SPAN_MS = 6 * HOUR_MS

export function sampled(before: VolumeTrack | undefined, sample: VolumeSample): VolumeTrack {
  const kept = (before?.hourly ?? []).filter(({ at }) => sample.at - at <= KEPT_MS)
  const newest = kept.at(-1)
  const isDue = newest === undefined || sample.at - newest.at >= HOUR_MS
  return { last: sample, hourly: isDue ? [...kept, sample] : kept }
}

/**
 * How fast the volume fills, per day: the slower of the last day and the last three days. The last day alone would have the
 * slope between two prunings, three days alone that of a restore which has ended.
 * @returns undefined while less than six hours are known
 */
export function dailyPace({ last, hourly }: VolumeTrack, measure: Measure): number | undefined {
  const slopes = [KEPT_MS, DAY_MS].map(windowMs =>
    slope(
      [...hourly, last].flatMap(sample => {
        const amount = sample[measure]
        return amount && last.at - sample.at <= windowMs ? [{ at: sample.at - last.at, used: amount.used }] : []
      }),
    ),
  )
  const known = slopes.filter(each => each !== undefined)
  return known.length < slopes.length ? undefined : Math.min(...known) * DAY_MS
}

/** Of the line by least squares, per millisecond. */
function slope(points: readonly { readonly at: number; readonly used: number }[]): number | undefined {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || last.at - first.at < LEAST_SPAN_MS) return undefined
  const meanAt = mean(points.map(({ at }) => at))
  const meanUsed = mean(points.map(({ used }) => used))
  let [covariance, variance] = [0, 0]
  for (const { at, used } of points) {
    covariance += (at - meanAt) * (used - meanUsed)
    variance += (at - meanAt) ** 2
  }
  return covariance / variance
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
