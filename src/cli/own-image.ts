/** The image of this operator, for Job steps that run its code: `ownImage`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { ApiError } from '../kube/errors.ts'
import type { ObjectKey } from '../kube/types.ts'

type GetPod = (key: ObjectKey, signal: AbortSignal) => Promise<Pod | undefined>

/** The operator's container in config/manager. */
const MANAGER_CONTAINER = 'manager'

/**
 * Read once from the operator's own pod when it is first needed, so that an overlay only sets the image of the Deployment.
 * @param fallback used if SEI_OPERATOR_IMAGE is set, outside a cluster, and if the pod cannot be read
 * @returns rejects while the API server cannot be reached
 */
export function ownImage(
  getPod: GetPod,
  env: Readonly<Record<string, string | undefined>>,
  fallback: string,
): (signal: AbortSignal) => Promise<string> {
  const { SEI_OPERATOR_IMAGE: configured, POD_NAME: name, POD_NAMESPACE: namespace } = env
  let known = configured || !name || !namespace ? fallback : undefined
  return async signal => {
    known ??= (await imageOf(getPod, { name: name ?? '', namespace: namespace ?? '' }, signal)) ?? fallback
    return known
  }
}

async function imageOf(getPod: GetPod, key: ObjectKey, signal: AbortSignal): Promise<string | undefined> {
  try {
    const pod = await getPod(key, signal)
    return pod?.spec?.containers.find(container => container.name === MANAGER_CONTAINER)?.image
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined
    throw error
  }
}
