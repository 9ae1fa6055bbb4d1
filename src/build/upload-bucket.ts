/** Prevents uploads to a bucket that the spec does not name: `withoutStrayBucket`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import { SIDECAR_CONTAINER } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { snapshotBucketOf } from './locations.ts'

const BUCKET = 'SEI_SNAPSHOT_BUCKET'
const INTERVAL = 'SEI_SNAPSHOT_UPLOAD_INTERVAL'
/** An invalid bucket name, because newer sidecars exit without a bucket. No S3 bucket has "!" in its name. */
const NO_BUCKET = '!none-in-spec'

/** Reasons to expect an upload that the spec does not ask for. */
export interface UploadSigns {
  /** The volume was adopted from an earlier node, whose uploads the sidecar may resume. */
  readonly isVolumeKept?: boolean
  /** The sidecar runs one that only a restart ends. */
  readonly hasStrayUpload?: boolean
}

/**
 * Replaces the conventional bucket by an invalid name if an upload may still be in progress: if the pod uploaded before, or
 * for another of the given reasons. All other pods keep the conventional name, so that no node restarts for it: their
 * sidecars never upload.
 */
export function withoutStrayBucket(
  template: PodTemplateSpec,
  { spec }: SeiNode,
  live: StatefulSet | undefined,
  { isVolumeKept = false, hasStrayUpload = false }: UploadSigns,
): PodTemplateSpec {
  if (namesSnapshots(spec) || valueOf(template, BUCKET) !== snapshotBucketOf(spec.chainId)) return template
  const mayUpload = live ? hasUploaded(live.spec?.template) : isVolumeKept
  return !mayUpload && !hasStrayUpload ? template : withBucket(template, NO_BUCKET)
}

function namesSnapshots({ replayer, snapshot, snapshotGeneration }: SeiNode['spec']): boolean {
  return (replayer ? replayer.snapshot : snapshot)?.s3 !== undefined || snapshotGeneration?.destination !== undefined
}

/** Only a pod that uploads has an interval. */
function hasUploaded(template: PodTemplateSpec | undefined): boolean {
  return (
    template !== undefined && (valueOf(template, INTERVAL) !== undefined || valueOf(template, BUCKET) === NO_BUCKET)
  )
}

function valueOf({ spec }: PodTemplateSpec, variable: string): string | undefined {
  const sidecar = spec?.initContainers?.find(({ name }) => name === SIDECAR_CONTAINER)
  return sidecar?.env?.find(({ name }) => name === variable)?.value
}

function withBucket(template: PodTemplateSpec, value: string): PodTemplateSpec {
  const changed = structuredClone(template)
  const sidecar = changed.spec?.initContainers?.find(({ name }) => name === SIDECAR_CONTAINER)
  const variable = sidecar?.env?.find(({ name }) => name === BUCKET)
  if (variable) variable.value = value
  return changed
}
