/** Tells by an event that the API server refuses the status of an object, since no condition can: `statusRefused`. */
import { ApiError, isPassing } from '../../kube/errors.ts'
import type { KubeObject } from '../../kube/types.ts'
import type { EventSink } from '../../runtime/events.ts'
import { refusal } from './failure.ts'

/** Throws `error`. */
export function statusRefused(events: EventSink, regarding: Readonly<KubeObject>, error: unknown): never {
  // An object that is gone needs no status.
  if (error instanceof ApiError && !isPassing(error) && error.status !== 404) {
    events.event({
      regarding,
      type: 'Warning',
      reason: 'StatusRefused',
      note: refusal(error.message),
      action: 'Reconcile',
    })
  }
  throw error
}
