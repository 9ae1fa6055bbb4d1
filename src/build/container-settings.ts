/** Settings of all containers: `containerResources`, `imagePullPolicy`, `environmentOf`, `pullSecrets`. */
import type { EnvVar, LocalObjectReference, ResourceRequirements } from 'kubernetes-types/core/v1.d.ts'
import type { Environment } from '../api/environment.ts'
import type { ResourceRequirements as SpecResources } from '../api/shared.ts'
import type { PlatformConfig } from './platform.ts'

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

/** The operator's variables, and those of the spec that have other names. */
export function environmentOf(own: readonly EnvVar[], added: Environment = []): EnvVar[] {
  const names = new Set(own.map(({ name }) => name))
  return [...own, ...added.filter(({ name }) => !names.has(name)).map(variableOf)]
}

function variableOf({ name, value, valueFrom }: Environment[number]): EnvVar {
  if (valueFrom) return { name, valueFrom }
  // The API server drops an empty value.
  return value === undefined || value === '' ? { name } : { name, value }
}

/** Absent where there are none: the pod then gets those of its ServiceAccount. */
export function pullSecrets(
  spec: readonly { readonly name: string }[] | undefined,
  platform: PlatformConfig,
): { imagePullSecrets?: LocalObjectReference[] } {
  const secrets = spec?.map(({ name }) => ({ name })) ?? platform.imagePullSecrets.map(name => ({ name }))
  return secrets.length === 0 ? {} : { imagePullSecrets: secrets }
}
