/** What status says of the upgrades of a node: `upgradeStatus`; when that is evaluated again: `upgradeRequeue`. Pure. */
import type { SeiNodeStatus, UpgradeStatus } from '../../../api/seinode-status.ts'
import type { Requeue } from '../../shared/requeue.ts'
import type { Observation } from '../observation.ts'
import { expectedAt } from './expectation.ts'

/** The expected times change in steps of an hour at least. Milliseconds. */
const REVIEW_MS = 30 * 60_000

type Ahead = NonNullable<UpgradeStatus['next']>

export function upgradeStatus({ node, upgrades, now }: Observation): Pick<SeiNodeStatus, 'upgrade'> {
  const stored = node.status?.upgrade
  if (!upgrades) return stored ? { upgrade: stored } : {}
  const { record, effective, outlook } = upgrades
  const ahead = (upgrade: { readonly height: number; readonly name?: string }, known: Ahead | undefined): Ahead => {
    const { height, name } = upgrade
    const before = known?.height === height ? known.expectedAt : undefined
    const at = expectedAt(height, outlook, before, now)
    return { height, ...(name === undefined ? {} : { name }), ...(at === undefined ? {} : { expectedAt: at }) }
  }
  const plan = outlook.voted === undefined ? stored?.voted : outlook.voted === 'none' ? undefined : outlook.voted
  const voted = plan && plan.height > (record?.height ?? 0) ? ahead(plan, stored?.voted) : undefined
  if (!record && !voted && (node.spec.upgrades ?? []).length === 0) return {}
  const next = effective.next && ahead(effective.next, stored?.next)
  const reached = record && record.height > 0 ? record : undefined
  return {
    upgrade: {
      image: effective.image,
      ...(reached ? { height: reached.height } : {}),
      ...(reached?.name === undefined ? {} : { name: reached.name }),
      ...(next ? { next } : {}),
      ...(voted ? { voted } : {}),
    },
  }
}

export function upgradeRequeue({ next, voted }: Partial<UpgradeStatus> = {}): Requeue | undefined {
  return next || voted ? { requeueAfterMs: REVIEW_MS } : undefined
}
