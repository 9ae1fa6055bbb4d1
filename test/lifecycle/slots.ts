/** Slots of periodic work that come due when a scenario wants them to: `comesDue`, `moveSlot`. */
import { seiNodes } from '../../src/api/resources.ts'
import { compareResourceVersions } from '../../src/runtime/store.ts'
import type { OperatorFixture } from '../support/operator-fixture.ts'
import type { LivingNode } from './living-node.ts'

/** Moves the next slot to a moment ago; resolves with it once the operator has acted on it. */
export async function comesDue(fixture: OperatorFixture, node: LivingNode): Promise<string> {
  const { slot, version } = await moveSlot(fixture, node)
  await node.until('to have looked at the slot', ({ metadata, status }) => {
    const isMoved = compareResourceVersions(metadata.resourceVersion ?? '', version) >= 0
    const next = status?.recurringTasks?.[0]?.nextScheduleTime
    return isMoved && next !== undefined && next !== slot
  })
  return slot
}

/** The same, without waiting for the operator. @returns the slot, and the node's resourceVersion with it */
export async function moveSlot(
  fixture: OperatorFixture,
  node: LivingNode,
): Promise<{ readonly slot: string; readonly version: string }> {
  const slot = new Date(Date.now() - 1_000).toISOString()
  const recurringTasks = node.object?.status?.recurringTasks?.map(task => ({ ...task, nextScheduleTime: slot }))
  const body = { status: { recurringTasks } }
  const { metadata } = await fixture.client.patch(seiNodes, fixture.key(node.name), body, {
    type: 'merge',
    subresource: 'status',
  })
  // A change of status alone causes no reconcile.
  await fixture.patch(node.name, { metadata: { annotations: { 'example.com/due': slot } } })
  return { slot, version: metadata.resourceVersion ?? '' }
}
