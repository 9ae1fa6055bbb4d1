/** Hides values that may be secret: `redacted`. Pure. */
import { isRecord } from '../../sidecar/task-result.ts'

const REDACTED = '<redacted>'

/** Names of fields, variables and settings whose values are not shown. */
const SECRET = /(secret|password|passwd|mnemonic|credential|token|api[-_]?key|priv(ate)?[-_]?key)/i
/** They name a secret. */
const NAMES_ONE = /(name|ref|namespace)$/i
/** `//user:password@` in a URL. */
const USER_INFO = /\/\/[^/@\s]+:[^/@\s]+@/g

/** @param name of the field that has the value, or its path */
export function redacted(value: unknown, name = ''): unknown {
  if (typeof value === 'string') {
    return isSecret(name) ? REDACTED : value.replaceAll(USER_INFO, `//${REDACTED}@`)
  }
  if (Array.isArray(value)) return value.map((item: unknown) => redacted(item, name))
  if (!isRecord(value)) return value
  // A variable of a container.
  const variable = typeof value['name'] === 'string' && 'value' in value ? value['name'] : undefined
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      redacted(item, variable !== undefined && key === 'value' ? variable : key),
    ]),
  )
}

function isSecret(path: string): boolean {
  const words = path.split('.')
  const last = words.at(-1) === 'value' ? (words.at(-2) ?? '') : (words.at(-1) ?? '')
  const variable = /\[name=([^\]]*)\]$/.exec(last)?.[1]
  return SECRET.test(variable ?? last) && !NAMES_ONE.test(variable ?? last)
}
