/** What is known of a validator's key when its node is reconciled: `KeyFinding`; the messages of what keeps seid from starting. Pure. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { NodeReason } from '../../../api/conditions.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { unended } from '../../../lib/unended.ts'
import type { Claimant, Holder } from '../../../plan/key-reservation.ts'
import type { Requeue } from '../../shared/requeue.ts'

/** Reasons of the condition Reconciling for which seid may not start. */
export type KeyReason = Extract<
  NodeReason<'Reconciling'>,
  'KeyNotUsable' | 'SigningStateMissing' | 'KeyInUse' | 'KeyConflict' | 'ReservationFailed' | 'MachineLost'
>

export type KeyFinding =
  /** The node does not sign, or runs on in a pod of an earlier version of the operator, which reports nothing. */
  | { readonly kind: 'none' }
  /** Its pod has yet to report. */
  | {
      readonly kind: 'waiting'
      readonly message: string
      /** The node must not have a pod. */
      readonly isStopped?: boolean
      readonly requeue?: Requeue
      /** It is of an earlier version of the operator, and never will. */
      readonly isOldPod?: boolean
    }
  | {
      readonly kind: 'reserved'
      readonly address: string
      readonly podUID: string
      /** Other nodes that run the key all the same. */
      readonly rivals: readonly Claimant[]
    }
  | {
      readonly kind: 'refused'
      readonly reason: KeyReason
      readonly message: string
      /** The node must not have a pod. */
      readonly isStopped?: boolean
      readonly requeue?: Requeue
    }

/** Nothing is known of the key: seid is not let start, and a node that was stopped stays so. */
export function uncheckedKey(statefulSet: Readonly<StatefulSet> | undefined): KeyFinding {
  return { kind: 'waiting', message: 'the signing key could not be checked', isStopped: wasStopped(statefulSet) }
}

/** Its StatefulSet alone remembers that the node must not have a pod. */
export function wasStopped(statefulSet: Readonly<StatefulSet> | undefined): boolean {
  return statefulSet?.spec?.replicas === 0
}

export function isStopped(key: KeyFinding): boolean {
  return (key.kind === 'refused' || key.kind === 'waiting') && key.isStopped === true
}

/** Undefined where a change will tell. */
export function requeueForKey(key: KeyFinding | undefined): Requeue | undefined {
  return key?.kind === 'refused' || key?.kind === 'waiting' ? key.requeue : undefined
}

/** Why the sidecar is not marked ready; undefined where it may be. */
export function readyBlockOf(key: KeyFinding, podUID: string | undefined): string | undefined {
  switch (key.kind) {
    case 'none':
      return undefined
    case 'waiting':
    case 'refused':
      return key.message
    case 'reserved':
      return key.podUID === podUID ? undefined : 'the pod has not reported the consensus address of its key yet'
  }
}

export interface LeaseRef {
  readonly namespace: string
  readonly name: string
}

function nameOf({ namespace, name }: Holder): string {
  return `SeiNode ${namespace}/${name}`
}

/** @param said by the init container */
export function keyNotUsable({ metadata, spec }: Readonly<SeiNode>, said: string): string {
  const { namespace } = metadata
  const names = [spec.validator?.signingKey?.secretName, spec.validator?.nodeKey?.secretName].filter(
    name => name !== undefined,
  )
  const remedy =
    names.length === 0
      ? `Restore the key on the data volume from a backup`
      : `Correct ${names.map(name => `Secret ${namespace}/${name}`).join(' or ')}; the pod retries automatically. For a different key, create another SeiNode with its own volume`
  return `seid does not start: ${unended(said.trim())}. ${remedy}`
}

/**
 * Whether a Secret or the volume has the state: what is in the Secret never mends a state on the volume.
 * @param said by the init container
 */
export function stateNotUsable(said: string): string {
  return `seid does not start: ${unended(said.trim())}. Put priv_validator_state.json there from the last place where the key signed; the pod retries automatically. Never use an older backup: the validator would sign twice`
}

/** @param height of the state that is there; undefined where there is none */
export function signingStateMissing(
  { metadata: { namespace, name }, spec }: Readonly<SeiNode>,
  address: string,
  height: bigint | undefined,
  claim: { readonly name: string; /** What the annotation has to say. */ readonly accept: string },
): string {
  const secret = `Secret ${spec.validator?.signingKey?.secretName}`
  const supply = `put the latest priv_validator_state.json of the key into ${secret}, then delete pod ${name}-0`
  const record = `PersistentVolumeClaim ${claim.name} has no record of what consensus key ${address} from ${secret} has signed`
  if (height === undefined) {
    return `seid does not start: ${record}, since data/priv_validator_state.json is lost. Stop every other node with this key and ${supply}`
  }
  return `seid does not start: ${record}, so seid would sign from height 0. If the key has signed before, stop every other node with it and ${supply}. If the key has never signed, confirm this for the volume: kubectl annotate seinode -n ${namespace} ${name} sei.io/accept-volume=${claim.accept} --overwrite`
}

/** @param watched the namespaces that the operator watches; empty: all */
export function keyInUse(
  address: string,
  by: Holder,
  isThere: boolean,
  lease: LeaseRef,
  watched: readonly string[],
  isScaledToZero: boolean,
): string {
  const stopped = isScaledToZero
    ? ` Its StatefulSet stays at 0 replicas until then. What the key has signed since is in data/priv_validator_state.json of ${nameOf(by)} alone.`
    : ''
  const what = `consensus key ${address} is reserved for ${nameOf(by)} (Lease ${lease.namespace}/${lease.name}), so seid does not start here: two nodes with one key sign twice.${stopped}`
  if (isThere) {
    return `${what} Delete the node that must not sign; the reservation is released after the kubelet reports that its seid ended. If the machine of ${nameOf(by)} is lost, power it off first; the condition Reconciling of that node then says how to confirm it`
  }
  const where =
    watched.length === 0
      ? 'it is gone'
      : `it does not exist, or it is outside the watched namespaces ${watched.join(', ')}`
  return `${what} This operator cannot find that SeiNode: ${where}. It is unknown whether its seid ended. First power its machine off, or make sure in another way that no seid runs with this key. Then, to release the key, run: kubectl delete lease -n ${lease.namespace} ${lease.name}`
}

/** The state of the holder is the later one: it goes on signing. */
function whichToDelete(without: string, holder: Holder): string {
  return `Delete ${without}, with its volume, and never ${nameOf(holder)}: its data/priv_validator_state.json is the record of what the key has signed, and must be kept`
}

export function runsWithoutReservation(self: Holder, address: string, by: Holder, lease: LeaseRef): string {
  return `seid runs here with consensus key ${address}, which is reserved for ${nameOf(by)} (Lease ${lease.namespace}/${lease.name}): two nodes sign with one key. This node is scaled to 0 replicas. ${whichToDelete(`this node, ${nameOf(self)}`, by)}`
}

export function rivalsRun(self: Holder, address: string, rivals: readonly Claimant[]): string {
  const names = rivals.map(nameOf).join(', ')
  return `${names} also runs with consensus key ${address}, which is reserved for this node: two nodes sign with one key. The other node is scaled to 0 replicas, unless it is paused. ${whichToDelete(names, self)}`
}

/** @param isRunning whether seid runs, or its kubelet may start it at any moment */
export function reservationFailed(address: string, error: string, isRunning: boolean): string {
  const effect = isRunning ? 'seid keeps running, but no new pod may start it' : 'seid does not start'
  return `${effect}: consensus key ${address} cannot be reserved: ${unended(error)}. Check that the operator's namespace exists and that the operator may write Leases in it`
}
