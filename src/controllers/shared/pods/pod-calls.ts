/** Calls to the programs in pods, limited apart from the workers of the controllers: `podCalls`. */
import type { PeerResolver } from '../../../peers/resolve-peers.ts'
import type { Outside } from '../../../runtime/controller.ts'
import { type CallLimiter, SilentTargetError } from '../../../runtime/call-limiter.ts'
import { addressText, type SidecarAddress, type SidecarClient, type SidecarDialer } from '../../../sidecar/client.ts'
import { SidecarError } from '../../../sidecar/errors.ts'

/** The calls as they are made when it is their turn. */
export interface DirectCalls {
  readonly dialSidecar: SidecarDialer
  readonly peers: PeerResolver
}

/** A sidecar that gets tasks only while `confirm` says that its pod is the one that is meant. */
export type ConfirmedDialer = (address: SidecarAddress, confirm: Confirm) => SidecarClient

/** What a reconcile asks of programs outside the API server. */
export interface PodCalls extends Omit<DirectCalls, 'dialSidecar'> {
  readonly dialSidecar: ConfirmedDialer
}

/** The calls for one reconcile, whose worker takes another key while it waits for them. */
export type PodCallsFor = (outside: Outside) => PodCalls

export function podCalls(direct: DirectCalls, limiter: CallLimiter): PodCallsFor {
  return outside => ({
    // The wait for a turn may be long: the pod is confirmed after it.
    dialSidecar: (address, confirm) =>
      limitedSidecar(confirmedSidecar(direct.dialSidecar(address), confirm), address, limiter, outside),
    peers: { resolve: (sources, signal) => outside(() => direct.peers.resolve(sources, signal)) },
  })
}

function limitedSidecar(
  direct: SidecarClient,
  address: SidecarAddress,
  limiter: CallLimiter,
  outside: Outside,
): SidecarClient {
  const target = `sidecar ${addressText(address)} ${address.containerID ?? ''}`
  const run = async <T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    try {
      return await outside(() => limiter.run({ target, call, isSilence: isSilentSidecar, signal }))
    } catch (error) {
      throw error instanceof SilentTargetError ? silentSidecar(address, error) : error
    }
  }
  return {
    health: signal => run(() => direct.health(signal), signal),
    task: (id, signal) => run(() => direct.task(id, signal), signal),
    tasks: signal => run(() => direct.tasks(signal), signal),
    submit: (request, signal) => run(() => direct.submit(request, signal), signal),
    forget: (id, signal) => run(() => direct.forget(id, signal), signal),
  }
}

function isSilentSidecar(error: unknown): boolean {
  return error instanceof SidecarError && error.isSilent
}

/** Says the same whatever was asked, just now or a while ago: status would be written again and again otherwise. */
function silentSidecar(address: SidecarAddress, { since, retryAfterMs, isCalled, cause }: SilentTargetError): Error {
  if (!(cause instanceof SidecarError)) return new Error('the sidecar is silent', { cause })
  const when = new Date(since).toISOString().replace(/\.\d+Z$/, 'Z')
  return new SidecarError(`sidecar ${addressText(address)}: ${cause.detail}; nothing has come back since ${when}`, {
    kind: 'unavailable',
    sent: isCalled ? cause.sent : 'no',
    detail: cause.detail,
    isSilent: true,
    retryAfterMs,
    cause,
  })
}

/** Rejects with a SidecarError where the pod at the sidecar's address is not known to be the one that is meant. */
export type Confirm = (signal: AbortSignal | undefined) => Promise<void>

/**
 * Addresses are used again, and a watch may be silent for minutes: the sidecar that answers may be another node's. Nothing
 * is started or deleted in it, and no task in its list is taken for the node's own, before `confirm` resolves. A task that
 * is asked for by its id is safe: no other sidecar knows that id.
 */
function confirmedSidecar(sidecar: SidecarClient, confirm: Confirm): SidecarClient {
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
