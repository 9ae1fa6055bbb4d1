/** The writes of actions: `setAnnotation`, `setAnnotationIfUnchanged`, `setPaused`. */
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import type { Resource } from '../../kube/types.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { Target } from '../cluster/find.ts'

/** The field manager of what people do by this program. */
const FIELD_MANAGER = 'kubectl-sei'

export async function setAnnotation(client: KubeClient, target: Target, name: string, value: string): Promise<void> {
  await patch(client, target, { annotations: { [name]: value } })
}

/** As `setAnnotation`; fails with a conflict if somebody changed the object since it was read. */
export async function setAnnotationIfUnchanged(
  client: KubeClient,
  target: Target,
  name: string,
  value: string,
): Promise<void> {
  const { resourceVersion } = target.object.metadata
  await patch(client, target, { resourceVersion, annotations: { [name]: value } })
}

export async function setPaused(client: KubeClient, target: Target, isPaused: boolean): Promise<void> {
  await patch(client, target, {}, { paused: isPaused })
}

/** Never of another object that has got the name meanwhile: the API server refuses another UID. */
async function patch(
  client: KubeClient,
  { kind, object }: Target,
  metadata: Readonly<Record<string, unknown>>,
  spec?: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { namespace = '', name, uid } = object.metadata
  const body = { metadata: { uid, ...metadata }, ...(spec ? { spec } : {}) }
  const resource: Resource = kind === 'node' ? seiNodes : seiNodePools
  await client.patch(resource, { namespace, name }, body, { type: 'merge', fieldManager: FIELD_MANAGER })
}
