/** Parts of the detailed views that nodes and pools share: conditions, events, section titles. Pure. */
import type { Event } from 'kubernetes-types/core/v1.d.ts'
import type { Condition } from '../../api/status.ts'
import type { TargetKind } from '../cluster/find.ts'
import { timeOf } from '../cluster/details.ts'
import { ageOf } from '../output/duration.ts'
import { renderTable } from '../output/table.ts'
import type { Style } from '../output/style.ts'
import { type Finding, findings, fullMessage, type Weight } from './readiness.ts'

const LATEST_EVENTS = 10

export interface Section {
  readonly title: string
  readonly lines: readonly string[]
}

/** The sections that have lines, with an empty line between them. */
export function renderSections(sections: readonly Section[], style: Style): readonly string[] {
  const shown: string[] = []
  for (const { title, lines } of sections) {
    if (lines.length === 0) continue
    if (shown.length > 0) shown.push('')
    if (title === '') shown.push(...lines)
    else shown.push(style.bold(title), ...lines.map(line => `  ${line}`.trimEnd()))
  }
  return shown
}

/** @param name as commands take it */
export function conditionSections(
  { kind, name }: { readonly kind: TargetKind; readonly name: string },
  conditions: readonly Condition[] | undefined,
  now: number,
  style: Style,
): readonly Section[] {
  const all = findings(kind, conditions ?? [])
  const linesOf = (weight: Weight): readonly string[] => {
    const lines: string[] = []
    const advised = new Set([''])
    for (const finding of withoutRepetitions(all.filter(each => each.weight === weight))) {
      const { condition, whatToDo } = finding
      lines.push(...findingLines(finding, now, style))
      // The condition that it refers to is shown too, with what to do.
      if (fullMessage(condition, conditions ?? []) !== condition.message) continue
      if (!advised.has(whatToDo)) lines.push(...adviceLines(whatToDo, name))
      advised.add(whatToDo)
    }
    return lines
  }
  return [
    { title: 'What is wrong', lines: linesOf('wrong') },
    { title: 'To note', lines: linesOf('note') },
    { title: 'Conditions', lines: conditionTable(all, now, style) },
  ]
}

/** Ready often repeats what another condition says. */
export function withoutRepetitions(list: readonly Finding[]): readonly Finding[] {
  return list.filter(
    ({ condition }, at) => !list.slice(0, at).some(earlier => earlier.condition.message === condition.message),
  )
}

function findingLines({ condition, weight }: Finding, now: number, style: Style): readonly string[] {
  const { type, reason, message, lastTransitionTime } = condition
  const mark = weight === 'wrong' ? style.bad('✗') : style.warn('▸')
  const since = style.dim(`for ${ageOf(lastTransitionTime, now)}`)
  return [`${mark} ${style.bold(`${type} ${reason}`)} ${since}`, `  ${message}`]
}

/** What each advice is with this program. */
const COMMANDS: readonly (readonly [advice: RegExp, command: string])[] = [
  [/sei\.io\/retry-plan/, 'retry'],
  [/sei\.io\/accept-volume/, 'accept-volume'],
  [/spec\.paused to false/, 'resume'],
  [/delete the pod/i, 'restart'],
  [/read its log/i, 'logs'],
]

function adviceLines(whatToDo: string, name: string): readonly string[] {
  const { text, commands } = adviceOf(whatToDo)
  return [`  → ${text}`, ...commands.map(command => `    kubectl sei ${command} ${name}`)]
}

/** What to do about a condition, and the commands of this program for it. The texts are written for the reference, which has links. */
export function adviceOf(whatToDo: string): { readonly text: string; readonly commands: readonly string[] } {
  const text = whatToDo.replaceAll(/\[[^\]]+\]\(\.\.\/([^)]*)\)/g, 'docs/$1')
  return { text, commands: COMMANDS.filter(([advice]) => advice.test(whatToDo)).map(([, command]) => command) }
}

function conditionTable(all: readonly Finding[], now: number, style: Style): readonly string[] {
  if (all.length === 0) return []
  return renderTable(
    [
      { title: 'TYPE', cell: ({ condition }) => condition.type },
      {
        title: 'STATUS',
        cell: ({ condition, weight }) => ({
          text: condition.status,
          style: weight === 'wrong' ? 'bad' : weight === 'fine' ? 'good' : 'warn',
        }),
      },
      { title: 'REASON', cell: ({ condition }) => condition.reason },
      { title: 'FOR', cell: ({ condition }) => ageOf(condition.lastTransitionTime, now) },
    ],
    all,
    style,
  )
}

/** @param events newest first */
export function eventSection(events: readonly Event[], now: number, style: Style): Section {
  const latest = events.slice(0, LATEST_EVENTS).toReversed()
  if (latest.length === 0) return { title: 'Events', lines: [] }
  const lines = renderTable(
    [
      { title: 'AGE', cell: event => ageOf(timeOf(event), now) },
      {
        title: 'TYPE',
        cell: ({ type = '' }) => (type === 'Warning' ? { text: type, style: 'warn' } : type),
      },
      { title: 'REASON', cell: ({ reason = '' }) => reason },
      { title: 'MESSAGE', cell: ({ message = '' }) => message.replaceAll('\n', ' ') },
    ],
    latest,
    style,
  )
  return { title: 'Events', lines }
}

export function unreadableSection(unreadable: readonly string[], namespace: string): Section {
  const lines = unreadable.map(what => `you may not read ${what} in namespace ${namespace}`)
  return { title: 'Not shown', lines }
}
