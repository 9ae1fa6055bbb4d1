/** Shows nodes and pools as they change, as a table redrawn in place on a terminal and a line for each change elsewhere: `nodesView`, of `nodeRow` and `poolRow`. */
import { styleText } from 'node:util'
import type { TaskPlan } from '../src/api/seinode-status.ts'
import type { SeiNode } from '../src/api/seinode.ts'
import type { SeiNodePool } from '../src/api/seinodepool.ts'
import type { Condition } from '../src/api/status.ts'
import { bootstrapMode } from '../src/plan/bootstrap.ts'
import type { ProgressStream } from '../testing/progress.ts'

export interface NodeRow {
  readonly name: string
  /** How a node gets its first state; `Pool` for a pool. */
  readonly mode: string
  /** `-` while the operator has not seen the node. */
  readonly phase: string
  /** `3/7 config-apply` while that task, or step of a pool, is the current one, `7/7` after the last, `-` before there is a plan. */
  readonly task: string
  /** Milliseconds since the epoch. */
  readonly created: number
}

export function nodeRow({ metadata, spec, status }: Readonly<SeiNode>): NodeRow {
  return {
    name: metadata.name,
    mode: bootstrapMode(spec),
    phase: status?.phase ?? '-',
    task: taskProgress(status?.initPlan),
    created: Date.parse(metadata.creationTimestamp ?? ''),
  }
}

/** Which task of how many is the current one, or the one that failed. */
export function taskProgress(plan: TaskPlan | undefined): string {
  if (!plan) return '-'
  const { tasks, phase } = plan
  const index = tasks.findIndex(task => task.status !== 'Complete')
  const current = tasks[index]
  if (phase === 'Complete' || !current) return `${tasks.length}/${tasks.length}`
  return `${index + 1}/${tasks.length} ${current.type}${current.status === 'Failed' ? ' failed' : ''}`
}

/** A pool's steps, by the condition that holds when each is over. */
const POOL_STEPS = [
  ['GenesisComplete', 'ceremony'],
  ['NodesPrepared', 'volumes'],
  ['NodesReady', 'nodes'],
  ['Ready', 'first block'],
] as const

export function poolRow({ metadata, status }: Readonly<SeiNodePool>): NodeRow {
  return {
    name: metadata.name,
    mode: 'Pool',
    phase: status?.phase ?? '-',
    task: poolProgress(status?.conditions),
    created: Date.parse(metadata.creationTimestamp ?? ''),
  }
}

/** Which step of how many is the current one. */
export function poolProgress(conditions: readonly Condition[] | undefined): string {
  if (!conditions) return '-'
  const count = POOL_STEPS.length
  const holds = (type: string): boolean => conditions.some(each => each.type === type && each.status === 'True')
  const index = POOL_STEPS.findIndex(([type]) => !holds(type))
  return index === -1 ? `${count}/${count}` : `${index + 1}/${count} ${POOL_STEPS[index]?.[1]}`
}

export interface Screen extends ProgressStream {
  readonly rows?: number
}

/** Disposing of it keeps what was shown last. */
export interface NodesView extends Disposable {
  show(rows: readonly NodeRow[]): void
}

export interface ViewOptions {
  readonly screen: Screen
  /** `TERM` is read. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** When the demo began, milliseconds since the epoch. */
  readonly started: number
}

export function nodesView(options: ViewOptions): NodesView {
  return options.screen.isTTY && options.env['TERM'] !== 'dumb' ? liveTable(options) : changeLines(options)
}

/** `12.3s mainnet-0 Initializing 3/7 config-apply`. */
function changeLines({ screen, now, started }: ViewOptions): NodesView {
  const shown = new Map<string, string>()
  return {
    show(rows) {
      for (const { name, phase, task } of rows) {
        const state = task === '-' ? phase : `${phase} ${task}`
        if (phase === '-' || shown.get(name) === state) continue
        shown.set(name, state)
        screen.write(`${((now() - started) / 1000).toFixed(1)}s ${name} ${state}\n`)
      }
    },
    [Symbol.dispose]: () => shown.clear(),
  }
}

const REDRAW_MS = 1000
const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const CLEAR_LINE_END = '\x1b[K'
const CLEAR_BELOW = '\x1b[J'

/** Each drawing is one write over the one before, so that nothing flickers. */
function liveTable({ screen, now, started }: ViewOptions): NodesView {
  let rows: readonly NodeRow[] = []
  let height = 0
  let isDisposed = false
  const draw = (): void => {
    if (rows.length === 0 || isDisposed) return
    const running = rows.filter(({ phase }) => phase === 'Running').length
    const summary = `${running} of ${rows.length} Running, ${Math.floor((now() - started) / 1000)} s since the start`
    // Some terminals report a size of 0.
    const [columns, screenRows] = [screen.columns || 80, screen.rows || 24]
    // Lines that have scrolled off the top cannot be overwritten.
    const lines = [...tableLines(rows, now(), columns - 1).slice(0, Math.max(1, screenRows - 3)), summary]
    const text = lines.map(line => `${line}${CLEAR_LINE_END}\n`).join('')
    screen.write(`${height > 0 ? `\x1b[${height}A\r` : ''}${text}${CLEAR_BELOW}`)
    height = lines.length
  }
  screen.write(HIDE_CURSOR)
  // Ages grow although nothing happens.
  const timer = setInterval(draw, REDRAW_MS)
  timer.unref()
  return {
    show(next) {
      rows = next
      draw()
    },
    [Symbol.dispose]() {
      isDisposed = true
      clearInterval(timer)
      screen.write(SHOW_CURSOR)
    },
  }
}

const COLOURS = { Running: 'green', Initializing: 'yellow', Failed: 'red' } as const
/** Fixed, so that columns do not move while tasks and phases change. */
const PHASE_WIDTH = 'Initializing'.length
const TASK_WIDTH = '5/7 configure-state-sync'.length

/** No line is longer than `width`. */
function tableLines(rows: readonly NodeRow[], now: number, width: number): readonly string[] {
  const nameWidth = Math.max(...rows.map(({ name }) => name.length))
  const modeWidth = Math.max(...rows.map(({ mode }) => mode.length))
  const lineOf = (name: string, mode: string, phase: string, task: string, age: string): string =>
    [name.padEnd(nameWidth), mode.padEnd(modeWidth), phase.padEnd(PHASE_WIDTH), task.padEnd(TASK_WIDTH), age]
      .join('  ')
      .slice(0, width)
  const body = rows.map(({ name, mode, phase, task, created }) => {
    const colour = Object.entries(COLOURS).find(([each]) => each === phase)?.[1] ?? 'dim'
    const line = lineOf(name, mode, phase, task, ageOf(now - created))
    const start = nameWidth + modeWidth + 4
    const end = start + PHASE_WIDTH
    return `${line.slice(0, start)}${styleText(colour, line.slice(start, end))}${line.slice(end)}`
  })
  return [styleText('dim', lineOf('NAME', 'MODE', 'PHASE', 'TASK', 'AGE')), ...body]
}

/** `45s`, `2m5s`, as kubectl writes ages; the API server's clock may be ahead of this one. */
function ageOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  return seconds < 120 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
