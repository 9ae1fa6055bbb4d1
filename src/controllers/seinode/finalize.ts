/** Deletion of a SeiNode, in the order in which nothing is lost: `finalizeNode`; what its status says meanwhile: `reportTerminating`. */
import { reportStatus } from './status.ts'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import { effectiveMode } from '../../api/mode.ts'
import { NODE_LABEL } from '../../api/names.ts'
import { seiNodes } from '../../api/resources.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { isMadeInPlaceOf } from '../../build/claim-marks.ts'
import { childNames } from '../../build/names.ts'
import { persistentVolumeClaims, pods, services, statefulSets } from '../../kube/resources.ts'
import { keyOf } from '../../runtime/object-key.ts'
import type { Requeue } from '../shared/requeue.ts'
import { deleteObject, deleteOwn, isTerminating, terminatingStatus } from '../shared/deletion.ts'
import { isOwn, ownershipOf } from '../shared/children/ownership.ts'
import { POD_STUCK_MS } from '../shared/pods/pod-problem.ts'
import { VerifiedChildren } from '../shared/children/verified-children.ts'
import { applyDataVolume, dataVolumeKey, disownVolume } from './children/data-volume.ts'
import type { NodeDependencies } from './dependencies.ts'
import { hasPodFinalizer, lostPodMessage, podEnd, releaseIfEnded } from './children/release-pod.ts'
import { releaseKeys } from './keys/key-lease.ts'
import { deleteNetworkPolicy } from './children/network-policy.ts'
import { nodeOwner, nodeWriter, volumeOwner } from './owner.ts'
import { type NodeFinding, nodeCondition, nodeProgress } from '../shared/conditions.ts'

/** A pod that the cache lacks is looked for again after this long. Milliseconds. */
const POD_CHECK_MS = 2_000

/**
 * StatefulSet down, pod gone, volume by policy, finalizer: one step a reconcile, each from what is there now, so a crash
 * between any two is made good by the next reconcile. Reads nothing of the spec but where the volume is and whether it stays:
 * a broken spec never holds a deletion up.
 * @returns when to reconcile again; undefined if a watch event triggers the next reconcile
 */
