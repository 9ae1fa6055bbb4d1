/** Measures healthy nodes beside sidecars that swallow what they are sent: `measureBesideSilent`. */
import { seiNodes } from '../src/api/resources.ts'
import { NAMESPACE } from './bench-node.ts'
import { bootstrapP95 } from './bootstrap-times.ts'
import { createNodes } from './create-nodes.ts'
import type { RoundOptions, SilentFigures } from './figures.ts'
import { Milestones } from './milestones.ts'
import { type NodeMilestone, nodeMilestones } from './node-milestones.ts'
import { withOperator } from './operator-run.ts'

/** Spread evenly: 200 of 500. */
function isSilent(index: number): boolean {
  return index % 5 >= 3
}

export function measureBesideSilent(options: RoundOptions): Promise<SilentFigures> {
  return withOperator(options, async ({ admin }, _operator, { nodes, progress, stallMs }) => {
    await using milestones = new Milestones<typeof seiNodes.__type & object, NodeMilestone>({
      client: admin,
      resource: seiNodes,
      namespace: NAMESPACE,
      reachedBy: nodeMilestones,
    })
    const sidecars = Array.from({ length: nodes }, (_, index) => index).filter(isSilent).length
    const createdAt = new Map<string, number>()
    await createNodes(admin, nodes, ({ metadata }) => createdAt.set(metadata.name, Date.now()), isSilent)
    const onProgress = (count: number): void => progress.detail(`${count} plan-complete`)
    await milestones.until('plan-complete', nodes - sidecars, { stallMs, onProgress })
    return { sidecars, bootstrapP95Ms: bootstrapP95(createdAt, milestones.timesOf('plan-complete')) }
  })
}
