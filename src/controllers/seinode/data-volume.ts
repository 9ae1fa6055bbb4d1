/** A SeiNode's own PersistentVolumeClaim: `applyDataVolume`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { buildDataVolume } from '../../build/data-volume.ts'
import { childNames } from '../../build/names.ts'
import { persistentVolumeClaims } from '../../kube/resources.ts'
import { keyOf } from '../../runtime/keys.ts'
import type { Store } from '../../runtime/store.ts'
import { applyChild, type ChildState } from './apply-child.ts'
import type { NodeDependencies } from './dependencies.ts'

export function dataVolumeKey(node: SeiNode): string {
  return `${node.metadata.namespace}/${childNames(node).dataVolume}`
}

/** Whether the API server lets the claim grow: its StorageClass has to allow it. A missing claim is of any size. */
export function canGrow(claim: Readonly<PersistentVolumeClaim> | undefined, classes: Store<StorageClass>): boolean {
  return !claim || classes.get(claim.spec?.storageClassName ?? '')?.allowVolumeExpansion === true
}

/** @throws TypeError for a node with `genesis.pvc`, whose volume is made by others */
export async function applyDataVolume(
  node: SeiNode,
  { client, stores, platform }: NodeDependencies,
  signal: AbortSignal,
): Promise<ChildState<PersistentVolumeClaim>> {
  const plan = node.status?.initPlan
  const build = (live: Readonly<PersistentVolumeClaim> | undefined): PersistentVolumeClaim => {
    // An earlier operator kept no UID of the volume.
    const isInitialized = plan?.phase === 'Complete' && (plan.volumeUID ?? live?.metadata?.uid) === live?.metadata?.uid
    const desired = buildDataVolume(node, platform, {
      live,
      initialized:
        isInitialized && plan.id !== undefined ? { planID: plan.id, caughtUpAt: plan.caughtUpAt } : undefined,
      canGrow: canGrow(live, stores.storageClasses),
    })
    if (!desired) throw new TypeError(`SeiNode ${keyOf(node)}: its volume is made by others`)
    return desired
  }
  const { dataVolume: name } = childNames(node)
  const child = { resource: persistentVolumeClaims, store: stores.dataVolumes, name, build }
  const isRetained = node.spec.storage?.retainOnDelete === true
  const live = stores.dataVolumes.get(dataVolumeKey(node))
  // Before anything that may be refused: what is to be kept must not have an owner.
  if (live && isRetained) await disown(live, node, { client, stores }, signal)
  const state = await applyChild(client, node, child, signal)
  if (state.kind !== 'applied' || !isRetained) return state
  return { kind: 'applied', object: await disown(state.object, node, { client, stores }, signal) }
}

/**
 * The claim without an owner reference to `node`, so that no garbage collector takes it along. Applying without the
 * reference is not enough where another field manager set it.
 */
export async function disown(
  claim: Readonly<PersistentVolumeClaim>,
  node: SeiNode,
  { client, stores }: Pick<NodeDependencies, 'client' | 'stores'>,
  signal: AbortSignal,
): Promise<Readonly<PersistentVolumeClaim>> {
  const { name = '', namespace = '', resourceVersion, uid, ownerReferences = [] } = claim.metadata ?? {}
  const others = ownerReferences.filter(reference => reference.uid !== node.metadata.uid)
  if (others.length === ownerReferences.length) return claim
  const object = await client.patch(
    persistentVolumeClaims,
    { namespace, name },
    { metadata: { uid, resourceVersion, ownerReferences: others } },
    { type: 'merge', signal },
  )
  stores.dataVolumes.observeWrite(object)
  return object
}
