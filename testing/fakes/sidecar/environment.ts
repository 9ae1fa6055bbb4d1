/** The container environment of `seictl serve`, checked as the real one checks it at start. */
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
  readonly trustedHeader: boolean
}

const WEEK_MS = 7 * 24 * 3_600_000

/** Throws what the process prints before it exits. */
export function readEnvironment(env: Environment, profile: Profile): SidecarEnvironment {
  for (const name of profile.requiredEnvironment) {
    if ((env[name] ?? '') === '') throw new Error(`required environment variable ${name} is not set`)
  }
  return {
    chainId: env['SEI_CHAIN_ID'] ?? '',
    genesisBucket: env['SEI_GENESIS_BUCKET'] ?? '',
    genesisRegion: env['SEI_GENESIS_REGION'] ?? '',
    snapshotBucket: env['SEI_SNAPSHOT_BUCKET'] ?? '',
    snapshotRegion: env['SEI_SNAPSHOT_REGION'] ?? '',
    uploadIntervalMs: parseGoDuration(env['SEI_SNAPSHOT_UPLOAD_INTERVAL'] ?? '') ?? WEEK_MS,
    trustedHeader: profile.authentication && readAuthentication(env['SEI_SIDECAR_AUTHN_MODE'] ?? ''),
  }
}

function readAuthentication(text: string): boolean {
  const mode = text.trim().toLowerCase()
  if (mode === '' || mode === 'unauthenticated') return false
  if (mode === 'trusted-header') return true
  const allowed = 'allowed: "", "unauthenticated", "trusted-header"'
  throw new Error(`SEI_SIDECAR_AUTHN_MODE=${JSON.stringify(mode)} is not recognized (${allowed})`)
}
