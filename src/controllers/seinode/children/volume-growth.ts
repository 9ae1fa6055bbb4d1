/** How the claim of a SeiNode grows by itself, as its `spec.storage.autoGrow` says: `dueGrowth`, `observeGrowth`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import type { ClaimGrowth } from '../../../build/claim-growth.ts'
import { childNames } from '../../../build/names.ts'
import { nodeSettings } from '../../../build/node-settings.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import { mayGrow } from '../../shared/claims/claims.ts'
import { evaluateGrowth, type Growth } from '../../shared/volumes/growth.ts'
import { growthDueAt, type GrowthFinding, growthFinding } from '../../shared/volumes/growth-text.ts'
import type { NodeDependencies } from '../dependencies.ts'

type Claim = Readonly<PersistentVolumeClaim>
type Dependencies = Pick<NodeDependencies, 'stores' | 'volumes' | 'clock' | 'platform'>

export interface ObservedGrowth extends GrowthFinding {
  /** When the volume may grow again, or is to be looked at again, milliseconds since the epoch. */
  readonly dueAt?: number | undefined
  /** The use of the volume was not asked for since this process started. */
  readonly isUnasked: boolean
}

/** What the claim has to ask for now; undefined if nothing. */
export function dueGrowth(
  node: Readonly<SeiNode>,
  claim: Claim | undefined,
  dependencies: Dependencies,
): ClaimGrowth | undefined {
  return growthOf(node, claim, dependencies)?.growth
}

/**
 * @param claim as the reconcile left it
 * @param refusal the API server's words, where it has refused a growth
 * @returns undefined without `spec.storage.autoGrow`
 */
export function observeGrowth(
  node: Readonly<SeiNode>,
  claim: Claim | undefined,
  refusal: string | undefined,
  dependencies: Dependencies,
): ObservedGrowth | undefined {
  const { autoGrow } = node.spec.storage ?? {}
  const growth = growthOf(node, claim, dependencies)
  if (!autoGrow || !growth) return undefined
  const { decision, level, isMounted } = growth
  const finding = dependencies.volumes.finding(keyOf(node))
  const { dataVolume: claimName } = childNames(node)
  const className = classOf(node, claim, dependencies)
  return {
    ...growthFinding({ autoGrow, claimName, claim, className, decision, level, isMounted, finding, refusal }),
    dueAt: growthDueAt(decision, dependencies.clock.now()),
    isUnasked: decision.kind === 'unknown' && finding === undefined,
  }
}

function growthOf(node: Readonly<SeiNode>, claim: Claim | undefined, dependencies: Dependencies): Growth | undefined {
  const { autoGrow, size } = node.spec.storage ?? {}
  if (!autoGrow) return undefined
  const { stores, volumes, clock } = dependencies
  const canGrow = mayGrow(claim, classOf(node, claim, dependencies), stores.storageClasses)
  return evaluateGrowth(autoGrow, { size, claim, canGrow, node }, { volumes, clock, pods: stores.pods })
}

function classOf(node: Readonly<SeiNode>, claim: Claim | undefined, { platform }: Dependencies): string {
  return claim?.spec?.storageClassName ?? nodeSettings(node, platform).storage.className
}
