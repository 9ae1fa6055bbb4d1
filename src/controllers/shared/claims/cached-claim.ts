/** What caches keep of a claim: `cachedClaim`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { withoutBookkeeping } from '../../../runtime/informer.ts'
import { resizeFields } from '../../../volumes/resized-at.ts'

/** Changes it in place. */
export function cachedClaim(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const fields = resizeFields(claim)
  const { metadata } = withoutBookkeeping(claim)
  if (metadata && fields.length > 0) metadata.managedFields = fields
  return claim
}
