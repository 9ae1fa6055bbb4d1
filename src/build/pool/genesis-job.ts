/** The Job that performs a pool's genesis ceremony: `buildGenesisJob`. */
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import type { PlatformConfig } from '../platform.ts'
import { GENESIS_CEREMONY, GENESIS_PUBLISH } from '../scripts.gen.ts'
import { buildPoolJob, GENESIS_DIR, GENESIS_VOLUME, scriptStep, step } from './job.ts'
import { poolNames } from './names.ts'

/** The container whose termination message is the ceremony's report. */
export const REPORT_STEP = 'publish'

/** The containers in the order in which they run. */
export const GENESIS_STEPS = ['ceremony', 'patch-genesis', REPORT_STEP] as const

/**
 * Three steps on the genesis volume: seid creates validators and a genesis file, `genesis patch` of this program sets the
 * parameters of the spec, and one rename publishes the result. A complete ceremony is not repeated: the Job then only reports
 * its result in the termination message of the last container.
 * @param volumeUID of the genesis volume's claim
 */
export function buildGenesisJob(pool: SeiNodePool, platform: PlatformConfig, volumeUID: string): Job {
  const { chainId, nodeConfiguration, genesis } = pool.spec
  const { image, nodeCount } = nodeConfiguration
  const accounts = (genesis?.accounts ?? []).map(({ address, balance }) => `${address}=${balance}`)
  const names = poolNames(pool)
  const mounts = [{ name: GENESIS_VOLUME, mountPath: GENESIS_DIR }]
  const shell = {
    env: [{ name: 'GENESIS_DIR', value: GENESIS_DIR }],
    volumeMounts: mounts,
  }
  const [ceremony, patch, publish] = GENESIS_STEPS
  return buildPoolJob(pool, platform, {
    name: names.genesisJob,
    role: 'genesis',
    volumeUIDs: [volumeUID],
    initContainers: [
      scriptStep(ceremony, image, GENESIS_CEREMONY, [chainId, String(nodeCount), ...accounts], shell),
      step({
        name: patch,
        image: platform.operatorImage,
        args: ['genesis', 'patch', '--dir', GENESIS_DIR, ...paramsArguments(genesis?.params ?? {})],
        volumeMounts: mounts,
      }),
    ],
    container: scriptStep(publish, image, GENESIS_PUBLISH, [], shell),
    volumes: [{ name: GENESIS_VOLUME, persistentVolumeClaim: { claimName: names.genesisVolume } }],
  })
}

/** Bytes of one argument, well below the 128 KiB that Linux allows. */
const LONGEST_ARGUMENT = 98_304

/** Packs as many parameters into each argument as fit, at least one: the longest allowed value fits. */
function paramsArguments(params: Readonly<Record<string, string | number>>): readonly string[] {
  const parts: Record<string, string | number>[] = [{}]
  let size = 0
  for (const [path, value] of Object.entries(params)) {
    const added = Buffer.byteLength(JSON.stringify({ [path]: value }))
    if (size > 0 && size + added > LONGEST_ARGUMENT) {
      parts.push({})
      size = 0
    }
    Object.assign(parts.at(-1) ?? {}, { [path]: value })
    size += added
  }
  return parts.flatMap(part => ['--params', literal(JSON.stringify(part))])
}

/** Escapes an argument: the kubelet expands $(NAME) and turns $$ into $. */
function literal(text: string): string {
  return text.replaceAll('$', '$$$$')
}
