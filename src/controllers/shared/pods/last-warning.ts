/** What the cluster says of an object that does not come up: `lastWarning`, `lacksPriorityClass`. */
import type { Event } from 'kubernetes-types/core/v1.d.ts'
import type { ListOptions } from '../../../kube/client.ts'
import { ApiError, TransportError } from '../../../kube/errors.ts'
import { events } from '../../../kube/resources.ts'
import type { KubeObject, Resource } from '../../../kube/types.ts'

/** What reading events needs of a `KubeClient`. */
export interface EventReader {
  list(resource: Resource<Event>, options: ListOptions<Event>): Promise<{ readonly items: readonly Event[] }>
}

export interface Warning {
  readonly reason: string
  readonly message: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/**
 * The newest Warning event about the object. One request: for objects that are stuck, never in steady state. Undefined
 * also where events cannot be read: that the object is stuck is to be said all the same.
 */
export async function lastWarning(
  client: EventReader,
  { metadata }: Readonly<KubeObject>,
  signal: AbortSignal,
): Promise<Warning | undefined> {
  const fieldSelector = `involvedObject.uid=${metadata?.uid},type=Warning`
  try {
    const { items } = await client.list(events, { namespace: metadata?.namespace ?? '', fieldSelector, signal })
    const [newest] = items.map(warningOf).toSorted((a, b) => b.at - a.at)
    return newest
  } catch (error) {
    if (signal.aborted || !(error instanceof ApiError || error instanceof TransportError)) throw error
    return undefined
  }
}

/** In the words of the API server's admission. */
export function lacksPriorityClass({ message }: Warning): boolean {
  return message.includes('no PriorityClass with name')
}

function warningOf({ reason = '', message = '', series, lastTimestamp, eventTime, metadata }: Event): Warning {
  const time = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? ''
  return { reason, message, at: Date.parse(time) }
}
