/** A plan as data, which `-o json` prints and the text is made of: `reportOf`. Pure. */
import { isRecord } from '../../sidecar/task-result.ts'
import type { FieldChange } from './object-diff.ts'
import type { Finding, ObjectChange, Prediction, RecurringChange, Wanted } from './predict.ts'
import { redacted } from './redact.ts'

export interface ReportedTask {
  readonly node: string
  readonly part: 'bootstrap' | 'update' | 'ready' | 'recurring'
  readonly type: string
  readonly params?: unknown
}

export interface ReportedRestart {
  readonly node: string
  readonly pod: string
  /** The node's configuration is changed first, while seid runs on. */
  readonly afterUpdate: boolean
}

export interface Report {
  readonly kind: Wanted['kind']
  readonly namespace: string
  readonly name: string
  /** `refuse`: the API server does not take the manifest. */
  readonly action: Prediction['action'] | 'refuse'
  readonly refusal?: string
  readonly fields: readonly FieldChange[]
  readonly objects: readonly ObjectChange[]
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
  const show = (value: unknown, name = ''): unknown => redacted(inWords(value, placeholders), name)
  const shownFields = (changes: readonly FieldChange[]): readonly FieldChange[] =>
    changes.map(({ path, ...values }) => ({
      path,
      ...Object.fromEntries(Object.entries(values).map(([side, value]) => [side, show(value, path)])),
    }))
  return {
    ...key,
    action,
    fields: shownFields(fields),
    objects: objects.map(object => ({ ...object, fields: shownFields(object.fields) })),
    jobs,
    tasks: tasks.map(({ node, part, type, params }) => ({
      node,
      part,
      type,
      ...(params === undefined ? {} : { params: show(params) }),
    })),
    recurring: recurring.map(each => ({ ...each })),
    restarts: restarts.map(({ node, pod, tasksBefore }) => ({
      node,
      pod,
      afterUpdate: tasks.filter(task => task.node === node).slice(0, tasksBefore).some(({ part }) => part === 'update'),
    })),
    findings: prediction.conditions.filter(isNoteworthy),
    failures: prediction.isSettled ? failures : [...failures, 'the plan was ended before the operator had nothing left to do'],
    unknown,
  }
}

export function refusalOf(key: Key, refusal: string): Report {
  const nothing = { fields: [], objects: [], jobs: [], tasks: [], recurring: [], restarts: [], findings: [], failures: [] }
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
