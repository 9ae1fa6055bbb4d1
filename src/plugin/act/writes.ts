/** The writes of actions: `setAnnotation`, `setPaused`. */
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import type { Resource } from '../../kube/types.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { Target } from '../cluster/find.ts'

/** The field manager of what people do by this program. */
const FIELD_MANAGER = 'kubectl-sei'

/** Fails with a conflict if somebody changed the object since it was read. */
export async function setAnnotation(client: KubeClient, target: Target, name: string, value: string): Promise<void> {
  const { resourceVersion } = target.object.metadata
  await patch(client, target, { metadata: { resourceVersion, annotations: { [name]: value } } })
}

export async function setPaused(client: KubeClient, target: Target, isPaused: boolean): Promise<void> {
  await patch(client, target, { spec: { paused: isPaused } })
}

async function patch(client: KubeClient, { kind, object }: Target, body: unknown): Promise<void> {
  const { namespace = '', name } = object.metadata
  const resource: Resource = kind === 'node' ? seiNodes : seiNodePools
  await client.patch(resource, { namespace, name }, body, { type: 'merge', fieldManager: FIELD_MANAGER })
}
