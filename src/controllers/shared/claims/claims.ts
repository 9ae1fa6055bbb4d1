/** What the controllers do to PersistentVolumeClaims: `applyClaim`, `disown`, `disownRestored`, `canGrow`, `classChanged`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { isRestored } from '../../../build/claim-marks.ts'
import { requestOf, type Resizing } from '../../../build/claim-spec.ts'
import type { KubeClient } from '../../../kube/client.ts'
import { persistentVolumeClaims } from '../../../kube/resources.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Change, Store } from '../../../runtime/store.ts'
import { applyChild, type Child, type ChildState } from '../children/apply-child.ts'
import { isTerminating } from '../deletion.ts'
import { type Owner, ownershipOf } from '../children/ownership.ts'

/**
 * Whether the API server lets the claim grow: its StorageClass has to allow it. A missing claim is of any size. Where
 * classes cannot be read, asking the API server to grow it is how to find out.
 */
export function canGrow(claim: Readonly<PersistentVolumeClaim> | undefined, classes: Store<StorageClass>): boolean {
  return !claim || !classes.isReadable || classes.get(claim.spec?.storageClassName ?? '')?.allowVolumeExpansion === true
}

/** As `canGrow`; of a claim that is yet to be bound, its class decides as soon as it exists. */
export function mayGrow(
  claim: Readonly<PersistentVolumeClaim> | undefined,
  className: string,
  classes: Store<StorageClass>,
): boolean {
  if (claim?.status?.phase === 'Bound') return canGrow(claim, classes)
  return classes.get(className)?.allowVolumeExpansion === true || classes.get(className) === undefined
}

/**
 * The claim without an owner reference to that UID, so that no garbage collector takes it along. Applying without the
 * reference is not enough where another field manager set it.
 */
export async function disown(
  client: KubeClient,
  ownerUID: string | undefined,
  claim: Readonly<PersistentVolumeClaim>,
  store: Store<PersistentVolumeClaim>,
  signal: AbortSignal,
): Promise<Readonly<PersistentVolumeClaim>> {
  const { name = '', namespace = '', resourceVersion, uid, ownerReferences = [] } = claim.metadata ?? {}
  const others = ownerReferences.filter(reference => reference.uid !== ownerUID)
  if (others.length === ownerReferences.length) return claim
  const object = await client.patch(
    persistentVolumeClaims,
    { namespace, name },
    { metadata: { uid, resourceVersion, ownerReferences: others } },
    { type: 'merge', signal },
  )
  store.observeWrite(object)
  return object
}

/** A claim that was restored with a reference to an earlier owner of this name, whose UID is gone, without that reference. */
export async function disownRestored(
  client: KubeClient,
  owner: Owner,
  claim: Readonly<PersistentVolumeClaim>,
  store: Store<PersistentVolumeClaim>,
  signal: AbortSignal,
): Promise<void> {
  const ownership = ownershipOf(claim, owner)
  if (ownership.kind !== 'earlier' || !isRestored(claim) || isTerminating(claim)) return
  await disown(client, ownership.uid, claim, store, signal)
}

/** Whether it is there, and whether its volumes may grow, is all that is asked of a class. */
export function classChanged(change: Change<StorageClass>): boolean {
  return change.type !== 'updated' || change.previous.allowVolumeExpansion !== change.object.allowVolumeExpansion
}

export interface ClaimChild extends Pick<Child<PersistentVolumeClaim>, 'store' | 'name' | 'verified' | 'inputs'> {
  readonly classes: Store<StorageClass>
  readonly build: (live: Readonly<PersistentVolumeClaim> | undefined, resizing: Resizing) => PersistentVolumeClaim
  readonly clock: Pick<Clock, 'now'>
}

export interface AppliedClaim {
  readonly state: ChildState<PersistentVolumeClaim>
  /** The API server's words, where it refused the request that is to be made, now or a while ago; the rest was applied. */
  readonly sizeRefusal?: string | undefined
}

/**
 * Releases of Kubernetes below 1.32 lower no request, quotas and StorageClasses limit what may grow. A request that was refused
 * is made again less and less often. Rejects as `applyChild` does.
 */
export async function applyClaim(
  client: KubeClient,
  owner: Owner,
  { store, name, verified, inputs, classes, build, clock }: ClaimChild,
  signal: AbortSignal,
): Promise<AppliedClaim> {
  const resizing = (live: Readonly<PersistentVolumeClaim> | undefined): Resizing => ({
    canGrow: canGrow(live, classes),
  })
  // Without a size in the spec, the request is the one that a user made last.
  const child = { resource: persistentVolumeClaims, store, name, verified, isLocked: true }
  const sized: Child<PersistentVolumeClaim> = { ...child, inputs, build: live => build(live, resizing(live)) }
  const unsized: Child<PersistentVolumeClaim> = {
    ...child,
    build: claim => build(claim, { ...resizing(claim), keepSize: true }),
  }
  const refused = verified.refusedSizes
  const cached = store.get(`${owner.metadata.namespace}/${name}`)
  const known = cached && refused.find(cached, sized.build, clock.now())
  if (known !== undefined) {
    const rest = await applyChild(client, owner, unsized, signal)
    return rest.kind === 'applied' ? { state: rest, sizeRefusal: known } : { state: rest }
  }
  const state = await applyChild(client, owner, sized, signal)
  if (state.kind === 'applied') refused.forget(state.object)
  const live = state.kind === 'refused' ? state.object : undefined
  if (state.kind !== 'refused' || !live) return { state }
  const wanted = sized.build(live)
  if (requestOf(wanted) === requestOf(live)) return { state }
  const rest = await applyChild(client, owner, unsized, signal)
  if (rest.kind !== 'applied') return { state: rest }
  refused.note(live, wanted, state.message, clock.now())
  return { state: rest, sizeRefusal: state.message }
}
