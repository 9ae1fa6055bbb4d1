/** Makes a sidecar's error about a refused configuration readable: `readableError`. Pure. */

const TITLE = 'config validation failed: '
/** One finding of a validation. The text may end in the middle of a finding. */
const FINDING = /\{(?:\s*"[A-Za-z]+"\s*:\s*"(?:[^"\\]|\\.)*"\s*,?)+\s*\}/g

/** The user's alternative to a full rewrite of the configuration. */
export const NEWER_CONFIG_REMEDY =
  'a newer version of the sidecar wrote the configuration that is on the volume, and this one cannot read it: set spec.sidecar.image to v0.0.54 or newer'

/** Formats findings, which are JSON, as `SEVERITY FIELD: MESSAGE`. Returns any other text unchanged. */
export function readableError(error: string): string {
  const at = error.indexOf(TITLE)
  if (at === -1) return error
  const title = error.slice(0, at + TITLE.length)
  const rest = error.slice(at + TITLE.length)
  const findings = [...rest.matchAll(FINDING)].flatMap(([json]) => readFinding(json))
  if (findings.length === 0) return error
  const remedy = isVersionRefused(error) ? `; ${NEWER_CONFIG_REMEDY}` : ''
  return `${title}${findings.join('; ')}${remedy}`
}

/**
 * Matches the refusal of a newer format: sidecars store the version of the configuration's format with it (1 up to
 * v0.0.53, then 2) and do not read a newer one.
 */
export function isVersionRefused(error: string): boolean {
  return error.includes(TITLE) && /"field"\s*:\s*"version"/.test(error)
}

function readFinding(json: string): string[] {
  const finding = parse(json)
  const text = (name: string): string | undefined => {
    const value = finding.get(name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const message = text('message')
  if (message === undefined) return []
  const where = [text('severity'), text('field')].filter(part => part !== undefined).join(' ')
  return [where === '' ? message : `${where}: ${message}`]
}

function parse(json: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(json)
    return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  } catch {
    return new Map()
  }
}
