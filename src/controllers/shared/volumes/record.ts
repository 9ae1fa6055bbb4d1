/** What an earlier process said of a volume in the status of its node: `recordedSpace`, `recordedLevel`, `spaceRecord`. Pure. */
import type { SeiNode } from '../../../api/seinode.ts'
import type { SeiNodeStatus } from '../../../api/seinode-status.ts'
import { findCondition } from '../../../lib/conditions.ts'
import type { VolumeLevel } from '../../../volumes/growth.ts'
import type { Announced, GrowthForecast } from '../../../volumes/space.ts'
import { DAY_MS } from '../../../volumes/track.ts'

export type SpaceRecord = Pick<NonNullable<SeiNodeStatus['dataVolume']>, 'use' | 'fullOn' | 'fileSystemBytes'>

/** Undefined if it did not know the use. */
export function recordedSpace({ status }: Readonly<SeiNode>): Announced | undefined {
  const reason = findCondition(status?.conditions, 'VolumeSpace')?.reason
  const { use, fullOn } = status?.dataVolume ?? {}
  if (use === undefined || (reason !== 'Enough' && reason !== 'Filling')) return undefined
  return { kind: reason, step: Number.parseInt(use, 10), fullAt: fullOn === undefined ? undefined : middayOf(fullOn) }
}

/** @param growth of a volume that grows by itself */
export function spaceRecord({ step, fullAt }: Announced, growth: GrowthForecast | undefined): SpaceRecord {
  return {
    use: `${step}%`,
    ...(fullAt === undefined ? {} : { fullOn: dayOf(fullAt) }),
    ...(growth === undefined ? {} : { fileSystemBytes: growth.fileSystemBytes }),
  }
}

export function storedRecord({ status }: Readonly<SeiNode>): SpaceRecord {
  const { use, fullOn, fileSystemBytes } = status?.dataVolume ?? {}
  return {
    ...(use === undefined ? {} : { use }),
    ...(fullOn === undefined ? {} : { fullOn }),
    ...(fileSystemBytes === undefined ? {} : { fileSystemBytes }),
  }
}

/** Undefined if it did not know the use of the claim with that UID, or had no need of it. */
export function recordedLevel({ status }: Readonly<SeiNode>, claimUID: string | undefined): VolumeLevel | undefined {
  const { use, fileSystemBytes, uid } = status?.dataVolume ?? {}
  if (use === undefined || fileSystemBytes === undefined || uid !== claimUID) return undefined
  return { percent: Number.parseInt(use, 10), fileSystemBytes, measuredAt: undefined }
}

/** As `2026-12-03`, in UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** Half a day from any time that the date stands for. */
function middayOf(day: string): number {
  return Date.parse(day) + DAY_MS / 2
}
