/** What a claim needs next from its provisioner: `claimStep` decides, from the claim and its class alone. */
import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { PROVISIONER } from './cluster-nodes.ts'

/** The annotation by which a volume tells who made it. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'

export type ClaimStep =
  | { readonly kind: 'none' }
  /** A new volume, then the claim bound to it. */
  | { readonly kind: 'bind'; readonly volume: PersistentVolume; readonly size: string }
  | { readonly kind: 'expand'; readonly volumeName: string; readonly size: string }

/** Derived from the claim's UID: another claim of the same name gets another volume. */
export function volumeNameOf(claimUID: string): string {
  return `pvc-${claimUID}`
}

export function claimStep(claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): ClaimStep {
  const { metadata, spec, status } = claim
  const volumeName = volumeNameOf(metadata?.uid ?? '')
  const size = spec?.resources?.requests?.['storage'] ?? '0'
  if (metadata?.deletionTimestamp !== undefined) return { kind: 'none' }
  if (spec?.volumeName !== undefined && spec.volumeName !== volumeName) return { kind: 'none' }
  if (status?.phase === 'Bound') {
    // The API server refuses a smaller request, so another one is a larger one.
    return status.capacity?.['storage'] === size ? { kind: 'none' } : { kind: 'expand', volumeName, size }
  }
  if (storageClass?.provisioner !== PROVISIONER) return { kind: 'none' }
  const waitsForPod = storageClass.volumeBindingMode === 'WaitForFirstConsumer'
  if (waitsForPod && metadata?.annotations?.[SELECTED_NODE] === undefined) return { kind: 'none' }
  return { kind: 'bind', volume: volumeFor(claim, storageClass, volumeName, size), size }
}

/** Without the annotations the scheduler takes a claim for one that is still being bound. */
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
  return {
    metadata: { uid: metadata?.uid },
    status: { phase: 'Bound', accessModes: spec?.accessModes ?? [], capacity: { storage: size } },
  }
}

function volumeFor(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  name: string,
  size: string,
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
      // The API wants a source; the contents are in this process.
      hostPath: { path: `/stand-in/${name}` },
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
