/** What the cluster holds of a node, gathered from the caches: `observeSpecFacts`, `podOf`; the last warning about a pod that is stuck or missing: `podWarning`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { ACCEPT_ANNOTATION } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { childNames } from '../../../build/names.ts'
import { nodeSettings } from '../../../build/node-settings.ts'
import { persistentVolumeClaims } from '../../../kube/resources.ts'
import { lastWarning, type Warning } from '../../shared/pods/last-warning.ts'
import { POD_OVERDUE_MS, POD_STUCK_MS, waitingSince } from '../../shared/pods/pod-problem.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { canGrow } from '../../shared/claims/claims.ts'
import { dataVolumeKey } from '../children/data-volume.ts'
import type { NodeDependencies } from '../dependencies.ts'
import type { NodeLocalStates, NodeLocalState } from '../local-state.ts'
import type { Observation } from '../observation.ts'
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

/** A pod that is stuck, or a StatefulSet that does not make its pod. */
interface Stuck {
  readonly object: Readonly<Pod> | Readonly<StatefulSet>
  /** Earlier warnings are about something that has passed. Milliseconds since the epoch. */
  readonly since: number
}

/** One request, and only for an object past its deadline, at most once a minute. */
export async function podWarning(
  observed: Pick<Observation, 'pod' | 'podMissingSince' | 'children'>,
  local: NodeLocalState,
  { client, clock }: Pick<NodeDependencies, 'client' | 'clock'>,
  signal: AbortSignal,
): Promise<Warning | undefined> {
  const now = clock.now()
  const stuck = observed.pod ? stuckPod(observed.pod, now) : podless(observed, now)
  if (!stuck) {
    local.podWarning = undefined
    return undefined
  }
  const uid = stuck.object.metadata?.uid ?? ''
  const known = local.podWarning
  if (known?.uid === uid && now - known.readAt < WARNING_CHECK_MS) return known.warning
  const newest = await lastWarning(client, stuck.object, signal)
  const warning = newest && newest.at >= stuck.since ? newest : undefined
  local.podWarning = { uid, readAt: now, warning }
  return warning
}

function stuckPod(pod: Readonly<Pod>, now: number): Stuck | undefined {
  const since = waitingSince(pod)
  return since === undefined || now - since < POD_STUCK_MS ? undefined : { object: pod, since: stuckFrom(pod, since) }
}

/** Its controller repeats a refused creation after up to this. Milliseconds. */
const CREATION_RETRY_MS = 1_000_000

function podless(
  { podMissingSince: since, children: { statefulSet } }: Pick<Observation, 'podMissingSince' | 'children'>,
  now: number,
): Stuck | undefined {
  if (!statefulSet || since === undefined || now - since < POD_OVERDUE_MS) return undefined
  return { object: statefulSet, since: since - CREATION_RETRY_MS }
}

/** When the wait that ends in `since` began: a pod's grace period is over then. Milliseconds since the epoch. */
function stuckFrom(pod: Readonly<Pod>, since: number): number {
  return isTerminating(pod) ? since - (pod.metadata?.deletionGracePeriodSeconds ?? 0) * 1000 : since
}
