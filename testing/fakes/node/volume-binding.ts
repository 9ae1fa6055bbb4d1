/** What a claim needs next from its provisioner: `claimStep` decides, from the claim and its class alone. */
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimStatus,
} from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { compareQuantities } from '../../../src/lib/quantity.ts'
import { PROVISIONER, ZONE_LABEL } from './cluster-nodes.ts'

/** The annotation that names a volume's provisioner. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'

export type ClaimStep =
  | { readonly kind: 'none' }
  /** A new volume, then the claim bound to it. */
  | { readonly kind: 'bind'; readonly volume: PersistentVolume; readonly size: string }
  | { readonly kind: 'expand'; readonly volumeName: string; readonly size: string }
  /** The growth is blocked; `status` is the resizer's report. */
  | { readonly kind: 'report'; readonly status: PersistentVolumeClaimStatus }

/** Derived from the claim's UID: another claim of the same name gets another volume. */
export function volumeNameOf(claimUID: string): string {
  return `pvc-${claimUID}`
}

/** @param zone of the machine that the scheduler selected for the claim's first pod */
export function claimStep(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass | undefined,
  zone?: string,
): ClaimStep {
  const { metadata, spec, status } = claim
  const volumeName = volumeNameOf(metadata?.uid ?? '')
  const size = spec?.resources?.requests?.['storage'] ?? '0'
  if (metadata?.deletionTimestamp !== undefined) return { kind: 'none' }
  if (spec?.volumeName !== undefined && spec.volumeName !== volumeName) return { kind: 'none' }
  // Its volume went away under it: no other takes that one's place.
  if (status?.phase === 'Lost') return { kind: 'none' }
  if (status?.phase === 'Bound') {
    return resizeStep(claim, storageClass, volumeName, size)
  }
  if (storageClass?.provisioner !== PROVISIONER) return { kind: 'none' }
  const waitsForPod = storageClass.volumeBindingMode === 'WaitForFirstConsumer'
  if (waitsForPod && metadata?.annotations?.[SELECTED_NODE] === undefined) return { kind: 'none' }
  return { kind: 'bind', volume: volumeFor(claim, storageClass, { name: volumeName, size, zone }), size }
}

/** A parameter of a StorageClass: the largest volume that its disks can be. */
export const MAXIMUM_SIZE = 'maximum-size'
/** A parameter of a StorageClass: "on-mount" where a file system grows only when its volume is mounted again. */
export const FILE_SYSTEM_GROWTH = 'file-system-growth'

/** The behaviour and messages of external-resizer and the kubelet of Kubernetes 1.32 and newer. */
function resizeStep(
  { status = {} }: PersistentVolumeClaim,
  storageClass: StorageClass | undefined,
  volumeName: string,
  size: string,
): ClaimStep {
  const { [MAXIMUM_SIZE]: maximum, [FILE_SYSTEM_GROWTH]: growth } = storageClass?.parameters ?? {}
  if (compareQuantities(size, status.capacity?.['storage'] ?? '0') <= 0) return { kind: 'none' }
  const step = (state: string, type: string, message: string): ClaimStep => {
    const isReported =
      status.allocatedResources?.['storage'] === size && status.allocatedResourceStatuses?.['storage'] === state
    if (isReported) return { kind: 'none' }
    const conditions = [{ type, status: 'True', message, lastTransitionTime: new Date(0).toISOString() }]
    return {
      kind: 'report',
      status: { allocatedResources: { storage: size }, allocatedResourceStatuses: { storage: state }, conditions },
    }
  }
  if (maximum !== undefined && compareQuantities(size, maximum) > 0) {
    const message = `rpc error: code = InvalidArgument desc = volume of ${size} is too large for this type of disk; maximum is ${maximum}`
    return step('ControllerResizeInfeasible', 'ControllerResizeError', message)
  }
  if (growth === 'on-mount') {
    const message = 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.'
    return step('NodeResizePending', 'FileSystemResizePending', message)
  }
  return { kind: 'expand', volumeName, size }
}

/** Without the annotations the scheduler assumes that the claim is still being bound. */
export function boundClaim(claim: PersistentVolumeClaim, volumeName: string): object {
  return {
    metadata: {
      uid: claim.metadata?.uid,
      annotations: {
        'pv.kubernetes.io/bind-completed': 'yes',
        'pv.kubernetes.io/bound-by-controller': 'yes',
        'volume.kubernetes.io/storage-provisioner': PROVISIONER,
      },
    },
    spec: { volumeName },
  }
}

export function boundClaimStatus(claim: PersistentVolumeClaim, size: string): object {
  const { metadata, spec } = claim
  // Clears the report on an earlier growth.
  const growth = { conditions: null, allocatedResources: null, allocatedResourceStatuses: null }
  return {
    metadata: { uid: metadata?.uid },
    status: { phase: 'Bound', accessModes: spec?.accessModes ?? [], capacity: { storage: size }, ...growth },
  }
}

function volumeFor(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  { name, size, zone }: { readonly name: string; readonly size: string; readonly zone: string | undefined },
): PersistentVolume {
  const { namespace, name: claimName, uid } = claim.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { [PROVISIONED_BY]: PROVISIONER } },
    spec: {
      storageClassName: storageClass.metadata?.name ?? '',
      accessModes: claim.spec?.accessModes ?? [],
      capacity: { storage: size },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      ...(zone !== undefined && {
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [inZone(zone)] }] } },
      }),
      // The API wants a source; the contents are in this process.
      hostPath: { path: `/fake/${name}` },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        ...(namespace !== undefined && { namespace }),
        ...(claimName !== undefined && { name: claimName }),
        ...(uid !== undefined && { uid }),
      },
    },
  }
}

function inZone(zone: string): { key: string; operator: string; values: string[] } {
  return { key: ZONE_LABEL, operator: 'In', values: [zone] }
}
