/** The condition VolumeSpace, and what status says of the use of the data volume: `evaluateVolumeSpace`, `volumeRecord`. Pure. */
import { childNames } from '../../../build/names.ts'
import { KUBELET_PORT } from '../../../kubelet/stats.ts'
import { findCondition } from '../../../lib/conditions.ts'
import type { VolumeSpace } from '../../../volumes/space.ts'
import type { NodeFinding } from '../../shared/conditions.ts'
import { poolOf } from '../../shared/rollout-gate.ts'
import type { UnknownUse } from '../../shared/volumes/observer.ts'
import { type SpaceRecord, spaceRecord, storedRecord } from '../../shared/volumes/record.ts'
import { spaceText } from '../../shared/volumes/space-text.ts'
import type { Observation } from '../observation.ts'

export function evaluateVolumeSpace(observation: Observation): NodeFinding<'VolumeSpace'> {
  const { node, volumeUse } = observation
  const name = `PersistentVolumeClaim ${childNames(node).dataVolume}`
  if (volumeUse?.kind === 'unknown')
    return { reason: 'NotObserved', message: `the use of ${name} is not known: ${causeOf(volumeUse.why)}` }
  const stored = storedFinding(observation)
  if (volumeUse === undefined)
    return stored ?? { reason: 'NotObserved', message: `the use of ${name} is not known yet` }
  const { space, isRecorded } = volumeUse
  // A new operator process has other figures, which alone are not worth a write.
  if (isRecorded && stored?.reason === space.kind) return stored
  return { reason: space.kind, message: `${name} ${spaceText(space)}${adviceOf(space, observation)}` }
}

/** The last use that was written, until another is known. */
export function volumeRecord(observation: Observation): SpaceRecord {
  const { volumeUse, node } = observation
  if (volumeUse?.kind === 'known') return spaceRecord(volumeUse.announced, volumeUse.growth)
  if (volumeUse?.kind === 'unknown' || !isSameVolume(observation)) return {}
  return storedRecord(node)
}

function storedFinding(observation: Observation): NodeFinding<'VolumeSpace'> | undefined {
  const stored = findCondition(observation.node.status?.conditions, 'VolumeSpace')
  if (!stored || !isSameVolume(observation)) return undefined
  const { reason, message } = stored
  return reason === 'Enough' || reason === 'Filling' || reason === 'NotObserved' ? { reason, message } : undefined
}

/** Whether status is about the claim that is there. */
function isSameVolume({ node, children }: Observation): boolean {
  return node.status?.dataVolume?.uid === children.dataVolume?.metadata?.uid
}

function adviceOf({ kind }: VolumeSpace, { node, children }: Observation): string {
  if (kind !== 'Filling') return ''
  if (node.spec.storage?.autoGrow) return '. The condition VolumeGrowth says when the volume grows'
  const pool = poolOf(node)
  if (pool !== undefined) return `. Raise spec.storage.size of SeiNodePool ${pool}`
  if (!node.spec.genesis?.pvc) return '. Raise spec.storage.size'
  const claim = children.dataVolume?.metadata?.name ?? node.spec.genesis.pvc.dataPVC
  return `. Raise spec.resources.requests.storage of PersistentVolumeClaim ${claim}`
}

/** Why nobody knows, and what to do. */
function causeOf({ kind, host, detail }: UnknownUse): string {
  const kubelet = `the kubelet at ${host}`
  switch (kind) {
    case 'off':
      return 'the operator queries no kubelets (--volume-interval=0)'
    case 'absent':
      return `${kubelet} does not report it. Kubelets measure a volume some minutes after the pod has started, and never where the storage driver has no statistics`
    case 'forbidden':
      return `${kubelet} refuses the operator (${detail}). Give the operator's ServiceAccount the right to get nodes/stats, as its ClusterRole has`
    case 'unauthorized':
      return `${kubelet} does not accept the operator's token (${detail}). Turn on webhook authentication in its configuration`
    case 'unverified':
      return `the certificate of ${kubelet} is not verified (${detail}). Let the authority of the cluster sign it (serverTLSBootstrap), or start the operator with --kubelet-insecure-tls`
    case 'unreachable':
      return `${kubelet} does not answer (${detail}). Let the operator reach port ${KUBELET_PORT} of every cluster node`
    case 'malformed':
      return `${kubelet} sends no statistics (${detail})`
  }
}
