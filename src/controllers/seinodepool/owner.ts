/** A SeiNodePool as the owner of its objects: `poolOwner`. */
import { API_VERSION, POOL_LABEL } from '../../api/names.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import type { Owner } from '../shared/ownership.ts'

/** Retained volumes have no owner reference. Those of its nodes stay its own when somebody takes their labels away. */
export function poolOwner({ metadata, status }: SeiNodePool): Owner {
  const known = (status?.nodes ?? []).flatMap(({ dataVolumeUID }) => dataVolumeUID ?? [])
  return { apiVersion: API_VERSION, kind: 'SeiNodePool', metadata, label: POOL_LABEL, known }
}
