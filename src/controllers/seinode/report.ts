/** Tells what a round found: status, then the events that the change of status is worth: `report`. */
import { API_VERSION } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { InitPlanChange } from '../../plan/init-plan.ts'
import type { NodeDependencies } from './dependencies.ts'
import type { Round } from './round.ts'
import { buildStatus } from './status.ts'
import { transitionEvents } from './transitions.ts'
import { nodeWriter } from './write-node.ts'

/**
 * Events follow the write, so a change is told once whatever fails.
 * @returns the node as written
 */
export async function report(
  round: Round,
  change: InitPlanChange,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Readonly<SeiNode>> {
  const status = buildStatus(round)
  const written = await nodeWriter(dependencies).writeStatus(round.node, status, signal)
  if (written === round.node) return written
  const regarding = { ...written, apiVersion: API_VERSION, kind: 'SeiNode' }
  for (const event of transitionEvents(round.node.status, status, change)) {
    dependencies.events.event({ regarding, ...event })
  }
  return written
}
