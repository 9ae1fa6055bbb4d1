/** A plan as text: `renderReport`. Pure. */
import { clip } from '../../lib/clip.ts'
import { isRecord } from '../../sidecar/task-result.ts'
import type { Style } from '../output/style.ts'
import type { FieldChange } from './object-diff.ts'
import type { Action, RecurringChange } from './predict.ts'
import type { Report, ReportedObject, ReportedTask } from './report.ts'

/** The rest is in `-o yaml`. */
const MAX_VALUE = 160

const TITLES: Readonly<Record<Report['action'], string>> = {
  create: 'is new',
  change: 'changes',
  delete: 'goes',
  none: 'is unchanged',
  refuse: 'is refused by the API server',
}

export function renderReport(report: Report, style: Style): readonly string[] {
  const { kind, namespace, name, action, refusal, findings, failures, unknown } = report
  const title = style.bold(`${kind} ${namespace}/${name} ${TITLES[action]}`)
  if (refusal !== undefined) return [title, ...refusal.split('\n').map(line => `  ${style.bad(line)}`)]
  const fields = action === 'create' ? [] : report.fields.flatMap(field => fieldLines(field, style))
  return [
    title,
    ...fields,
    ...section('Objects', objectLines(report.objects, style), style),
    ...section(
      'Jobs',
      report.jobs.map(job => `  ${job}`),
      style,
    ),
    ...section('Tasks', taskLines(report.tasks), style),
    ...section(
      'Recurring tasks',
      report.recurring.flatMap(each => recurringLines(each, style)),
      style,
    ),
    ...section('Restarts', restartLines(report), style),
    ...section(
      'What the operator will say',
      findings.map(({ object, type, reason, message }) => `  ${object}: ${type} ${reason}: ${message}`),
      style,
    ),
    ...section(
      'Errors',
      failures.map(failure => `  ${style.bad(failure)}`),
      style,
    ),
    ...section(
      'This plan does not know',
      unknown.map(each => `  - ${each}`),
      style,
    ),
  ]
}

/** One line for all. */
export function summaryOf(reports: readonly Report[]): string {
  const objects = reports.flatMap(report => report.objects)
  const withAction = (action: Action): number => objects.filter(each => each.action === action).length
  const parts = [
    `${withAction('create')} to create`,
    `${withAction('change')} to change`,
    ...(withAction('delete') === 0 ? [] : [`${withAction('delete')} to delete`]),
  ]
  const tasks = reports.flatMap(report => report.tasks.filter(isShown)).length
  const restarts = reports.flatMap(report => report.restarts).length
  return `Objects: ${parts.join(', ')}. ${count(tasks, 'task')}, ${count(restarts, 'restart')}. Nothing was changed.`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function section(title: string, lines: readonly string[], style: Style): readonly string[] {
  return lines.length === 0 ? [] : ['', style.bold(title), ...lines]
}

/** Objects of one kind that change alike are one entry: the nodes of a pool have many. */
function objectLines(objects: readonly ReportedObject[], style: Style): readonly string[] {
  const groups = [...Map.groupBy(objects, changeOf).values()]
  const lines = groups.flatMap(members => groupLines(members, style))
  const same = groups.filter(([first]) => first?.action === 'none').map(titleOf)
  return [...lines, ...(same.length === 0 ? [] : [style.dim(`  = ${same.join('; ')}`)])]
}

function changeOf({ kind, action, fields, isDueAnyway }: ReportedObject): string {
  return JSON.stringify([kind, action, fields, isDueAnyway])
}

function groupLines(members: readonly ReportedObject[], style: Style): readonly string[] {
  const [first] = members
  switch (first?.action) {
    case 'create':
      return [style.good(`  + ${titleOf(members)}`)]
    case 'delete':
      return [style.bad(`  - ${titleOf(members)}`)]
    case 'change': {
      const fields = first.fields.flatMap(field => fieldLines(field, style).map(line => `  ${line}`))
      return [style.warn(`  ~ ${titleOf(members)}`), ...fields]
    }
    case 'none':
    case undefined:
      return []
  }
}

function titleOf(members: readonly ReportedObject[]): string {
  const names = members.map(({ name }) => name).join(', ')
  return `${members[0]?.kind} ${names}${anyway(members[0]?.isDueAnyway === true)}`
}

function fieldLines({ path, before, after }: FieldChange, style: Style): readonly string[] {
  return [
    `  ${path}`,
    ...(before === undefined ? [] : [style.bad(`    - ${valueText(before)}`)]),
    ...(after === undefined ? [] : [style.good(`    + ${valueText(after)}`)]),
  ]
}

function anyway(isDueAnyway: boolean): string {
  return isDueAnyway ? ' (due without this manifest)' : ''
}

/** A sidecar that is let start seid after a restart is part of the restart. */
function isShown({ part }: ReportedTask): boolean {
  return part !== 'ready'
}

const PARTS: Readonly<Record<ReportedTask['part'], string>> = {
  bootstrap: 'bootstrap',
  update: 'update of the configuration',
  ready: '',
}

/** Nodes in the order of their first task. */
function taskLines(tasks: readonly ReportedTask[]): readonly string[] {
  const shown = tasks.filter(isShown)
  const groups = Map.groupBy(shown, ({ node, part }) => `${node}, ${PARTS[part]}`)
  return [...groups].flatMap(([title, members]) => [`  ${title}`].concat(members.flatMap(numbered)))
}

function numbered({ type, params }: ReportedTask, at: number): readonly string[] {
  return [`    ${at + 1}. ${type}`, ...paramLines(params)]
}

function paramLines(params: unknown): readonly string[] {
  if (!isRecord(params)) return []
  return Object.entries(params).flatMap(([name, value]) => {
    if (!isRecord(value) || Object.keys(value).length === 0) return [`         ${name}: ${valueText(value)}`]
    const below = Object.entries(value).map(([key, item]) => `           ${key}: ${valueText(item)}`)
    return [`         ${name}:`].concat(below)
  })
}

function recurringLines({ node, type, before, after }: RecurringChange, style: Style): readonly string[] {
  return [
    `  ${node}, ${type}`,
    ...(before === undefined ? [] : [style.bad(`    - ${workText(before)}`)]),
    ...(after === undefined ? [] : [style.good(`    + ${workText(after)}`)]),
  ]
}

function workText({ schedule, params }: NonNullable<RecurringChange['after']>): string {
  return `${schedule} ${JSON.stringify(params)}`
}

function restartLines({ restarts }: Report): readonly string[] {
  return restarts.map(
    ({ pod, afterUpdate, isDueAnyway }, at) =>
      `  ${at + 1}. ${pod}${afterUpdate ? ', after its configuration was updated' : ''}${anyway(isDueAnyway)}`,
  )
}

function valueText(value: unknown): string {
  return clip(typeof value === 'string' && value !== '' ? value : JSON.stringify(value), MAX_VALUE)
}
