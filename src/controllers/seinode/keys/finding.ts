/** What is known of a validator's key when its node is reconciled: `KeyFinding`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { NodeReason } from '../../../api/conditions.ts'
import type { Claimant } from '../../../plan/key-reservation.ts'
import type { Requeue } from '../../shared/requeue.ts'

/** Reasons of the condition Progressing for which seid may not start. */
export type KeyReason = Extract<
  NodeReason<'Progressing'>,
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
