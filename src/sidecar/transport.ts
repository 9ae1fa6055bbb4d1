/** Sends requests to sidecars over reused connections: `createTransport`. */
import { Agent } from 'node:http'
import { type Answer, exchange, type ExchangeRequest } from '../kube/exchange.ts'
import { HttpError } from '../kube/http-error.ts'
import type { SidecarAddress } from './client.ts'

export type SidecarRequest = Pick<ExchangeRequest, 'path' | 'body' | 'signal'> & {
  readonly method: 'GET' | 'POST' | 'DELETE'
}

export interface Transport {
  /** Rejects with an HttpError. */
  send(address: SidecarAddress, request: SidecarRequest): Promise<Answer>
  close(): void
}

/** Size limit of an answer. A task list has at most 100 entries. */
const MAX_BODY_BYTES = 8 * 1024 * 1024

/** Below the sidecar's own idle limit of 60 s, so that the client closes first and never writes to a dying socket. */
const IDLE_SOCKET_MS = 30_000
/** The kernel probes a silent peer, so that a broken path is noticed. */
const PROBE_MS = 30_000

/**
 * Keeps one idle connection to every sidecar. `timeoutMs` is the timeout of the whole call. A GET is resent once on a new
 * connection if the reused one was closed; a POST is never resent.
 */
export function createTransport(timeoutMs: number, connectTimeoutMs: number): Transport {
  const agent = new Agent({ keepAlive: true, keepAliveMsecs: PROBE_MS, maxFreeSockets: 1, timeout: IDLE_SOCKET_MS })
  let isClosed = false
  const attempt = ({ host, port }: SidecarAddress, request: SidecarRequest, withinMs: number): Promise<Answer> =>
    exchange(
      agent,
      { isSecure: false, host, port },
      {
        ...request,
        headers: request.body === undefined ? {} : { 'content-type': 'application/json' },
        timeoutMs: withinMs,
        connectTimeoutMs,
        maxBodyBytes: MAX_BODY_BYTES,
      },
    )
  return {
    send: async (address, request) => {
      if (isClosed) throw new HttpError('closed', 'the client is closed', { isSent: false })
      const started = performance.now()
      try {
        return await attempt(address, request, timeoutMs)
      } catch (error) {
        if (!(error instanceof HttpError) || !error.isStale || request.method !== 'GET') throw error
        const leftMs = Math.max(1, Math.ceil(timeoutMs - (performance.now() - started)))
        return attempt(address, request, leftMs).catch((failure: unknown) => {
          // The message is part of conditions, so it must be constant: it names the limit, not the remaining time.
          if (!(failure instanceof HttpError) || failure.kind !== 'timeout' || !failure.isSent) throw failure
          throw new HttpError('timeout', `no answer within ${timeoutMs} ms`, { isSent: true, cause: failure })
        })
      }
    },
    close: () => {
      isClosed = true
      agent.destroy()
    },
  }
}
