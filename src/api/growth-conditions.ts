/** The reasons of the condition VolumeGrowth, which objects with `spec.storage.autoGrow` have: `GROWTH_REASONS`. */
import { fails, holds, type Reason, unknown } from './reason.ts'

export const GROWTH_REASONS = {
  BelowThreshold: holds('Less of the volume than autoGrow.whenUsedPercent is in use. The message says when it grows.'),
  Growing: holds(
    'A growth was asked for; the message says by how much and what it waits for.',
    'Wait. If the file system waits for a restart, delete the pod at a convenient time.',
  ),
  CoolingDown: holds('The volume is to grow again, and autoGrow.coolDown has not passed since its last growth.'),
  MaxSizeReached: fails(
    'The volume has autoGrow.maxSize, and does not grow by itself any more.',
    'Raise autoGrow.maxSize, or prune.',
  ),
  GrowthNotAllowed: fails(
    'The StorageClass of the volume does not allow expansion.',
    'Set allowVolumeExpansion: true on the StorageClass.',
  ),
  GrowthFailed: fails(
    "The driver cannot grow the volume; the message holds the sizes and the driver's error. No further growth is asked for.",
    'Correct the cause; the driver retries. Or lower autoGrow.maxSize: see Use of data volumes.',
  ),
  GrowthRefused: fails(
    'The API server refuses that the claim asks for more; the message quotes it. The operator asks again less and less often, at last every ten minutes.',
    'Correct the cause, such as a quota.',
  ),
  NotBound: unknown('The claim is not bound to a volume, or the volume cannot be used.'),
  NotObserved: unknown('The use of the volume is not known.', 'See the condition VolumeSpace of the SeiNode.'),
  NotChecked: unknown('The object is paused: no volume grows.', 'Set spec.paused to false to resume.'),
} as const satisfies Record<string, Reason>

export type GrowthReason = keyof typeof GROWTH_REASONS

export function isGrowthReason(reason: string): reason is GrowthReason {
  return Object.hasOwn(GROWTH_REASONS, reason)
}
