/** The condition VolumeHealthy, and what a changed pod waits for on a claim that is going: `evaluateVolume`, `restartBlock`. Pure. */
import { effectiveMode } from '../../../api/mode.ts'
import { childNames } from '../../../build/names.ts'
import { assertNever } from '../../../lib/assert-never.ts'
import { completedCount } from '../../../plan/task-plan.ts'
import { type ClaimHealth, terminatingText } from '../../shared/claims/claim-size.ts'
import { podProblem } from '../../shared/pods/pod-problem.ts'
import type { Observation } from '../observation.ts'
import { type NodeFinding, nodeReason } from '../../shared/conditions.ts'
import { healthOf, mayRestart } from '../observe/volume-use.ts'

/** A driver that works provisions a volume long before. Milliseconds. */
export const PROVISION_MS = 30_000

export function evaluateVolume(observation: Observation): NodeFinding<'VolumeHealthy'> {
  const { node, children } = observation
  const { dataVolume: claim } = children
  if (!claim) {
    return node.spec.paused
      ? { reason: 'NotChecked', message: 'the node is paused and its volume is unknown' }
      : {
          reason: 'NoVolume',
          message: 'the node has no volume that it may use; see the conditions Reconciling and Stalled',
        }
  }
  const name = `PersistentVolumeClaim ${claim.metadata?.name}`
  const { pod } = childNames(node)
  const health = healthOf(node, claim)
  if (isBeingMade(observation, health))
    return { reason: 'NotMounted', message: `${name} is mounted when the pod starts` }
  switch (health.kind) {
    case 'healthy':
      return { reason: 'Healthy', message: `${name} is bound` }
    case 'pending': {
      const since = claim.metadata?.creationTimestamp
      const message = `${name} is Pending since ${since}: no volume has been provisioned for it. To see the reason in its events, run: kubectl describe pvc -n ${node.metadata.namespace} ${claim.metadata?.name}`
      return { reason: 'VolumePending', message }
    }
    case 'terminating': {
      const isValidator = effectiveMode(node.spec) === 'validator'
      const saves = isValidator ? 'save data/priv_validator_state.json and the key of the validator, and ' : ''
      return { reason: 'VolumeLeaving', message: `${name} ${terminatingText(claim, pod, saves)}` }
    }
    case 'lost': {
      const message = `${name} is Lost: its PersistentVolume ${claim.spec?.volumeName} is gone. Pod ${pod} keeps the volume mounted, but no other pod can mount it. Save the data that the node needs, then bind a claim of that name to an existing volume`
      return { reason: 'VolumeLost', message }
    }
    case 'foreign': {
      const message = `${name} belongs to ${health.owner}, and may be deleted with it. The node keeps using the claim, and the operator does not change it. Remove that owner reference from the claim`
      return { reason: 'VolumeForeign', message }
    }
    case 'unmodified': {
      const message = `the attributes of ${name} could not be changed: ${health.message}`
      return { reason: 'ModifyFailed', message }
    }
    default:
      return assertNever(health)
  }
}

/** A claim waits for its pod, then binds, then is mounted: none of it is worth a write of status by itself. */
function isBeingMade({ children, spec, plan, pod, sidecar, now }: Observation, { kind }: ClaimHealth): boolean {
  const isNew = sidecar.kind === 'absent' && (!plan || completedCount(plan) === 0)
  if (!isNew || nodeReason('SpecValid', spec.reason).status === 'False' || (pod && podProblem(pod, now))) return false
  if (kind === 'healthy') return true
  const madeAt = Date.parse(children.dataVolume?.metadata?.creationTimestamp ?? '')
  return kind === 'pending' && now - madeAt < PROVISION_MS
}

/** Why the pod is not replaced though it should be; undefined where it need not be, or nothing is in the way. */
export function restartBlock(observation: Observation): string | undefined {
  const { node, children, pod, rollout, change } = observation
  const { dataVolume: claim } = children
  if (!claim || mayRestart(node, claim, pod)) return undefined
  const isLeft = rollout === undefined || rollout.kind === 'current' || rollout.kind === 'pinned'
  if (change?.kind !== 'kept' && isLeft) return undefined
  return `the pod is not replaced by one of the current spec, because its volume would be lost: ${evaluateVolume(observation).message}`
}
