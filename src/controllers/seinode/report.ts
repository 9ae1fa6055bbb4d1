/** Tells what a reconcile found: status, then the events that the change of status is worth: `report`, `reportStatus`. */
import { API_VERSION } from '../../api/names.ts'
import type { SeiNodeStatus } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { InitPlanChange } from '../../plan/init-plan.ts'
import { statusRefused } from '../shared/write-object.ts'
import type { NodeDependencies } from './dependencies.ts'
import { nodeWriter } from './owner.ts'
import type { Observation } from './observation.ts'
import { buildStatus } from './status.ts'
import { transitionEvents } from './events.ts'

/** @returns the node as written */
export async function report(
  observation: Observation,
  change: InitPlanChange,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Readonly<SeiNode>> {
  return reportStatus(observation.node, buildStatus(observation), change, dependencies, signal)
}

/**
 * Events follow the write, so a change is told once whatever fails.
 * @returns the node as written
 */
export async function reportStatus(
  node: Readonly<SeiNode>,
  status: SeiNodeStatus,
  change: InitPlanChange,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Readonly<SeiNode>> {
  const { events } = dependencies
  const kind = { apiVersion: API_VERSION, kind: 'SeiNode' }
  const written = await nodeWriter(dependencies)
    .writeStatus(node, status, signal)
    .catch(error => statusRefused(events, { ...node, ...kind }, error))
  if (written === node) return written
  const regarding = { ...written, ...kind }
  for (const event of transitionEvents(node.status, status, change)) events.event({ regarding, ...event })
  return written
}
