/** A reconcile that found a node as it should be, for tests to change one thing of. */
import { seiNode } from '../../../build/testdata/nodes.ts'
import type { Observation } from '../observation.ts'
import { NOW, planOf, podOf, statefulSetOf } from './objects.ts'

export const TASKS = ['configure-genesis', 'config-apply', 'mark-ready'] as const

/** Running and Ready unless `changes` say otherwise. */
export function observationOf(changes: Partial<Observation> = {}): Observation {
  return {
    node: seiNode('a', {}, { generation: 3 }),
    spec: { reason: 'Valid', message: 'the spec is valid', blocks: false },
    children: {
      dataVolume: { metadata: { name: 'data-a', uid: 'volume-1', labels: { 'sei.io/node': 'a' } } },
      statefulSet: statefulSetOf(),
    },
    pod: podOf(),
    chain: { kind: 'Following', height: 100 },
    chainAnswer: undefined,
    rollout: { kind: 'current' },
    plan: planOf(TASKS, TASKS.length),
    recurring: { wanted: 0, tasks: [] },
    sidecar: { kind: 'ready' },
    podMissingSince: undefined,
    now: NOW,
    ...changes,
  }
}
