/** A sidecar whose pod is confirmed before it gets a task: `confirmedSidecar`. */
import type { SidecarClient } from '../../sidecar/client.ts'

/** Rejects with a SidecarError where the pod at the sidecar's address is not known to be the one that is meant. */
export type Confirm = (signal: AbortSignal | undefined) => Promise<void>

/**
 * Addresses are used again, and a watch may be silent for minutes: the sidecar that answers may be another node's. Nothing
 * is started or deleted in it, and no task in its list is taken for the node's own, before `confirm` resolves. A task that
 * is asked for by its id is safe: no other sidecar knows that id.
 */
export function confirmedSidecar(sidecar: SidecarClient, confirm: Confirm): SidecarClient {
  return {
    health: signal => sidecar.health(signal),
    task: (id, signal) => sidecar.task(id, signal),
    tasks: async signal => {
      await confirm(signal)
      return sidecar.tasks(signal)
    },
    submit: async (request, signal) => {
      await confirm(signal)
      return sidecar.submit(request, signal)
    },
    forget: async (id, signal) => {
      await confirm(signal)
      return sidecar.forget(id, signal)
    },
  }
}
