/** The use of each data volume as metrics: `registerVolumeMetrics`. */
import type { Registry } from 'prom-client'
import type { SeiNode } from '../../../api/seinode.ts'
import type { Store } from '../../../runtime/store.ts'
import { type NodeMeasure, registerNodeGauges } from '../node-metric.ts'
import type { KnownUse, VolumeObserver } from './observer.ts'

const MEASURES: readonly NodeMeasure<KnownUse | undefined>[] = [
  {
    name: 'sei_node_volume_used_bytes',
    help: 'Bytes of the data volume that are in use, as its kubelet reports them.',
    value: (_, known) => known?.use.bytes.used,
  },
  {
    name: 'sei_node_volume_capacity_bytes',
    help: 'Capacity of the file system on the data volume.',
    value: (_, known) => known?.use.bytes.total,
  },
  {
    name: 'sei_node_volume_full_timestamp_seconds',
    help: "When the data volume, or its inodes, are used up at today's pace, seconds since the epoch; no series while it does not fill.",
    value: (_, known) => (known?.fullAt === undefined ? undefined : known.fullAt / 1000),
  },
  {
    name: 'sei_node_volume_growths_total',
    help: 'Growths of the data volume that the operator has asked for (spec.storage.autoGrow), as its claim has them on record.',
    value: ({ status, spec }) => status?.dataVolume?.growths ?? (spec.storage?.autoGrow ? 0 : undefined),
  },
]

export function registerVolumeMetrics(
  registry: Registry,
  nodes: Pick<Store<SeiNode>, 'values'>,
  volumes: Pick<VolumeObserver, 'known'>,
): void {
  registerNodeGauges(registry, MEASURES, nodes, node => volumes.known(node))
}
