/** Says of the nodes and pools that did not get to Running what each is stuck on: `stuckReport`. Pure. */
import type { SeiNode } from '../src/api/seinode.ts'
import type { SeiNodePool } from '../src/api/seinodepool.ts'
import type { Condition } from '../src/api/status.ts'
import { bootstrapMode } from '../src/plan/bootstrap.ts'
import { poolProgress, taskProgress } from './node-row.ts'

/** What these conditions read on a node or a pool that is well; others are always worth a line. */
const WELL: Readonly<Record<string, Condition['status']>> = {
  Ready: 'True',
  SpecValid: 'True',
  Initialized: 'True',
  GenesisComplete: 'True',
  NodesPrepared: 'True',
  NodesReady: 'True',
  SidecarReady: 'True',
  RuntimeTasksHealthy: 'True',
  Paused: 'False',
}

/**
 * One line that counts the nodes, then a block for each, those of the pools last: phase, task, the task's error, and the
 * conditions in its way.
 */
export function stuckReport(nodes: readonly Readonly<SeiNode>[], pools: readonly Readonly<SeiNodePool>[] = []): string {
  const stuck = nodes.filter(node => node.status?.phase !== 'Running')
  return [
    `${stuck.length} of ${nodes.length} nodes ${stuck.length === 1 ? 'is' : 'are'} not Running:`,
    ...stuck.map(describe),
    ...pools.filter(({ status }) => !status || inTheWay(status.conditions ?? []).length > 0).map(describePool),
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
    ...conditionLines(conditions),
  ].join('\n')
}

function describePool({ metadata, status }: Readonly<SeiNodePool>): string {
  const head = `  ${metadata.name} (Pool)`
  if (!status?.phase) return `${head} has no status: the operator has not seen it`
  return [
    `${head} is ${status.phase}, at step ${poolProgress(status.conditions)}`,
    ...conditionLines(inTheWay(status.conditions ?? [])),
  ].join('\n')
}

function conditionLines(conditions: readonly Condition[]): readonly string[] {
  return conditions.map(({ type, status, reason, message }) => `    ${type}=${status} ${reason}: ${message}`)
}

/** Ready sums up the others: it is left out beside them. */
function inTheWay(conditions: readonly Condition[]): readonly Condition[] {
  const unwell = conditions.filter(({ type, status }) => status !== WELL[type])
  const causes = unwell.filter(({ type }) => type !== 'Ready')
  return causes.length > 0 ? causes : unwell
}
