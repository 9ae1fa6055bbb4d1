/** Events about upgrades, from the change of a status: `upgradeEvents`. Pure. */
import type { SeiNodeStatus } from '../../../api/seinode-status.ts'
import { findCondition } from '../../../lib/conditions.ts'
import type { StatusEvent } from '../../shared/write-object.ts'

export function upgradeEvents(before: SeiNodeStatus | undefined, after: SeiNodeStatus): readonly StatusEvent[] {
  return [...reached(before, after), ...trouble(before, after)]
}

function reached(before: SeiNodeStatus | undefined, after: SeiNodeStatus): readonly StatusEvent[] {
  const [was, is] = [before?.upgrade, after.upgrade]
  if (is?.height === undefined || is.height <= (was?.height ?? 0)) return []
  const what =
    is.name === undefined ? `the upgrade at height ${is.height}` : `upgrade ${is.name} at height ${is.height}`
  const note = `the node has reached ${what} and gets image ${is.image}`
  return [{ type: 'Normal', reason: 'UpgradeReached', note, action: 'Upgrade', occurrence: String(is.height) }]
}

/** A condition whose reason stays is news again when it is about another upgrade. */
function trouble(before: SeiNodeStatus | undefined, after: SeiNodeStatus): readonly StatusEvent[] {
  const [was, is] = [before, after].map(status => findCondition(status?.conditions, 'UpgradesHealthy'))
  if (is?.status !== 'False') return []
  if (was?.reason === is.reason && before?.upgrade?.voted?.height === after.upgrade?.voted?.height) return []
  return [{ type: 'Warning', reason: is.reason, note: is.message, action: 'Upgrade' }]
}
