/** Files of a report as text: `manifestPath`, `manifest`, `eventTable`. Pure. */
import type { Event } from 'kubernetes-types/core/v1.d.ts'
import { stringify } from 'yaml'
import { timeOf } from '../cluster/details.ts'
import { createStyle } from '../output/style.ts'
import { type Column, renderTable } from '../output/table.ts'
import type { ReportObject } from './objects.ts'
import { redactObject } from '../redact/redact-object.ts'

export function manifestPath({ resource, object }: ReportObject): string {
  return `${resource.plural}/${object.metadata?.name}.yaml`
}

/** Lists of the API server have objects without kind. */
export function manifest({ resource: { group, version, kind }, object }: ReportObject): string {
  const apiVersion = group === '' ? version : `${group}/${version}`
  // A secret on two lines would not be recognized.
  return stringify(redactObject({ ...object, apiVersion, kind }), { lineWidth: 0 })
}

const COLUMNS: readonly Column<Event>[] = [
  { title: 'TIME', cell: timeOf },
  { title: 'TYPE', cell: ({ type = '' }) => type },
  { title: 'OBJECT', cell: ({ involvedObject: { kind = '', name = '' } }) => `${kind}/${name}` },
  { title: 'REASON', cell: ({ reason = '' }) => reason },
  { title: 'COUNT', cell: ({ count, series }) => String(series?.count ?? count ?? 1) },
  { title: 'MESSAGE', cell: ({ message = '' }) => message.trim().replaceAll('\n', ' ') },
]

/** Those of the objects, earlier ones of their names included, oldest first. */
export function eventTable(events: readonly Event[], objects: readonly ReportObject[]): string {
  const names = new Set(objects.map(({ resource, object }) => `${resource.kind}/${object.metadata?.name}`))
  const rows = events
    .filter(({ involvedObject: { kind, name } }) => names.has(`${kind}/${name}`))
    .toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)))
  return `${renderTable(COLUMNS, rows, createStyle(false)).join('\n')}\n`
}
