/** A round that touches nothing: `pausedRound`. */
import type { SeiNode } from '../../api/seinode.ts'
import { bareRound } from './bare-round.ts'
import { presentChildren } from './children.ts'
import type { NodeDependencies } from './dependencies.ts'
import type { Round } from './round.ts'

export function pausedRound(node: Readonly<SeiNode>, dependencies: NodeDependencies): Round {
  const spec = { reason: 'NotChecked', message: 'the node is paused', blocks: false } as const
  return bareRound({ node, spec, children: presentChildren(node, dependencies) }, dependencies)
}
