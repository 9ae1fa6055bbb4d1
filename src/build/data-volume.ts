/** The claim of a node's data volume: `buildDataVolume`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { effectiveMode } from '../api/mode.ts'
import { PRUNE_PROTECTION } from '../api/prune-protection.ts'
import type { SeiNode } from '../api/seinode.ts'
import { withAppliedHash } from './applied-hash.ts'
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
/** When that node first kept up with the chain: until then its state is not whole. */
export const CAUGHT_UP_ANNOTATION = 'sei.io/caught-up-at'
/** Where the genesis file came from. */
export const INITIALIZED_GENESIS_ANNOTATION = 'sei.io/initialized-genesis'
/** Where the first state came from. */
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
  /** Undefined where the plan found the state there already: what the claim says of it stays. */
  readonly origin: VolumeOrigin | undefined
}

export interface DataVolumeState {
  /** The claim as it stands, if there is one. */
  readonly live?: PersistentVolumeClaim | undefined
  readonly initialized?: Initialization | undefined
  readonly resizing?: Resizing
  /** UID of the claim on record that a new one takes the place of. */
  readonly replaces?: string | undefined
}

/**
 * Undefined where the node uses a volume that others made (`genesis.pvc`).
 *
 * Every claim carries what a node of the same name needs to know to use it again without a bootstrap. With
 * `retainOnDelete` it has no owner, so that the garbage collector leaves it alone.
 * @throws TypeError where the node has no UID yet
 */
export function buildDataVolume(
  node: SeiNode,
  platform: PlatformConfig,
  { live, initialized, resizing = { canGrow: true }, replaces }: DataVolumeState = {},
): PersistentVolumeClaim | undefined {
  if (node.spec.genesis?.pvc) return undefined
  const { className, size: defaultSize } = nodeSettings(node, platform).storage
  const { size } = node.spec.storage ?? {}
  const metadata = {
    name: childNames(node).dataVolume,
    ...(node.metadata.namespace === undefined ? {} : { namespace: node.metadata.namespace }),
    labels: claimLabels(nodeLabels(node)),
    annotations: {
      ...PRUNE_PROTECTION,
      ...birthMarks(node.metadata.uid, live, replaces),
      ...initialization(node, live, initialized),
    },
  }
  const retained = node.spec.storage?.retainOnDelete === true
  return withAppliedHash<PersistentVolumeClaim>({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...metadata,
      ...(retained ? {} : { ownerReferences: [ownerReference('SeiNode', node)] }),
    },
    spec: claimSpec(
      { accessMode: 'ReadWriteOnce', className, size: size === undefined ? undefined : String(size), defaultSize },
      live,
      resizing,
    ),
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

/** The mode of the node as its volume remembers it. */
export function volumeMode({ spec }: SeiNode): string {
  return spec.replayer ? 'replayer' : effectiveMode(spec)
}
