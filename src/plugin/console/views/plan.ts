/** Plans of tasks: `planProgress` as one bar, `timeline` with how long each task took. Pure. */
import type { PlannedTask, TaskPlan } from '../../../api/seinode-status.ts'
import { assertNever } from '../../../lib/assert-never.ts'
import { completedCount } from '../../../plan/task-plan.ts'
import { humanDuration } from '../../output/duration.ts'
import { runningTask, taskCell } from '../../status/plan-view.ts'
import { html, type Html, NOTHING } from '../markup.ts'
import { segments, type Tone } from './sparkline.ts'

function toneOf({ status }: PlannedTask): Tone {
  switch (status) {
    case 'Complete':
      return 'good'
    case 'Failed':
      return 'bad'
    case 'Submitted':
      return 'busy'
    case 'Pending':
      return 'idle'
    default:
      return assertNever(status)
  }
}

/** A piece for each task, how many are done, and what runs for how long. */
export function planProgress(plan: TaskPlan, now: number): Html {
  const done = completedCount(plan)
  const counted = `${done} of ${plan.tasks.length} tasks done`
  const task = runningTask(plan)
  const cell = task && taskCell(task, now)
  return html`<span class="progress">
    ${segments(plan.tasks.map(toneOf), counted)} <span class="nowrap">${counted}</span>
    ${cell !== undefined && html`<span class="task">${typeof cell === 'string' ? cell : cell.text}</span>`}
  </span>`
}

const WORDS: Readonly<Record<PlannedTask['status'], string>> = {
  Complete: 'done',
  Failed: 'failed',
  Submitted: 'running',
  Pending: 'waits',
}

/** One line for each task on one scale of time, from the first that was sent until now or the end. */
export function timeline({ tasks }: TaskPlan, now: number): Html {
  const spans = tasks.map(task => spanOf(task, now))
  const start = Math.min(...spans.flatMap(span => (span ? [span.start] : [])))
  const end = Math.max(...spans.flatMap(span => (span ? [span.end] : [])))
  return html`<ol class="timeline">
    ${tasks.map((task, at) => {
      const span = spans[at]
      const took = span ? ` ${task.status === 'Submitted' ? 'for' : 'in'} ${humanDuration(span.end - span.start)}` : ''
      const tries = (task.attempt ?? 1) > 1 ? `, attempt ${task.attempt}` : ''
      const said = [task.status === 'Failed' ? task.error : undefined, task.note]
      return html`<li class="${toneOf(task)}">
        <span class="task">${task.type}</span>
        <span class="span">${span ? track(span, start, end, toneOf(task)) : NOTHING}</span>
        <span class="took">${WORDS[task.status]}${took}${tries}</span>
        ${said.map(text => text !== undefined && html`<span class="said">${text}</span>`)}
      </li>`
    })}
  </ol>`
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Undefined for a task that was not sent, or whose end is not known. */
function spanOf({ status, submittedAt, completedAt }: PlannedTask, now: number): Span | undefined {
  const start = Date.parse(submittedAt ?? '')
  const end = status === 'Submitted' ? now : Date.parse(completedAt ?? '')
  return Number.isNaN(start) || Number.isNaN(end) ? undefined : { start, end: Math.max(start, end) }
}

const WIDTH = 100
/** A task of no time at all is still seen, and looks short. */
const MIN_WIDTH = 1
const MIN_RANGE_MS = 10_000

function track(span: Span, start: number, end: number, tone: Tone): Html {
  const scale = WIDTH / Math.max(MIN_RANGE_MS, end - start)
  const width = Math.max(MIN_WIDTH, (span.end - span.start) * scale)
  const x = Math.min(WIDTH - width, (span.start - start) * scale)
  return html`<svg class="bar" viewBox="0 0 ${WIDTH} 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="track" width="${WIDTH}" height="8" />
    <rect class="${tone}" x="${x.toFixed(1)}" width="${width.toFixed(1)}" height="8" />
  </svg>`
}
