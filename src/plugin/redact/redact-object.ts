/** Replaces what is secret in an object of Kubernetes, `redactObject`, or in a value of one, `redactValue`. Pure. */
import type { KubeObject } from '../../kube/types.ts'
import { isSecretName, MARKER, redactText } from './redact-text.ts'

/** A flag whose value is the next argument. */
const FLAG = /^--?[\w-]+$/

/** A copy without managedFields and without what was last applied, which repeats the object. */
export function redactObject({ metadata, ...object }: KubeObject): unknown {
  const { managedFields: _, annotations, ...rest } = metadata ?? {}
  const kept = Object.entries(annotations ?? {}).filter(([name]) => !name.endsWith('/last-applied-configuration'))
  return redactValue({
    ...object,
    metadata: { ...rest, ...(annotations === undefined ? {} : { annotations: Object.fromEntries(kept) }) },
  })
}

/**
 * Keys of maps, and `name` beside `value` as variables have it, tell which texts are secret.
 * @param name of the field that has the value
 */
export function redactValue(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return isSecretName(name) ? MARKER : redactText(value)
  if (Array.isArray(value)) return redactList(value, name)
  if (!isMap(value)) return value
  const { name: variable, value: content } = value
  const isSecret = typeof variable === 'string' && typeof content === 'string' && isSecretName(variable)
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, isSecret && key === 'value' ? MARKER : redactValue(each, key)]),
  )
}

function redactList(list: readonly unknown[], name: string): readonly unknown[] {
  return list.map((item, at) => {
    const before: unknown = list[at - 1]
    const isValueOfFlag = typeof before === 'string' && FLAG.test(before) && isSecretName(before)
    return redactValue(item, isValueOfFlag ? before : name)
  })
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
