/** Whether the claim of a node's data volume is to grow now, from what kubelets report of it: `evaluateGrowth`. */
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { AutoGrow } from '../../../api/auto-grow.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import type { ClaimGrowth } from '../../../build/claim-growth.ts'
import { childNames } from '../../../build/names.ts'
import type { Clock } from '../../../runtime/clock.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import type { Store } from '../../../runtime/store.ts'
import { decideGrowth, type GrowthDecision, type VolumeLevel } from '../../../volumes/growth.ts'
import { usedPercent } from '../../../volumes/space.ts'
import type { KnownUse, VolumeView } from './observer.ts'
import { recordedLevel } from './record.ts'

export interface GrowthView {
  readonly volumes: VolumeView
  /** Pods of SeiNodes. */
  readonly pods: Pick<Store<Pod>, 'get'>
  readonly clock: Clock
}

export interface GrowingVolume {
  /** `spec.storage.size`, if the spec has it. */
  readonly size: string | number | undefined
  readonly claim: Readonly<PersistentVolumeClaim> | undefined
  /** Its StorageClass allows volume expansion. */
  readonly canGrow: boolean
  /** The SeiNode that uses it. */
  readonly node: Readonly<SeiNode> | undefined
}

export interface Growth {
  readonly decision: GrowthDecision
  readonly level: VolumeLevel | undefined
  /** A pod on a machine mounts it, so a newer level is to come. */
  readonly isMounted: boolean
  /** What the claim has to ask for now. */
  readonly growth: ClaimGrowth | undefined
}

export function evaluateGrowth(
  autoGrow: AutoGrow,
  { size, claim, canGrow, node }: GrowingVolume,
  view: GrowthView,
): Growth {
  const resizedAt = node && claim && view.volumes.observeSize(node, claim)
  const isMounted = node !== undefined && hasMachine(node, view)
  const level = node && levelOf(node, claim, { ...view, resizedAt, isMounted })
  const now = view.clock.now()
  const decision = decideGrowth({ autoGrow, size, claim, canGrow, level, resizedAt, now })
  const found = { decision, level, isMounted }
  if (decision.kind !== 'due' || !level) return { ...found, growth: undefined }
  const growth = { to: decision.to, at: new Date(now).toISOString(), fileSystemBytes: level.fileSystemBytes }
  return { ...found, growth }
}

/** Whether the node has a pod there. */
function hasMachine(node: Readonly<SeiNode>, { pods }: Pick<GrowthView, 'pods'>): boolean {
  return pods.get(`${node.metadata.namespace}/${childNames(node).pod}`)?.status?.hostIP !== undefined
}

interface LevelFacts extends Pick<GrowthView, 'volumes'> {
  readonly resizedAt: number | undefined
  readonly isMounted: boolean
}

/** What its kubelet reports; while no pod mounts it, what was known before, by an earlier process too. */
function levelOf(
  node: Readonly<SeiNode>,
  claim: Readonly<PersistentVolumeClaim> | undefined,
  { volumes, resizedAt, isMounted }: LevelFacts,
): VolumeLevel | undefined {
  const claimUID = claim?.metadata?.uid
  const known = node.status?.dataVolume?.uid === claimUID ? volumes.known(node) : undefined
  if (known) {
    const { bytes, measuredAt } = known.use
    const outgrownBytes = bytesBefore(known, resizedAt)
    return { percent: usedPercent(known.use), fileSystemBytes: bytes.total, outgrownBytes, measuredAt }
  }
  return isMounted || volumes.finding(keyOf(node)) !== undefined ? undefined : recordedLevel(node, claimUID)
}

/** A file system grows before the claim says so. */
const GROWTH_MS = 600_000

/** Of the file system before the growth that ended then. */
function bytesBefore({ earlier }: KnownUse, resized: number | undefined): number | undefined {
  if (resized === undefined) return undefined
  return earlier.findLast(({ measuredAt }) => measuredAt !== undefined && measuredAt < resized - GROWTH_MS)?.bytes.total
}
