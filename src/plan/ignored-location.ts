/** Which task parameters a sidecar ignored: `ignoredLocation`, `ignoredDestination`, `unknownTargetHeight`. Pure. */
import { WELL_KNOWN_CHAINS } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { genesisLocation, snapshotLocation } from '../build/locations.ts'
import { directoryPrefix } from '../lib/s3-uri.ts'

/** Tasks that read from S3. */
export function readsLocation(type: string): boolean {
  return type === 'snapshot-restore' || type === 'configure-genesis'
}

/**
 * The note on a completed task that read from another location than the spec names; undefined where both are the same.
 * Only for results that count runs: sidecars from v0.0.31 on report them, and take bucket and region from their
 * environment and the rest from the chain id.
 */
export function ignoredLocation(type: string, node: SeiNode): string | undefined {
  if (type === 'snapshot-restore') return ignoredSnapshot(node)
  if (type === 'configure-genesis') return ignoredGenesis(node)
  return undefined
}

/** For a restore whose result counts no runs. */
export const TARGET_HEIGHT_NOTE =
  'targetHeight may have been ignored: this sidecar is older than v0.0.31 and does not say, and those before v0.0.27 restore the newest snapshot. Compare the height at which seid began with targetHeight; if it is above, set spec.sidecar.image to v0.0.31 or newer, and make the node again on an empty volume'

/**
 * The note on a completed restore whose result counts no runs. Its sidecar is older than v0.0.31, and may be older than
 * v0.0.27, the first that knows targetHeight.
 */
export function unknownTargetHeight(type: string, { spec }: SeiNode): string | undefined {
  const isAsked = (spec.replayer ? spec.replayer.snapshot : spec.snapshot)?.s3?.targetHeight !== undefined
  return type === 'snapshot-restore' && isAsked ? TARGET_HEIGHT_NOTE : undefined
}

/** Like `ignoredLocation`, for uploads by a sidecar that takes their destination from its environment. */
export function ignoredDestination(type: string, node: SeiNode): string | undefined {
  const wanted = node.spec.snapshotGeneration?.destination?.s3
  if (type !== 'snapshot-upload' || !wanted) return undefined
  const { chainId } = node.spec
  const bucket = snapshotLocation(node)?.bucket ?? wanted.bucket
  const prefix = directoryPrefix(wanted.prefix ?? '')
  if (bucket === wanted.bucket && prefix === `${chainId}/state-sync/`) return undefined
  return `this version of the sidecar uploads to s3://${bucket}/${chainId}/ (state-sync/ below it from v0.0.39 on), not to s3://${wanted.bucket}/${prefix}, which the spec names`
}

function ignoredSnapshot(node: SeiNode): string | undefined {
  const location = snapshotLocation(node)
  const { chainId } = node.spec
  if (!location || location.prefix === `${chainId}/state-sync/`) return undefined
  const { bucket, prefix } = location
  return `this version of the sidecar took the snapshot from s3://${bucket}/${chainId}/ (state-sync/ below it from v0.0.39 on), not from s3://${bucket}/${prefix}, which the spec names`
}

function ignoredGenesis(node: SeiNode): string | undefined {
  const uri = genesisLocation(node)?.uri
  const { chainId } = node.spec
  if (uri === undefined) return undefined
  if (WELL_KNOWN_CHAINS.includes(chainId)) {
    return `this version of the sidecar took the genesis of ${chainId} that is built into it, not ${uri}, which the spec names`
  }
  const bucket = uri.split('/')[2] ?? ''
  const read = `s3://${bucket}/${chainId}/genesis.json`
  return uri === read
    ? undefined
    : `this version of the sidecar took the genesis from ${read}, not from ${uri}, which the spec names`
}
