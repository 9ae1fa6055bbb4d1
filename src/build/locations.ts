/** S3 locations of a node's genesis and snapshots: those of its spec, else the conventions of its chain. */
import type { SeiNode } from '../api/seinode.ts'
import { directoryPrefix, parseS3URI } from '../lib/s3-uri.ts'
import type { PlatformConfig } from './platform.ts'

export interface SnapshotLocation {
  readonly bucket: string
  /** Ends in "/", or is empty for the whole bucket. */
  readonly prefix: string
  readonly region: string
}

export interface GenesisLocation {
  readonly uri: string
  readonly region: string
  /** Expected SHA-256 of the file, hex. */
  readonly sha256?: string
}

/** The environment of a sidecar from v0.0.27 on, which does not take locations from task parameters. */
export interface SidecarBuckets {
  readonly genesisBucket: string
  readonly genesisRegion: string
  readonly snapshotBucket: string
  readonly snapshotRegion: string
}

/** Location of the node's first snapshot, or of its replayer's; undefined if it does not start from S3. */
export function snapshotLocation(node: SeiNode): SnapshotLocation | undefined {
  const { chainId, replayer, snapshot } = node.spec
  const s3 = (replayer ? replayer.snapshot : snapshot)?.s3
  if (!s3) return undefined
  if (s3.uri === undefined) return { bucket: snapshotBucketOf(chainId), prefix: 'state-sync/', region: s3.region }
  const { bucket, key } = parseS3URI(s3.uri)
  return { bucket, prefix: directoryPrefix(key), region: s3.region }
}

/** The genesis file in the spec; undefined if it is built into the sidecar or already on the volume. */
export function genesisLocation(node: SeiNode): GenesisLocation | undefined {
  const s3 = node.spec.genesis?.s3
  return s3 && { ...s3 }
}

/** Never empty: the sidecar exits without one of these. It contacts a bucket only if a task needs it. */
export function sidecarBuckets(node: SeiNode, platform: PlatformConfig): SidecarBuckets {
  const { chainId, snapshotGeneration } = node.spec
  const genesis = genesisLocation(node)
  const snapshots = snapshotLocation(node) ?? snapshotGeneration?.destination?.s3
  return {
    genesisBucket: genesis ? parseS3URI(genesis.uri).bucket : `${chainId}-genesis`,
    genesisRegion: genesis?.region ?? platform.awsRegion,
    snapshotBucket: snapshots?.bucket ?? snapshotBucketOf(chainId),
    snapshotRegion: snapshots?.region ?? platform.awsRegion,
  }
}

/** The bucket of a chain's snapshots by convention. */
export function snapshotBucketOf(chainId: string): string {
  return `${chainId}-snapshots`
}
