/** Sees to it that no sidecar uploads to a bucket that nobody named: `withoutStrayBucket`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import { SIDECAR_CONTAINER } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { snapshotBucketOf } from './locations.ts'

const BUCKET = 'SEI_SNAPSHOT_BUCKET'
const INTERVAL = 'SEI_SNAPSHOT_UPLOAD_INTERVAL'
/** Newer sidecars exit without a bucket. S3 has none whose name holds "!". */
const NO_BUCKET = '!none-in-spec'

/** Reasons to expect an upload that the spec does not ask for. */
export interface UploadSigns {
  /** The volume was adopted from an earlier node, whose uploads its sidecar may take up again. */
  readonly isVolumeKept?: boolean
  /** One was found in the sidecar, and only a restart ends it. */
  readonly hasStrayUpload?: boolean
}

/**
 * The template with a name that no bucket can have in the place of the conventional one, where an upload may still be
 * under way: where the pod was to upload before, and where there is another reason to expect one. All other pods keep the
 * conventional name, so that no node restarts for it: none of their sidecars ever uploads.
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

/** Only a pod that is to upload is told an interval. */
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
