/** Reports an error that ended the reconcile of a SeiNode: `reportNodeFailure`. What earlier reconciles found of the node stays. */
import type { SeiNodeStatus } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { findCondition } from '../../lib/conditions.ts'
import { isTerminating } from '../shared/deletion.ts'
import { deletionFailure, type Failure } from '../shared/failures.ts'
import { initialObservation, pausedObservation } from './initial-observation.ts'
import { presentChildren } from './children/children.ts'
import type { NodeDependencies } from './dependencies.ts'
import { reportTerminating } from './finalize.ts'
import { buildStatus, reportStatus } from './status.ts'

export async function reportNodeFailure(
  key: string,
  failure: Failure,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<void> {
  const node = dependencies.stores.nodes.get(key)
  if (!node) return
  if (isTerminating(node)) return reportTerminating(node, deletionFailure(failure), dependencies, signal)
  if (node.spec.paused) {
    await reportStatus(
      node,
      buildStatus({ ...pausedObservation(node, dependencies), failure }),
      'none',
      dependencies,
      signal,
    )
    return
  }
  const spec = { reason: 'CheckFailed', message: failure.message, blocks: false } as const
  const observation = initialObservation({ node, spec, children: presentChildren(node, dependencies) }, dependencies)
  const status = failedStatus(node, buildStatus({ ...observation, failure }))
  await reportStatus(node, status, 'none', dependencies, signal)
}

/** @param evaluated the status of a reconcile that found out nothing but the failure */
export function failedStatus({ metadata, status }: Readonly<SeiNode>, evaluated: SeiNodeStatus): SeiNodeStatus {
  const { conditions, observedGeneration } = status ?? {}
  if (!conditions) return evaluated
  const isStored = (type: string): boolean => {
    const stored = findCondition(conditions, type)
    // Two signers of one key are hidden by nothing.
    if (type === 'Reconciling' || type === 'Stalled') return stored?.reason === 'KeyConflict'
    if (observedGeneration === metadata.generation) return true
    return type === 'Ready' ? stored?.status === 'False' : type !== 'SpecValid'
  }
  return {
    ...evaluated,
    ...status,
    ...(evaluated.observedGeneration === undefined ? {} : { observedGeneration: evaluated.observedGeneration }),
    conditions: (evaluated.conditions ?? []).map(condition =>
      isStored(condition.type) ? (findCondition(conditions, condition.type) ?? condition) : condition,
    ),
  }
}
