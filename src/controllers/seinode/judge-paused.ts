/** The conditions of a paused SeiNode, on which nothing is checked and nothing changed: `judgePaused`. Pure. */
import type { NodeConditionType } from '../../api/conditions.ts'
import type { Verdict } from '../../lib/conditions.ts'
import type { Failure } from '../shared/failure.ts'
import { verdict } from './verdict.ts'

const RESUME = 'Set spec.paused to false to go on'

/**
 * What needs no look at the cluster is judged all the same and passed in.
 * @param failure of the one thing that a pause does not hold back
 */
export function judgePaused(
  failure: Failure | undefined,
  volume: Verdict<NodeConditionType>,
  initialized: Verdict<NodeConditionType>,
  runtimeTasks: Verdict<NodeConditionType>,
): readonly Verdict<NodeConditionType>[] {
  return [
    verdict('Ready', { reason: 'Paused', message: `the node is paused, so what it does is not judged. ${RESUME}` }),
    verdict('SpecValid', { reason: 'NotChecked', message: 'the node is paused' }),
    volume,
    initialized,
    verdict('SidecarReady', { reason: 'NotChecked', message: 'the node is paused' }),
    verdict(
      'Progressing',
      failure ?? { reason: 'Paused', message: `nothing is changed for the node while it is paused. ${RESUME}` },
    ),
    runtimeTasks,
    verdict('Paused', {
      reason: 'PausedBySpec',
      message: `spec.paused is true: the node's objects and its sidecar are left as they are. ${RESUME}`,
    }),
  ]
}
