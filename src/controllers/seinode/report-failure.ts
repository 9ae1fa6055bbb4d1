/** Reports an error that ended the reconcile of a SeiNode, with what is known of the node all the same: `reportNodeFailure`. */
import { isTerminating } from '../shared/deletion.ts'
import { deletionFailure, type Failure } from '../shared/failure.ts'
import { bareRound } from './bare-round.ts'
import { presentChildren } from './children.ts'
import type { NodeDependencies } from './dependencies.ts'
import { reportTerminating } from './finalize.ts'
import { pausedRound } from './paused-round.ts'
import { report } from './report.ts'

export async function reportNodeFailure(
  key: string,
  failure: Failure,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<void> {
  const node = dependencies.stores.nodes.get(key)
  if (!node) return
  if (isTerminating(node)) return reportTerminating(node, deletionFailure(failure), dependencies, signal)
  const spec = { reason: 'CheckFailed', message: failure.message, blocks: false } as const
  const round = node.spec.paused
    ? pausedRound(node, dependencies)
    : bareRound({ node, spec, children: presentChildren(node, dependencies) }, dependencies)
  await report({ ...round, failure }, 'none', dependencies, signal)
}
