/** The container environment of `seictl serve`, checked as the real one checks it at start: `readEnvironment`. */
import { parseGoDuration } from '../../../src/lib/go-duration.ts'
import type { Profile } from './profile.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface SidecarEnvironment {
  readonly chainId: string
  readonly genesisBucket: string
  readonly genesisRegion: string
  readonly snapshotBucket: string
  readonly snapshotRegion: string
  readonly uploadIntervalMs: number
  /** The moniker where no override names one. */
  readonly hostname: string
}

export const BUCKET_VARIABLES: readonly string[] = [
  'SEI_CHAIN_ID',
  'SEI_GENESIS_BUCKET',
  'SEI_GENESIS_REGION',
  'SEI_SNAPSHOT_BUCKET',
  'SEI_SNAPSHOT_REGION',
]
const WEEK_MS = 7 * 24 * 3_600_000

/** Throws what the process prints before it exits. */
export function readEnvironment(env: Environment, profile: Profile): SidecarEnvironment {
  const missing = BUCKET_VARIABLES.find(name => (env[name] ?? '') === '')
  if (profile.needsBuckets && missing !== undefined) {
    throw new Error(`required environment variable ${missing} is not set`)
  }
  return {
    chainId: env['SEI_CHAIN_ID'] ?? '',
    genesisBucket: env['SEI_GENESIS_BUCKET'] ?? '',
    genesisRegion: env['SEI_GENESIS_REGION'] ?? '',
    snapshotBucket: env['SEI_SNAPSHOT_BUCKET'] ?? '',
    snapshotRegion: env['SEI_SNAPSHOT_REGION'] ?? '',
    uploadIntervalMs: parseGoDuration(env['SEI_SNAPSHOT_UPLOAD_INTERVAL'] ?? '') ?? WEEK_MS,
    hostname: env['HOSTNAME'] ?? 'localhost',
  }
}
