/** Passes a person's consent to a node's other volume on to its SeiNode, which waits for it too: `handOnConsent`. */
import { ACCEPT_ANNOTATION, API_VERSION, FIELD_MANAGER } from '../../../api/names.ts'
import { seiNodes } from '../../../api/resources.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import { isMadeInPlaceOf } from '../../../build/claim-marks.ts'
import type { Resource } from '../../../kube/types.ts'
import { acceptsVolume } from '../../../plan/volume-consent.ts'
import type { PoolDependencies } from '../dependencies.ts'
import type { PoolMember } from '../nodes/members.ts'
import type { PoolVolumes } from './volumes.ts'

/** Of its own, so that the rest of the SeiNode is none of its business. */
const CONSENT_MANAGER = `${FIELD_MANAGER}-consent`

/** Nothing else of it is said. */
const metadataOnly: Resource = seiNodes

/**
 * For each SeiNode its own claim alone, once that is prepared: named by a person on the pool, or made by the pool in place of
 * one that a person gave up.
 * @param members those whose volume is prepared
 */
export async function handOnConsent(
  pool: SeiNodePool,
  members: readonly PoolMember[],
  { data }: PoolVolumes,
  { client }: Pick<PoolDependencies, 'client'>,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    members.map(async ({ names, live }) => {
      const claim = data[names.index]
      const uid = claim?.metadata?.uid
      const recorded = live?.status?.initPlan?.volumeUID
      if (!live || !claim || uid === undefined || recorded === undefined || recorded === uid) return
      const isMeant = acceptsVolume(pool, uid) || isMadeInPlaceOf(claim, pool.metadata.uid, recorded)
      if (!isMeant || acceptsVolume(live, uid)) return
      const { name, namespace } = live.metadata
      const metadata = {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        uid: live.metadata.uid ?? '',
        annotations: { [ACCEPT_ANNOTATION]: uid },
      }
      const options = { fieldManager: CONSENT_MANAGER, force: true, signal }
      await client.apply(metadataOnly, { apiVersion: API_VERSION, kind: 'SeiNode', metadata }, options)
    }),
  )
}
