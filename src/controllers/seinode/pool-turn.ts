/** Whether a node waits for its turn to get a new pod template, which a pool gives to its nodes one after the other: `awaitsTurn`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { TEMPLATE_ANNOTATION } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { PlatformConfig } from '../../build/platform.ts'
import { podTemplateRevision } from '../../build/pod-template-revision.ts'
import { seidState } from './pod-state.ts'

/** Where seid does not run there is nothing to lose: such a node waits for nobody. */
export function awaitsTurn(node: Readonly<SeiNode>, pod: Readonly<Pod> | undefined, platform: PlatformConfig): boolean {
  return poolOf(node) !== undefined && grantedRevision(node, platform) === undefined && seidState(pod).running
}

/** The revision of the pod template that the platform has now, where the node's pool lets it have that one. */
export function grantedRevision({ metadata }: Readonly<SeiNode>, platform: PlatformConfig): string | undefined {
  const revision = podTemplateRevision(platform)
  return metadata.annotations?.[TEMPLATE_ANNOTATION] === revision ? revision : undefined
}

/** The name of the SeiNodePool that the node is one of. */
export function poolOf({ metadata }: Readonly<SeiNode>): string | undefined {
  return metadata.ownerReferences?.find(({ controller, kind }) => controller === true && kind === 'SeiNodePool')?.name
}
