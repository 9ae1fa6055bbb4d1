/** Settings of all containers: `containerResources`, `imagePullPolicy`. */
import type { ResourceRequirements } from 'kubernetes-types/core/v1.d.ts'
import type { ResourceRequirements as SpecResources } from '../api/shared.ts'

/** A manifest may hold whole numbers; pods spell every quantity as a string. */
export function containerResources({ limits, requests }: SpecResources): ResourceRequirements {
  return { ...(limits && { limits: spelled(limits) }), ...(requests && { requests: spelled(requests) }) }
}

function spelled(list: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(list).map(([name, amount]) => [name, String(amount)]))
}

export type PullPolicy = 'Always' | 'IfNotPresent'

/**
 * The default of Kubernetes for a new container: `Always` for the tag latest or no tag, else `IfNotPresent`. It is set
 * explicitly, because the API server keeps the default of the first image when the image changes.
 */
export function imagePullPolicy(image: string): PullPolicy {
  if (image.includes('@')) return 'IfNotPresent'
  const [, tag = 'latest'] = (image.split('/').at(-1) ?? '').split(':')
  return tag === 'latest' ? 'Always' : 'IfNotPresent'
}
