/** Where in S3 a node's genesis and snapshots are: what its spec names, else the conventions of its chain. */
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
  /** SHA-256 that the file must have, as hex. */
  readonly sha256?: string
}

/** What a sidecar from v0.0.27 on reads from its environment, for it takes no locations from task parameters. */
export interface SidecarBuckets {
  readonly genesisBucket: string
  readonly genesisRegion: string
  readonly snapshotBucket: string
  readonly snapshotRegion: string
}

/** Where the node's first snapshot comes from (its own or its replayer's); undefined where it starts from none in S3. */
export function snapshotLocation(node: SeiNode): SnapshotLocation | undefined {
  const { chainId, replayer, snapshot } = node.spec
  const s3 = (replayer ? replayer.snapshot : snapshot)?.s3
  if (!s3) return undefined
  if (s3.uri === undefined) return { bucket: snapshotBucketOf(chainId), prefix: 'state-sync/', region: s3.region }
  const { bucket, key } = parseS3URI(s3.uri)
  return { bucket, prefix: directoryPrefix(key), region: s3.region }
}

/** The genesis file that the spec names; undefined where it is built into the sidecar or already on the volume. */
export function genesisLocation(node: SeiNode): GenesisLocation | undefined {
  const s3 = node.spec.genesis?.s3
  return s3 && { ...s3 }
}

/** Never empty, since a sidecar that misses one of these exits; none is contacted unless a task needs it. */
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
