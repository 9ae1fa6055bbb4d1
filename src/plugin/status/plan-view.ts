/** The tasks of a plan with how long each took: `planLines`, `taskCell`. Pure. */
import type { PlannedTask, TaskPlan } from '../../api/seinode-status.ts'
import { assertNever } from '../../lib/assert-never.ts'
import { currentTask, failedTask } from '../../plan/task-plan.ts'
import { ageOf, humanDuration } from '../output/duration.ts'
import type { Cell } from '../output/table.ts'
import type { Style } from '../output/style.ts'

/** The task of a bootstrap that runs, waits or has failed. */
export interface RunningTask {
  readonly name: string
  readonly status: 'pending' | 'running' | 'failed'
  /** When it was sent, RFC 3339. */
  readonly since?: string
}

/** Undefined if there is none. */
export function runningTask(plan: TaskPlan | undefined): RunningTask | undefined {
  const task = plan && (failedTask(plan) ?? currentTask(plan)?.task)
  if (!task) return undefined
  const { type: name, status, submittedAt } = task
  if (status === 'Failed') return { name, status: 'failed' }
  return submittedAt === undefined ? { name, status: 'pending' } : { name, status: 'running', since: submittedAt }
}

/** Such as `snapshot-restore 12m`. */
export function taskCell({ name, status, since }: RunningTask, now: number): Cell {
  if (status === 'failed') return { text: `${name} failed`, style: 'bad' }
  return status === 'pending' ? `${name} pending` : `${name} ${ageOf(since, now)}`
}

/** One line for each task, its error or note below it. */
export function planLines(plan: TaskPlan, now: number, style: Style): readonly string[] {
  const width = Math.max(0, ...plan.tasks.map(({ type }) => type.length))
  return plan.tasks.flatMap(task => {
    const again = (task.attempt ?? 1) > 1 ? `  attempt ${task.attempt}` : ''
    const head = `${markOf(task, style)} ${task.type.padEnd(width)}   ${took(task, now)}${again}`.trimEnd()
    const said = [task.status === 'Failed' ? task.error : undefined, task.note]
    return [head, ...said.flatMap(text => (text === undefined ? [] : [`    ${text}`]))]
  })
}

function markOf({ status, submittedAt }: PlannedTask, style: Style): string {
  switch (status) {
    case 'Complete':
      return style.good('✓')
    case 'Failed':
      return style.bad('✗')
    case 'Submitted':
      return style.warn('▸')
    case 'Pending':
      return submittedAt === undefined ? style.dim('·') : style.warn('·')
    default:
      return assertNever(status)
  }
}

function took({ status, submittedAt, completedAt }: PlannedTask, now: number): string {
  if (submittedAt === undefined) return ''
  const end = status === 'Submitted' ? now : Date.parse(completedAt ?? '')
  return Number.isNaN(end) ? '' : humanDuration(end - Date.parse(submittedAt))
}