export async function finalizeNode(
  node: Readonly<SeiNode>,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Requeue | undefined> {
  const writer = nodeWriter(dependencies)
  if (!writer.hasFinalizer(node)) return undefined
  const { client, gate, stores } = dependencies
  gate.recorded(node)
  const owner = nodeOwner(node)
  const key = keyOf(node)
  const claim = stores.dataVolumes.get(dataVolumeKey(node))
  const { namespace = '', name, uid } = node.metadata
  // First of all: a garbage collector may be at work already.
  if (claim && isRetained(node)) await disownVolume(claim, node, dependencies, signal)
  const statefulSet = await liveStatefulSet(node, dependencies, signal)
  await deleteOwn(client, owner, statefulSets, statefulSet, signal)
  await deleteOwn(client, owner, services, stores.services.get(key), signal)

  const pod = await livePod(node, statefulSet, dependencies, signal)
  if (pod) {
    if (!isTerminating(pod)) await deleteObject(client, pods, pod, signal)
    // The cache selects by label.
    if (pod.metadata?.labels?.[NODE_LABEL] === undefined) await releaseIfEnded(pod, dependencies, signal)
    const message = waitingFor(node, pod, dependencies.clock.now())
    await reportTerminating(node, { reason: 'Terminating', message }, dependencies, signal)
    return { requeueAfterMs: POD_CHECK_MS }
  }
  // Its cache may be behind that of the pods, and the last word on the volume may be a moment old.
  const latest = await client.get(seiNodes, { namespace, name }, { signal })
  if (!latest || latest.metadata.uid !== uid) return undefined
  await releaseKeys(latest, dependencies, signal)
  // Not while the pod stops: its sidecar still listens.
  await deleteNetworkPolicy(latest, dependencies, signal)
  await settleVolume(latest, dependencies, signal)
  await writer.removeFinalizer(latest, signal)
  return undefined
}

/** What the next node of this name has to know of a volume that stays is written on it. */
async function settleVolume(
  node: Readonly<SeiNode>,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<void> {
  const claim = dependencies.stores.dataVolumes.get(dataVolumeKey(node))
  if (!claim || isTerminating(claim)) return
  // A restored claim may name the node as its owner: the garbage collector is not to take it.
  if (!isOwnVolume(node, claim)) await disownVolume(claim, node, dependencies, signal)
  else if (isRetained(node)) await applyDataVolume(node, claim, new VerifiedChildren(), dependencies, signal)
  else await deleteObject(dependencies.client, persistentVolumeClaims, claim, signal)
}

/** @param now milliseconds since the epoch */
function waitingFor(node: Readonly<SeiNode>, pod: Readonly<Pod>, now: number): string {
  const isValidator = effectiveMode(node.spec) === 'validator' || hasPodFinalizer(pod)
  if (isValidator && podEnd(pod, now).kind === 'lost') return lostPodMessage(pod)
  const dueAt = pod.metadata?.deletionTimestamp
  const late =
    dueAt === undefined || now - Date.parse(dueAt) < POD_STUCK_MS
      ? ''
      : `. It should have terminated by ${dueAt}: check the kubelet of cluster node ${pod.spec?.nodeName}`
  return `waiting for pod ${pod.metadata?.name} to stop${late}`
}

function isRetained(node: Readonly<SeiNode>): boolean {
  return node.spec.storage?.retainOnDelete === true
}

/** Asked of the API server where the cache, which selects by label, has none. */
async function liveStatefulSet(
  node: Readonly<SeiNode>,
  { client, stores }: NodeDependencies,
  signal: AbortSignal,
): Promise<Readonly<StatefulSet> | undefined> {
  const { namespace = '', name } = node.metadata
  return stores.statefulSets.get(keyOf(node)) ?? (await client.get(statefulSets, { namespace, name }, { signal }))
}

/**
 * The node's pod, asked of the API server where the cache has none: the volume must not go while one runs. A
 * validator's pod counts also where its label was taken off: its key must not be released beside it. A pod that another
 * StatefulSet of this name keeps is none of the node's.
 */
async function livePod(
  node: Readonly<SeiNode>,
  statefulSet: Readonly<StatefulSet> | undefined,
  { client, stores }: NodeDependencies,
  signal: AbortSignal,
): Promise<Readonly<Pod> | undefined> {
  const { namespace = '', name: nodeName } = node.metadata
  const { pod: name } = childNames(node)
  const pod = stores.pods.get(`${namespace}/${name}`) ?? (await client.get(pods, { namespace, name }, { signal }))
  const owner = pod?.metadata?.ownerReferences?.find(reference => reference.controller === true)
  const isKept =
    statefulSet !== undefined && !isOwn(statefulSet, nodeOwner(node)) && owner?.uid === statefulSet.metadata?.uid
  if (!pod || isKept) return undefined
  return pod.metadata?.labels?.[NODE_LABEL] === nodeName || hasPodFinalizer(pod) ? pod : undefined
}

/**
 * The claim on record, one that the node made in its place, and the first that it made. A claim that only has the node's
 * label, or stands where the one on record was, may hold the state of an earlier node, which this one was never allowed to use.
 * A prepared volume (genesis.pvc) belongs to whoever prepared it.
 */
function isOwnVolume(node: Readonly<SeiNode>, claim: Readonly<PersistentVolumeClaim>): boolean {
  if (node.spec.genesis?.pvc) return false
  const recorded = node.status?.initPlan?.volumeUID
  const { kind } = ownershipOf(claim, volumeOwner(node, undefined))
  if (kind !== 'ours') return kind === 'unowned'
  const isOther = recorded !== undefined && recorded !== claim.metadata?.uid
  return !isOther || isMadeInPlaceOf(claim, node.metadata.uid, recorded)
}

/** @param progress what is waited for, or what is in the way */
export async function reportTerminating(
  node: Readonly<SeiNode>,
  progress: NodeFinding<'Reconciling'>,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<void> {
  const conditions = [
    nodeCondition('Ready', { reason: 'Terminating', message: 'the node is being deleted' }),
    nodeCondition('SpecValid', { reason: 'NotChecked', message: 'the node is being deleted' }),
    nodeCondition('SidecarReady', { reason: 'NotChecked', message: 'the node is being deleted' }),
    ...nodeProgress(progress),
  ]
  const status = terminatingStatus(node, conditions, dependencies.clock.now())
  await reportStatus(node, status, 'none', dependencies, signal)
}
