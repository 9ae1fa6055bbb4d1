/** The settings of a node with all defaults filled in from its spec and the platform: `nodeSettings`. */
import type { ResourceRequirements } from 'kubernetes-types/core/v1.d.ts'
import { effectiveMode, type NodeMode } from '../api/mode.ts'
import { SIDECAR_PORT } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import type { Entrypoint } from '../api/shared.ts'
import { containerResources } from './container-settings.ts'
import { DATA_DIR } from './paths.ts'
import type { PlatformConfig } from './platform.ts'

export interface NodeSettings {
  readonly name: string
  readonly chainId: string
  readonly mode: NodeMode
  readonly isReplayer: boolean
  readonly image: string
  readonly entrypoint: { readonly command: readonly string[]; readonly args: readonly string[] }
  readonly resources: ResourceRequirements
  /** Of the init container. */
  readonly initResources: ResourceRequirements
  readonly sidecar: { readonly image: string; readonly port: number; readonly resources: ResourceRequirements }
  /** The data volume that the operator creates. `size` is a Kubernetes quantity. */
  readonly storage: { readonly className: string; readonly size: string }
}

export function nodeSettings(node: SeiNode, platform: PlatformConfig): NodeSettings {
  const { spec } = node
  const isReplayer = spec.replayer !== undefined
  const mode = effectiveMode(spec)
  const resources = spec.resources ? containerResources(spec.resources) : defaultResources(mode, platform)
  return {
    name: node.metadata.name,
    chainId: spec.chainId,
    mode,
    isReplayer,
    image: spec.image,
    entrypoint: entrypoint(spec.entrypoint),
    resources,
    // The pod's total request does not grow by them, and a namespace with a quota admits the pod.
    initResources: spec.initResources ? containerResources(spec.initResources) : resources,
    sidecar: {
      image: spec.sidecar?.image ?? platform.sidecarImage,
      port: spec.sidecar?.port ?? SIDECAR_PORT,
      resources: spec.sidecar?.resources ? containerResources(spec.sidecar.resources) : defaultSidecarResources(),
    },
    storage: {
      className: spec.storage?.storageClassName ?? defaultStorageClass(mode, isReplayer, platform),
      size: String(spec.storage?.size ?? defaultStorageSize(mode, platform)),
    },
  }
}

// The user's command gets no default arguments.
function entrypoint(spec: Entrypoint | undefined): NodeSettings['entrypoint'] {
  if (!spec) return { command: ['seid'], args: ['start', '--home', DATA_DIR] }
  return { command: spec.command ?? ['seid'], args: spec.args ?? [] }
}

// The idle sidecar takes about 50 MiB. S3 transfers buffer a few parts of 5 to 8 MiB.
function defaultSidecarResources(): ResourceRequirements {
  return { requests: { cpu: '100m', memory: '256Mi' } }
}

function defaultResources(mode: NodeMode, platform: PlatformConfig): ResourceRequirements {
  const requests =
    mode === 'archive'
      ? { cpu: platform.cpuArchive, memory: platform.memoryArchive }
      : { cpu: platform.cpuDefault, memory: platform.memoryDefault }
  return { requests }
}

function defaultStorageSize(mode: NodeMode, platform: PlatformConfig): string {
  return mode === 'archive' ? platform.storageSizeArchive : platform.storageSizeDefault
}

// Seeds and replayers serve no chain traffic, so they need no provisioned throughput.
function defaultStorageClass(mode: NodeMode, isReplayer: boolean, platform: PlatformConfig): string {
  return mode === 'seed' || isReplayer ? platform.storageClassDefault : platform.storageClassPerf
}
