/** Scales a node to 0 though nothing else may be changed for it: `stopNode`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import { FIELD_MANAGER } from '../../../api/names.ts'
import { statefulSets } from '../../../kube/resources.ts'
import type { NodeDependencies } from '../dependencies.ts'

export async function stopNode(
  { metadata, spec }: Readonly<StatefulSet>,
  { client, stores }: NodeDependencies,
  signal: AbortSignal,
): Promise<void> {
  if (spec?.replicas === 0) return
  const { namespace = '', name = '', uid } = metadata ?? {}
  const body = { metadata: { uid }, spec: { replicas: 0 } }
  const options = { type: 'merge', fieldManager: FIELD_MANAGER, signal } as const
  stores.statefulSets.observeWrite(await client.patch(statefulSets, { namespace, name }, body, options))
}
