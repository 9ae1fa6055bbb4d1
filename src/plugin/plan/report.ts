/** A plan as data, which `-o json` prints and the text is made of: `reportOf`. Pure. */
import { isRecord } from '../../sidecar/task-result.ts'
import type { FieldChange } from './object-diff.ts'
import type { Finding, ObjectChange, Prediction, RecurringChange, Wanted } from './predict.ts'
import { redacted } from './redact.ts'
import type { SentTask } from './simulation/journal.ts'

export type ReportedObject = Omit<ObjectChange, 'object'> & { readonly object?: unknown }

export interface ReportedTask {
  readonly node: string
  readonly part: 'bootstrap' | 'update' | 'ready'
  readonly type: string
  readonly params?: unknown
}

export interface ReportedRestart {
  readonly node: string
  readonly pod: string
  /** The node's configuration is changed first, while seid runs on. */
  readonly afterUpdate: boolean
  /** The operator does the same without the manifest. */
  readonly isDueAnyway: boolean
}

export interface Report {
  readonly kind: Wanted['kind']
  readonly namespace: string
  readonly name: string
  /** `refuse`: the API server does not take the manifest. */
  readonly action: Prediction['action'] | 'refuse'
  readonly refusal?: string
  readonly fields: readonly FieldChange[]
  readonly objects: readonly ReportedObject[]
  readonly jobs: readonly string[]
  readonly tasks: readonly ReportedTask[]
  readonly recurring: readonly RecurringChange[]
  readonly restarts: readonly ReportedRestart[]
  /** Conditions at the end that a person should know of. */
  readonly findings: readonly Finding[]
  readonly failures: readonly string[]
  /** Each completes the sentence "This plan does not know ...". */
  readonly unknown: readonly string[]
}

export type Key = Pick<Report, 'kind' | 'namespace' | 'name'>

export function reportOf(key: Key, prediction: Prediction, unknown: readonly string[]): Report {
  const { action, fields, objects, jobs, tasks, recurring, restarts, failures, placeholders } = prediction
  const show: Show = (value, name = '') => redacted(inWords(value, placeholders), name)
  return {
    ...key,
    action,
    fields: fields.map(field => shownField(field, show)),
    objects: objects.map(object => shownObject(object, show)),
    jobs,
    tasks: tasks.map(task => shownTask(task, show)),
    recurring,
    restarts: restarts.map(({ node, pod, tasksBefore, isDueAnyway }) => ({
      node,
      pod,
      isDueAnyway,
      afterUpdate: tasks
        .filter(task => task.node === node)
        .slice(0, tasksBefore)
        .some(({ part }) => part === 'update'),
    })),
    findings: prediction.conditions.filter(isNoteworthy),
    failures: prediction.isSettled
      ? failures
      : [...failures, 'the plan was ended before the operator had nothing left to do'],
    unknown,
  }
}

/** A value as it is printed. */
type Show = (value: unknown, name?: string) => unknown

function shownField({ path, ...values }: FieldChange, show: Show): FieldChange {
  const shown = Object.entries(values).map(([side, value]) => [side, show(value, path)] as const)
  return { path, ...Object.fromEntries(shown) }
}

function shownObject({ object, ...rest }: ObjectChange, show: Show): ReportedObject {
  const fields = rest.fields.map(field => shownField(field, show))
  return { ...rest, fields, ...(object === undefined ? {} : { object: show(object) }) }
}

function shownTask({ node, part, type, params }: SentTask, show: Show): ReportedTask {
  return { node, part, type, ...(params === undefined ? {} : { params: show(params) }) }
}

export function refusalOf(key: Key, refusal: string): Report {
  const nothing = {
    fields: [],
    objects: [],
    jobs: [],
    tasks: [],
    recurring: [],
    restarts: [],
    findings: [],
    failures: [],
  }
  return { ...key, action: 'refuse', refusal, ...nothing, unknown: [] }
}

/** How the program ends: as `kubectl diff` does. */
export function outcomeOf(reports: readonly Report[]): 'same' | 'different' | 'failed' {
  if (reports.some(({ refusal, failures }) => refusal !== undefined || failures.length > 0)) return 'failed'
  return reports.every(isSame) ? 'same' : 'different'
}

function isSame({ action, objects, tasks, restarts, recurring }: Report): boolean {
  const isUnchanged = action === 'none' && objects.every(each => each.action === 'none')
  return isUnchanged && tasks.length + restarts.length + recurring.length === 0
}

function isNoteworthy({ type, status, reason }: Finding): boolean {
  switch (type) {
    case 'Ready':
    case 'VolumeHealthy':
    case 'NodesPrepared':
      return status !== 'True'
    case 'SpecValid':
      return reason !== 'Valid'
    case 'Stalled':
    case 'Paused':
      return status === 'True'
    default:
      return false
  }
}

/** The words for values that nobody knows yet, in every text. */
function inWords(value: unknown, words: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return [...words].reduce((text, [hex, word]) => text.replaceAll(hex, word), value)
  if (Array.isArray(value)) return value.map((item: unknown) => inWords(item, words))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inWords(item, words)]))
}
