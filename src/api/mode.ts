/** The mode that seid runs in: `effectiveMode`. */
import type { SeiNodeSpec } from './seinode.ts'

export type NodeMode = NonNullable<SeiNodeSpec['mode']>

/** What a node without `spec.mode` runs as. The CRD sets no default: a replayer has to leave mode out. */
const DEFAULT_MODE: NodeMode = 'full'

export function effectiveMode(spec: SeiNodeSpec): NodeMode {
  return spec.mode ?? DEFAULT_MODE
}
