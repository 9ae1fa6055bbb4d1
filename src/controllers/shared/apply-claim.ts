/** Applies a claim as any child, but for its size: a request that the API server refuses keeps nothing else from it: `applyClaim`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { requestOf, type Resizing } from '../../build/claim-spec.ts'
import type { KubeClient } from '../../kube/client.ts'
import { persistentVolumeClaims } from '../../kube/resources.ts'
import type { Store } from '../../runtime/store.ts'
import { applyChild, type Child, type ChildState } from './apply-child.ts'
import type { Owner } from './ownership.ts'
import { canGrow } from './volume.ts'

export interface ClaimChild extends Pick<Child<PersistentVolumeClaim>, 'store' | 'name' | 'verified' | 'inputs'> {
  readonly classes: Store<StorageClass>
  readonly build: (live: Readonly<PersistentVolumeClaim> | undefined, resizing: Resizing) => PersistentVolumeClaim
}

export interface AppliedClaim {
  readonly state: ChildState<PersistentVolumeClaim>
  /** The API server's words, where it refused the request that the spec asks for; the rest was applied. */
  readonly sizeRefusal?: string | undefined
}

/**
 * Releases of Kubernetes below 1.32 lower no request, quotas and StorageClasses limit what may grow. Rejects as
 * `applyChild` does.
 */
export async function applyClaim(
  client: KubeClient,
  owner: Owner,
  { store, name, verified, inputs, classes, build }: ClaimChild,
  signal: AbortSignal,
): Promise<AppliedClaim> {
  const resource = persistentVolumeClaims
  const resizing = (live: Readonly<PersistentVolumeClaim> | undefined): Resizing => ({
    canGrow: canGrow(live, classes),
  })
  const sized: Child<PersistentVolumeClaim> = {
    resource,
    store,
    name,
    build: live => build(live, resizing(live)),
    verified,
    inputs,
  }
  const state = await applyChild(client, owner, sized, signal)
  const live = state.kind === 'refused' ? state.object : undefined
  if (state.kind !== 'refused' || !live || requestOf(sized.build(live)) === requestOf(live)) return { state }
  const unsized: Child<PersistentVolumeClaim> = {
    resource,
    store,
    name,
    verified,
    build: claim => build(claim, { ...resizing(claim), keepSize: true }),
  }
  const rest = await applyChild(client, owner, unsized, signal)
  return rest.kind === 'applied' ? { state: rest, sizeRefusal: state.message } : { state: rest }
}
