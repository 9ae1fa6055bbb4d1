/** Says of the nodes that did not get to Running what each is stuck on: `stuckReport`. Pure. */
import type { SeiNode } from '../../src/api/seinode.ts'
import type { Condition } from '../../src/api/status.ts'
import { bootstrapMode } from '../../src/plan/bootstrap.ts'
import { taskProgress } from './node-row.ts'

/** What these conditions read on a node that is well; others are always worth a line. */
const WELL: Readonly<Record<string, Condition['status']>> = {
  Ready: 'True',
  SpecValid: 'True',
  Initialized: 'True',
  SidecarReady: 'True',
  RuntimeTasksHealthy: 'True',
  Paused: 'False',
}

/** One line that counts them, then a block for each: phase, task, the task's error, and the conditions in its way. */
export function stuckReport(nodes: readonly Readonly<SeiNode>[]): string {
  const stuck = nodes.filter(node => node.status?.phase !== 'Running')
  return [
    `${stuck.length} of ${nodes.length} nodes ${stuck.length === 1 ? 'is' : 'are'} not Running:`,
    ...stuck.map(describe),
  ].join('\n\n')
}

function describe({ metadata, spec, status }: Readonly<SeiNode>): string {
  const head = `  ${metadata.name} (${bootstrapMode(spec)})`
  if (!status?.phase) return `${head} has no status: the operator has not seen it`
  const plan = status.initPlan
  const stage = plan ? `, at task ${taskProgress(plan)}` : ', no bootstrap plan yet'
  const conditions = inTheWay(status.conditions ?? [])
  // A failed task's error is in a condition as well, with what to do.
  const errors = plan?.tasks.flatMap(task => task.error ?? []) ?? []
  const untold = errors.filter(error => !conditions.some(({ message }) => message.includes(error)))
  return [
    `${head} is ${status.phase}${stage}`,
    ...untold.map(error => `    error: ${error}`),
    ...conditions.map(({ type, status: value, reason, message }) => `    ${type}=${value} ${reason}: ${message}`),
  ].join('\n')
}

/** Ready sums up the others: it is left out beside them. */
function inTheWay(conditions: readonly Condition[]): readonly Condition[] {
  const unwell = conditions.filter(({ type, status }) => status !== WELL[type])
  const causes = unwell.filter(({ type }) => type !== 'Ready')
  return causes.length > 0 ? causes : unwell
}
