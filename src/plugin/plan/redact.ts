/** Hides values that may be secret: `redacted`. Pure. */
import { redactValue } from '../redact/redact-object.ts'

/** @param path of the field that has the value, or its name */
export function redacted(value: unknown, path = ''): unknown {
  return redactValue(value, nameOf(path))
}

/** The last name of a path; for a variable of a container, the variable's. */
function nameOf(path: string): string {
  const words = path.split('.')
  const last = (words.at(-1) === 'value' ? words.at(-2) : words.at(-1)) ?? ''
  return /\[name=([^\]]*)\]$/.exec(last)?.[1] ?? last
}
