/** Whether a sidecar's release has a task, without running it: `knowsTask`. */
import type { SidecarClient } from '../../sidecar/client.ts'
import { SidecarError } from '../../sidecar/errors.ts'

/** No UUID. Sidecars look up the type of a task before they refuse its id. */
const REFUSED_ID = 'none'

/**
 * For types that only sidecars have which honour ids (from v0.0.22 on): an older one would run a task that it knows.
 * @throws SidecarError where the sidecar does not answer
 */
export async function knowsTask(sidecar: SidecarClient, type: string, signal: AbortSignal): Promise<boolean> {
  try {
    await sidecar.submit({ id: REFUSED_ID, type }, signal)
    return true
  } catch (error) {
    if (error instanceof SidecarError && error.kind === 'rejected') return !isUnknownType(error)
    throw error
  }
}

/** The sidecar's release does not have the task that was submitted. */
export function isUnknownType(error: unknown): error is SidecarError {
  return error instanceof SidecarError && error.kind === 'rejected' && error.detail.startsWith('unknown task type')
}
