/** A row of every-field.test.ts: `FieldChange`. */
import type { NodeReason } from '../../src/api/conditions.ts'
import type { SpecInput } from './living-node.ts'

/** Where a change shows: an object, what the sidecar is sent, the status of periodic work, or the reasons of conditions. */
export type Place = 'claim' | 'service' | 'networkPolicy' | 'statefulSet' | 'sent' | 'schedule' | 'conditions'

export interface FieldChange {
  readonly base: SpecInput
  /** Laid over the base; lists are replaced. */
  readonly change: object
  /** The only places; or what the API server says as it refuses the change. */
  readonly shows: readonly Place[] | RegExp
  /** It shows in what is sent when the next slot of the periodic work comes due. */
  readonly isPeriodic?: boolean
  /** The reason of SpecValid when the change is taken back, which no cluster can do. */
  readonly isForGood?: NodeReason<'SpecValid'>
}
