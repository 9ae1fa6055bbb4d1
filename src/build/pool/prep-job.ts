/** The Job that copies a validator's files to its node's volume: `buildPrepJob`. */
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { DATA_DIR } from '../paths.ts'
import type { PlatformConfig } from '../platform.ts'
import { PREP_VOLUME } from '../scripts.gen.ts'
import { DATA_VOLUME } from '../seid-container.ts'
import { buildPoolJob, GENESIS_DIR, GENESIS_VOLUME, scriptStep } from './job.ts'
import { type NodeNames, poolNames } from './names.ts'

/** Name of the Job's only container. */
export const PREP_STEP = 'prep'

export interface PrepVolumes {
  /** UID of the genesis volume's claim. */
  readonly genesisUID: string
  /** UID of the node's claim. */
  readonly dataUID: string
}

/** Idempotent: a marker on the volume says that the files were copied, and a second run copies nothing. */
export function buildPrepJob(
  pool: SeiNodePool,
  names: NodeNames,
  platform: PlatformConfig,
  { genesisUID, dataUID }: PrepVolumes,
): Job {
  const { image } = pool.spec.nodeConfiguration
  return buildPoolJob(pool, platform, {
    name: names.prepJob,
    role: `prep-${names.index}`,
    validator: names.index,
    volumeUIDs: [genesisUID, dataUID],
    initContainers: [],
    container: scriptStep(PREP_STEP, image, PREP_VOLUME, [String(names.index)], {
      env: [
        { name: 'GENESIS_DIR', value: GENESIS_DIR },
        { name: 'SEI_HOME', value: DATA_DIR },
      ],
      volumeMounts: [
        { name: GENESIS_VOLUME, mountPath: GENESIS_DIR, readOnly: true },
        { name: DATA_VOLUME, mountPath: DATA_DIR },
      ],
    }),
    volumes: [
      { name: GENESIS_VOLUME, persistentVolumeClaim: { claimName: poolNames(pool).genesisVolume } },
      { name: DATA_VOLUME, persistentVolumeClaim: { claimName: names.dataVolume } },
    ],
  })
}
