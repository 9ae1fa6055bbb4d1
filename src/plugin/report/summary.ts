/** What a report says about itself: `readme` in the file, `summary` at the end of the command. Pure. */
import { MARKER } from '../redact/redact-text.ts'

const LOOK = `Look through it before you send it: it has the names, addresses, images and log lines of your nodes.`

/** Directories and files, with what they hold. */
const CONTENTS: readonly (readonly [path: string, what: string])[] = [
  ['status.txt', 'what kubectl sei status shows'],
  ['events.txt', 'events of the objects, oldest first'],
  ['manifests/', 'manifests with status'],
  ['logs/', 'logs of all containers, and of the start before (.previous)'],
  ['operator/', 'settings, manifests, events, logs and metrics of the operator, by namespace'],
  ['versions.yaml', 'versions of the plugin, the operator and Kubernetes'],
  ['unreadable.txt', 'what could not be read, and why'],
]

/** @param created RFC 3339 */
export function readme(about: string, created: string): string {
  return `Report of kubectl sei about ${about}, ${created}.

${CONTENTS.map(([path, what]) => `${path.padEnd(16)}${what}`).join('\n')}

Secrets were not read. Values that look secret were replaced by ${MARKER}, but no program recognizes all of them.
${LOOK}
`
}

export interface Report {
  /** Of the file. */
  readonly path: string
  readonly archive: { readonly paths: readonly string[]; readonly bytes: number; readonly redacted: number }
  readonly missing: readonly string[]
}

export function summary({ path, archive: { paths, bytes, redacted }, missing }: Report): readonly string[] {
  const counts = CONTENTS.flatMap(([start, what]) => {
    const count = paths.filter(each => each.startsWith(start)).length
    if (count === 0) return []
    return [
      `  ${start.padEnd(16)}${what}${start.endsWith('/') ? ` (${count === 1 ? '1 file' : `${count} files`})` : ''}`,
    ]
  })
  return [
    `Report: ${path} (${Math.ceil(bytes / 1024)} KiB)`,
    ...counts,
    redacted === 0
      ? 'Nothing in it looked like a secret.'
      : `${redacted} ${redacted === 1 ? 'value' : 'values'} that looked secret ${redacted === 1 ? 'was' : 'were'} replaced by ${MARKER}.`,
    ...(missing.length === 0 ? [] : ['', 'Not in it:', ...missing.map(each => `  ${each}`)]),
    '',
    LOOK,
  ]
}
