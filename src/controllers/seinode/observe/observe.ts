/** What the cluster holds of a node, gathered from the caches: `observeSpecFacts`, `podOf`; the last warning about a pod that is stuck: `podWarning`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { ACCEPT_ANNOTATION } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { childNames } from '../../../build/names.ts'
import { nodeSettings } from '../../../build/node-settings.ts'
import { persistentVolumeClaims } from '../../../kube/resources.ts'
import { lastWarning, type Warning } from '../../shared/pods/last-warning.ts'
import { POD_STUCK_MS, waitingSince } from '../../shared/pods/pod-problem.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { canGrow } from '../../shared/claims/claims.ts'
import { dataVolumeKey } from '../children/data-volume.ts'
import type { NodeDependencies } from '../dependencies.ts'
import type { NodeLocalStates, NodeLocalState } from '../local-state.ts'
import type { SpecFacts } from './validate.ts'
import { volumeUser } from './volume-use.ts'

/**
 * Asks the API server for nothing but a claim that the caches, being selected by label, may lack: one that others prepared
 * for this node or for another that names it, one that a person made and accepts, and one on record, whose label somebody
 * may have taken away.
 */
export async function observeSpecFacts(
  node: Readonly<SeiNode>,
  localStates: NodeLocalStates,
  { client, stores, platform }: NodeDependencies,
  signal: AbortSignal,
): Promise<Omit<SpecFacts, 'pod'>> {
  const { namespace = '' } = node.metadata
  const isPrepared = node.spec.genesis?.pvc !== undefined
  const cached = stores.dataVolumes.get(dataVolumeKey(node))
  const name = childNames(node).dataVolume
  const known = cached ?? stores.poolVolumes.get(dataVolumeKey(node))
  const isShared = stores.nodesOnVolume(dataVolumeKey(node)).length > 1
  const isAccepted = node.metadata.annotations?.[ACCEPT_ANNOTATION] !== undefined
  const isRecorded = node.status?.initPlan?.volumeUID !== undefined
  const mayBeUnlabelled = isPrepared || isShared || isAccepted || isRecorded
  const found =
    known ?? (mayBeUnlabelled ? await client.get(persistentVolumeClaims, { namespace, name }, { signal }) : undefined)
  const own = isPrepared ? undefined : (cached ?? found)
  const storageClassName = own?.spec?.storageClassName ?? nodeSettings(node, platform).storage.className
  return {
    prepared: isPrepared ? found : undefined,
    volumeUser: volumeUser(node, found, localStates, stores),
    own,
    storageClassName,
    canGrow: canGrow(own, stores.storageClasses),
    storageClassExists: classExists(storageClassName, stores),
    wantedClassExists: classExists(node.spec.storage?.storageClassName ?? storageClassName, stores),
  }
}

function classExists(
  name: string,
  { storageClasses }: Pick<NodeDependencies['stores'], 'storageClasses'>,
): boolean | 'unknown' {
  return storageClasses.isReadable ? storageClasses.get(name) !== undefined : 'unknown'
}

/** The pod that `statefulSet` made for the node, by owner UID: one of an earlier StatefulSet is not it. */
export function podOf(
  node: Readonly<SeiNode>,
  statefulSet: Readonly<StatefulSet> | undefined,
  { stores }: NodeDependencies,
): Readonly<Pod> | undefined {
  const pod = stores.pods.get(`${node.metadata.namespace}/${childNames(node).pod}`)
  const owner = pod?.metadata?.ownerReferences?.find(reference => reference.controller === true)
  return statefulSet !== undefined && owner?.uid === statefulSet.metadata?.uid ? pod : undefined
}

/** How often the events of a pod that stays stuck are read again. Milliseconds. */
export const WARNING_CHECK_MS = 60_000

/** One request, and only for a pod past its deadline, at most once a minute. */
export async function podWarning(
  pod: Readonly<Pod> | undefined,
  local: NodeLocalState,
  { client, clock }: Pick<NodeDependencies, 'client' | 'clock'>,
  signal: AbortSignal,
): Promise<Warning | undefined> {
  const since = pod && waitingSince(pod)
  const now = clock.now()
  if (!pod || since === undefined || now - since < POD_STUCK_MS) {
    local.podWarning = undefined
    return undefined
  }
  const uid = pod.metadata?.uid ?? ''
  const known = local.podWarning
  if (known?.podUID === uid && now - known.readAt < WARNING_CHECK_MS) return known.warning
  const newest = await lastWarning(client, pod, signal)
  // An earlier one is about something that has passed.
  const warning = newest && newest.at >= stuckFrom(pod, since) ? newest : undefined
  local.podWarning = { podUID: uid, readAt: now, warning }
  return warning
}

/** When the wait that ends in `since` began: a pod's grace period is over then. Milliseconds since the epoch. */
function stuckFrom(pod: Readonly<Pod>, since: number): number {
  return isTerminating(pod) ? since - (pod.metadata?.deletionGracePeriodSeconds ?? 0) * 1000 : since
}
