/** Waits for many nodes without asking for each of them: `untilAllRunning`. */
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { isReady, type OperatorStage } from './operator-stage.ts'
import { until } from './until.ts'

/** The nodes of the stage once there are `count`, all Running and Ready. */
export async function untilAllRunning(
  { client, namespace, operator }: OperatorStage,
  count: number,
  deadlineMs = 120_000,
): Promise<readonly SeiNode[]> {
  const nodes = async (): Promise<readonly SeiNode[]> => (await client.list(seiNodes, { namespace })).items
  return until(
    `all ${count} nodes to run`,
    async () => {
      const items = await nodes()
      return items.length === count && items.every(isReady) ? items : undefined
    },
    {
      deadlineMs,
      intervalMs: 250,
      found: async () => {
        const waiting = (await nodes()).filter(node => !isReady(node))
        return { waiting: waiting.map(({ metadata, status }) => ({ name: metadata.name, status })), log: operator.log }
      },
    },
  )
}
