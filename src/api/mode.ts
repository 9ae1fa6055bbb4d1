/** The mode that seid runs in: `effectiveMode`. */
import type { SeiNodeSpec } from './seinode.ts'

export type NodeMode = NonNullable<SeiNodeSpec['mode']>

/** Fills in the mode of a node without `spec.mode`. The CRD has no default, because a replayer must not set the field. */
const DEFAULT_MODE: NodeMode = 'full'

export function effectiveMode(spec: SeiNodeSpec): NodeMode {
  return spec.mode ?? DEFAULT_MODE
}
