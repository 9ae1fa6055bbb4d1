/** The resources of a container as a pod spells them: `containerResources`. */
import type { ResourceRequirements } from 'kubernetes-types/core/v1.d.ts'
import type { ResourceRequirements as SpecResources } from '../api/shared.ts'

/** A manifest may hold whole numbers; pods spell every quantity as a string. */
export function containerResources({ limits, requests }: SpecResources): ResourceRequirements {
  return { ...(limits && { limits: spelled(limits) }), ...(requests && { requests: spelled(requests) }) }
}

function spelled(list: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(list).map(([name, amount]) => [name, String(amount)]))
}
