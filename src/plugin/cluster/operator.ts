/** Whether an operator runs, from the Lease that its working replica renews: `readOperator`, `operatorWarning`. */
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts'
import { LEASE_NAME } from '../../api/names.ts'
import type { KubeClient } from '../../kube/client.ts'
import { ApiError } from '../../kube/errors.ts'
import { leases } from '../../kube/resources.ts'
import { holderOf } from '../../runtime/lease-record.ts'
import { humanDuration } from '../output/duration.ts'

/** Several times the term of a Lease: clocks of machines differ, and a replica that takes over needs seconds. */
const SILENT_MS = 60_000

/** The Leases in these namespaces that may be read. */
export async function readOperator(
  client: Pick<KubeClient, 'get'>,
  places: readonly string[],
): Promise<readonly Lease[]> {
  const found = await Promise.all(
    places.map(namespace => unlessForbidden(client.get(leases, { namespace, name: LEASE_NAME }))),
  )
  return found.filter(lease => lease !== undefined)
}

/** The Lease that was renewed last. */
export function newestLease(found: readonly Lease[]): Lease | undefined {
  return found.toSorted((a, b) => renewedAt(b) - renewedAt(a))[0]
}

/** One sentence if no operator seems to run; undefined also if that cannot be told. */
export function operatorWarning(found: readonly Lease[], now: number): string | undefined {
  const lease = newestLease(found)
  if (!lease) return undefined
  const silentMs = now - renewedAt(lease)
  if (!(silentMs > SILENT_MS)) return undefined
  const { namespace = '', name = '' } = lease.metadata ?? {}
  const what = holderOf(lease) === undefined ? 'was released' : 'was last renewed'
  return `The operator does not run: its Lease ${namespace}/${name} ${what} ${humanDuration(silentMs)} ago. What is shown may be old, and nothing is changed or restarted until the operator is back.`
}

function renewedAt({ spec }: Lease): number {
  return Date.parse(spec?.renewTime ?? '') || 0
}

/** Undefined where the API server refuses the request for lack of rights. */
export async function unlessForbidden<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined
    throw error
  }
}
