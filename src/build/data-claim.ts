/** The claim of a node's data volume: `buildDataVolume`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { effectiveMode } from '../api/mode.ts'
import { PRUNE_PROTECTION } from '../api/prune-protection.ts'
import type { SeiNode } from '../api/seinode.ts'
import { withAppliedHash } from './applied-hash.ts'
import { type ClaimGrowth, growthMarks, wantedSize } from './claim-growth.ts'
import { birthMarks, CLAIM_UID_ANNOTATION, keptMarks, ownMark, type VolumeOrigin } from './claim-marks.ts'
import { claimSpec, type Resizing } from './claim-spec.ts'
import { claimLabels, nodeLabels } from './labels.ts'
import { childNames } from './names.ts'
import { nodeSettings } from './node-settings.ts'
import { ownerReference } from './owner-reference.ts'
import type { PlatformConfig } from './platform.ts'

/** Chain that the volume was bootstrapped for. */
export const INITIALIZED_CHAIN_ANNOTATION = 'sei.io/initialized-chain'
/** Id of the plan that bootstrapped the volume. */
export const INITIALIZED_PLAN_ANNOTATION = 'sei.io/initialized-plan'
/** Mode of the node whose state the volume holds; `replayer` for one that executed blocks without app-hash checks. */
export const INITIALIZED_MODE_ANNOTATION = 'sei.io/initialized-mode'
/** When that node first caught up with the chain. Before that its state is incomplete. */
export const CAUGHT_UP_ANNOTATION = 'sei.io/caught-up-at'
/** Source of the genesis file. */
export const INITIALIZED_GENESIS_ANNOTATION = 'sei.io/initialized-genesis'
/** Source of the first state. */
export const INITIALIZED_SNAPSHOT_ANNOTATION = 'sei.io/initialized-snapshot'

const INITIALIZATION = [
  INITIALIZED_CHAIN_ANNOTATION,
  INITIALIZED_PLAN_ANNOTATION,
  INITIALIZED_MODE_ANNOTATION,
  CAUGHT_UP_ANNOTATION,
  CLAIM_UID_ANNOTATION,
]
const ORIGIN = [INITIALIZED_GENESIS_ANNOTATION, INITIALIZED_SNAPSHOT_ANNOTATION]

/** The bootstrap that completed on a claim. */
export interface Initialization {
  readonly planID: string
  readonly caughtUpAt: string | undefined
  /** Undefined if the plan found an existing state: the claim keeps its annotations on it. */
  readonly origin: VolumeOrigin | undefined
}

export interface DataVolumeState {
  /** The existing claim. */
  readonly live?: PersistentVolumeClaim | undefined
  readonly initialized?: Initialization | undefined
  readonly resizing?: Resizing
  /** To ask for, as `spec.storage.autoGrow` says. */
  readonly growth?: ClaimGrowth | undefined
  /** UID of the claim on record that a new one replaces. */
  readonly replaces?: string | undefined
}

/**
 * Undefined if the node uses a prepared volume (`genesis.pvc`).
 *
 * The claim's annotations hold what a later node of the same name needs to use it without a bootstrap. With
 * `retainOnDelete` the claim has no owner, so that the garbage collector does not delete it.
 * @throws TypeError where the node has no UID yet
 */
export function buildDataVolume(
  node: SeiNode,
  platform: PlatformConfig,
  { live, initialized, resizing = { canGrow: true }, growth, replaces }: DataVolumeState = {},
): PersistentVolumeClaim | undefined {
  if (node.spec.genesis?.pvc) return undefined
  const { className, size: defaultSize } = nodeSettings(node, platform).storage
  const { storage } = node.spec
  const size = growth?.to ?? wantedSize(storage, live)
  const metadata = {
    name: childNames(node).dataVolume,
    ...(node.metadata.namespace === undefined ? {} : { namespace: node.metadata.namespace }),
    labels: claimLabels(nodeLabels(node)),
    annotations: {
      ...PRUNE_PROTECTION,
      ...birthMarks(node.metadata.uid, live, replaces),
      ...initialization(node, live, initialized),
      ...growthMarks(storage, live, growth, resizing.keepSize === true),
    },
  }
  const retained = storage?.retainOnDelete === true
  return withAppliedHash<PersistentVolumeClaim>({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...metadata,
      ...(retained ? {} : { ownerReferences: [ownerReference('SeiNode', node)] }),
    },
    spec: claimSpec({ accessMode: 'ReadWriteOnce', className, size, defaultSize }, live, resizing),
  })
}

function initialization(
  node: SeiNode,
  live: PersistentVolumeClaim | undefined,
  initialized: Initialization | undefined,
): Record<string, string> {
  if (initialized === undefined) return keptMarks(live, [...INITIALIZATION, ...ORIGIN])
  const { planID, caughtUpAt, origin } = initialized
  return {
    [INITIALIZED_CHAIN_ANNOTATION]: node.spec.chainId,
    [INITIALIZED_PLAN_ANNOTATION]: planID,
    [INITIALIZED_MODE_ANNOTATION]: volumeMode(node),
    ...(caughtUpAt === undefined ? {} : { [CAUGHT_UP_ANNOTATION]: caughtUpAt }),
    ...ownMark(live),
    ...(origin
      ? { [INITIALIZED_GENESIS_ANNOTATION]: origin.genesis, [INITIALIZED_SNAPSHOT_ANNOTATION]: origin.snapshot }
      : keptMarks(live, ORIGIN)),
  }
}

/** The node's mode as recorded on its volume. */
export function volumeMode({ spec }: SeiNode): string {
  return spec.replayer ? 'replayer' : effectiveMode(spec)
}
