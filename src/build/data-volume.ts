/** The claim of a node's data volume: `buildDataVolume`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { effectiveMode } from '../api/mode.ts'
import { PRUNE_PROTECTION } from '../api/prune-protection.ts'
import type { SeiNode } from '../api/seinode.ts'
import { withAppliedHash } from './applied-hash.ts'
import { claimSpec, type Resizing } from './claim-spec.ts'
import { claimLabels, nodeLabels } from './labels.ts'
import { childNames } from './names.ts'
import { nodeSettings } from './node-settings.ts'
import { ownerReference } from './owner-reference.ts'
import type { PlatformConfig } from './platform.ts'

/** Chain that a kept volume was bootstrapped for. */
export const INITIALIZED_CHAIN_ANNOTATION = 'sei.io/initialized-chain'
/** Id of the plan that bootstrapped a kept volume. */
export const INITIALIZED_PLAN_ANNOTATION = 'sei.io/initialized-plan'
/** Mode of the node whose state a kept volume holds. */
export const INITIALIZED_MODE_ANNOTATION = 'sei.io/initialized-mode'
/** When that node first kept up with the chain: until then its state is not whole. */
export const CAUGHT_UP_ANNOTATION = 'sei.io/caught-up-at'

/** The bootstrap that completed on a claim. */
export interface Initialization {
  readonly planID: string
  readonly caughtUpAt: string | undefined
}

export interface DataVolumeState {
  /** The claim as it stands, if there is one. */
  readonly live?: PersistentVolumeClaim | undefined
  readonly initialized?: Initialization | undefined
  readonly resizing?: Resizing
}

/**
 * Undefined where the node uses a volume that others made (`genesis.pvc`).
 *
 * With `retainOnDelete` the claim has no owner, so that the garbage collector leaves it alone, and carries what a node of
 * the same name needs to know to use it again without a bootstrap.
 * @throws TypeError where the node has no UID yet
 */
export function buildDataVolume(
  node: SeiNode,
  platform: PlatformConfig,
  { live, initialized, resizing = { canGrow: true } }: DataVolumeState = {},
): PersistentVolumeClaim | undefined {
  if (node.spec.genesis?.pvc) return undefined
  const { className, size: defaultSize } = nodeSettings(node, platform).storage
  const { size } = node.spec.storage ?? {}
  const metadata = {
    name: childNames(node).dataVolume,
    ...(node.metadata.namespace === undefined ? {} : { namespace: node.metadata.namespace }),
    labels: claimLabels(nodeLabels(node)),
  }
  const retained = node.spec.storage?.retainOnDelete === true
  return withAppliedHash<PersistentVolumeClaim>({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...metadata,
      // What an adopted claim tells of its state stays with it, even where it is no longer to be kept.
      annotations: {
        ...PRUNE_PROTECTION,
        ...(retained || isKept(live) ? initialization(node, live, retained ? initialized : undefined) : {}),
      },
      ...(retained ? {} : { ownerReferences: [ownerReference('SeiNode', node)] }),
    },
    spec: claimSpec(
      { accessMode: 'ReadWriteOnce', className, size: size === undefined ? undefined : String(size), defaultSize },
      live,
      resizing,
    ),
  })
}

function isKept(live: PersistentVolumeClaim | undefined): boolean {
  return live?.metadata?.annotations?.[INITIALIZED_CHAIN_ANNOTATION] !== undefined
}

function initialization(
  node: SeiNode,
  live: PersistentVolumeClaim | undefined,
  initialized: Initialization | undefined,
): Record<string, string> {
  if (initialized !== undefined) {
    return {
      [INITIALIZED_CHAIN_ANNOTATION]: node.spec.chainId,
      [INITIALIZED_PLAN_ANNOTATION]: initialized.planID,
      [INITIALIZED_MODE_ANNOTATION]: effectiveMode(node.spec),
      ...(initialized.caughtUpAt === undefined ? {} : { [CAUGHT_UP_ANNOTATION]: initialized.caughtUpAt }),
    }
  }
  const known = [
    INITIALIZED_CHAIN_ANNOTATION,
    INITIALIZED_PLAN_ANNOTATION,
    INITIALIZED_MODE_ANNOTATION,
    CAUGHT_UP_ANNOTATION,
  ].flatMap(key => {
    const value = live?.metadata?.annotations?.[key]
    return value === undefined ? [] : [[key, value] as const]
  })
  return Object.fromEntries(known)
}
