/** One HTTP exchange with a sidecar over kept connections: `createTransport` answers with status and body, or says whether anything was sent. */
import { Http1Client } from '../kube/http1/client.ts'
import { HttpError } from '../kube/http1/errors.ts'
import type { SidecarAddress } from './client.ts'

export interface Exchange {
  readonly address: SidecarAddress
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: string
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly status: number
  readonly json: boolean
  readonly text: string
}

/**
 * No answer came; `connected` tells whether the request may have reached the sidecar, `isSilent` that nothing at all came
 * back in the time that it had.
 */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly connected: boolean
  readonly isSilent: boolean

  constructor(message: string, { isSent, kind, cause }: Pick<HttpError, 'isSent' | 'kind' | 'cause'>) {
    super(message, { cause })
    this.connected = isSent
    this.isSilent = kind === 'timeout'
  }
}

export interface Transport {
  exchange(exchange: Exchange): Promise<Answer>
  close(): void
}

/** A task list is at most 100 entries; anything larger is not a sidecar. */
const MAX_BODY_BYTES = 8 * 1024 * 1024

/** Below the sidecar's own idle limit of 60 s, so that the client closes first and never writes to a dying socket. */
const IDLE_SOCKET_MS = 30_000

/**
 * Kept connections to every sidecar. `timeoutMs` bounds the whole exchange, connecting included, which has a shorter limit
 * of its own. A GET whose kept
 * connection turns out to be dead is sent once more on a fresh one; a POST never is.
 */
export function createTransport(timeoutMs: number, connectTimeoutMs: number): Transport {
  const client = new Http1Client({
    maxSockets: Infinity,
    maxIdle: 1,
    idleMs: IDLE_SOCKET_MS,
    connectTimeoutMs,
  })
  return {
    exchange: async exchange => {
      const deadline = Date.now() + timeoutMs
      try {
        return await attempt(client, exchange, timeoutMs)
      } catch (error) {
        if (!(error instanceof HttpError)) throw error
        if (!error.isStale || exchange.method !== 'GET') throw noAnswer(error, timeoutMs)
      }
      try {
        return await attempt(client, exchange, Math.max(1, deadline - Date.now()))
      } catch (error) {
        throw error instanceof HttpError ? noAnswer(error, timeoutMs) : error
      }
    },
    close: () => client.close(),
  }
}

async function attempt(client: Http1Client, exchange: Exchange, timeoutMs: number): Promise<Answer> {
  const { address, method, path, body, signal } = exchange
  const { status, headers, text } = await client.request({
    address,
    method,
    path,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body,
    timeoutMs,
    maxBodyBytes: MAX_BODY_BYTES,
    signal,
  })
  const json = (headers['content-type'] ?? '').startsWith('application/json')
  return { status, json, text }
}

function noAnswer(error: HttpError, timeoutMs: number): NoAnswer {
  // The time that a second attempt had is less than what the caller was promised.
  const message = error.kind === 'timeout' && error.isSent ? `no answer within ${timeoutMs} ms` : error.message
  const cause = error.kind === 'timeout' ? undefined : (error.cause ?? error)
  return new NoAnswer(message, { isSent: error.isSent, kind: error.kind, cause })
}
