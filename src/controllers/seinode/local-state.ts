/** What the controller remembers of each node between reconciles: `NodeLocalState`. Losing it costs a few questions, no more. */
import { VerifiedChildren } from '../shared/children/verified-children.ts'
import { LocalStates } from '../shared/local-state.ts'
import type { Warning } from '../shared/pods/last-warning.ts'
import { PlanCursor } from './sidecar/plan-runner.ts'
import type { KnownEnd } from './upgrades/seid-end.ts'

export interface NodeLocalState {
  readonly cursor: PlanCursor
  readonly verified: VerifiedChildren
  /** The start of the sidecar (container id) that was last found ready, and when: milliseconds since the epoch. */
  ready?: { readonly containerID: string; readonly at: number }
  /** Where the node's pod was last confirmed to be (`podConfirmation`), and when: as the clock's `monotonic`. */
  confirmed?: { readonly place: string; readonly at: number }
  /** Since when there is no pod though one is due, milliseconds since the epoch. */
  podMissingSince?: number | undefined
  /** What the cluster said of the object of that UID, and when it was read: milliseconds since the epoch. */
  podWarning?: { readonly uid: string; readonly readAt: number; readonly warning: Warning | undefined } | undefined
  /** Since when the sidecar has not answered while a configuration is due, milliseconds since the epoch. */
  silentSince?: number | undefined
  /** The start of the sidecar, and what the spec asked for, for which unwanted work was last ended in it. */
  workEnded?: string
  /** The sidecar uploads what the spec does not ask for, and only a restart ends it. */
  hasStrayUpload?: boolean
  /** Since when a changed pod template waits for that, milliseconds since the epoch. */
  workAwaitedSince?: number | undefined
  /** What the seid of the node that ended last said. */
  seidEnd?: KnownEnd | undefined
  /** Key of the claim that the node was let use, and was not found to be without. */
  volume?: string | undefined
}

export class NodeLocalStates extends LocalStates<NodeLocalState> {
  constructor() {
    super(() => ({ cursor: new PlanCursor(), verified: new VerifiedChildren() }))
  }
}
