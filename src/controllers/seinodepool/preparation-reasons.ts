/** The reason of each kind of `Preparation` that is not over, in order of weight: `PREPARATION_REASONS`. */
import type { PoolReason } from '../../api/conditions.ts'
import type { Preparation } from './preparation.ts'

export const PREPARATION_REASONS = {
  leaving: 'VolumeLeaving',
  lost: 'VolumeLost',
  'other-genesis': 'OtherGenesis',
  replaced: 'VolumeReplaced',
  failed: 'JobFailed',
  stuck: 'JobStuck',
  blocked: 'JobsRunning',
  running: 'JobsRunning',
  waiting: 'JobsRunning',
  foreign: 'VolumeForeign',
} as const satisfies Partial<Record<Preparation['kind'], PoolReason<'NodesPrepared'>>>
