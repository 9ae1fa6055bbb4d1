/** One HTTP exchange with a sidecar over a shared keep-alive agent: `createTransport` answers with status and body, or says whether anything was sent. */
import { Agent, request as httpRequest } from 'node:http'

import type { SidecarAddress } from './client.ts'

export interface Exchange {
  readonly address: SidecarAddress
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly status: number
  readonly json: boolean
  readonly text: string
}

/** No answer came; `connected` tells whether the request may have reached the sidecar. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly connected: boolean

  constructor(message: string, connected: boolean, cause?: unknown) {
    super(message, { cause })
    this.connected = connected
  }
}

export interface Transport {
  exchange(exchange: Exchange): Promise<Answer>
  close(): void
}

/** A task list is at most 100 entries; anything larger is not a sidecar. */
const MAX_BODY_BYTES = 16 * 1024 * 1024

/** Below the sidecar's own idle limit of 60 s, so that the client closes first and never writes to a dying socket. */
const IDLE_SOCKET_MS = 30_000

/**
 * One agent for every sidecar. `timeoutMs` bounds the whole exchange, connecting included. A GET whose reused socket
 * turns out to be dead is sent once more on a fresh one; a POST never is.
 */
export function createTransport(timeoutMs: number): Transport {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 1, timeout: IDLE_SOCKET_MS })
  return {
    exchange: async exchange => {
      const deadline = Date.now() + timeoutMs
      const first = await attempt(exchange, agent, timeoutMs)
      if (first !== 'stale') return first
      const second = await attempt(exchange, false, Math.max(1, deadline - Date.now()))
      // A fresh socket is never stale; the type cannot say so.
      if (second === 'stale') throw new NoAnswer('the connection was closed without an answer', true)
      return second
    },
    close: () => agent.destroy(),
  }
}

/** Resolves `stale` where a GET met a kept socket that the sidecar had already closed. */
function attempt(exchange: Exchange, agent: Agent | false, timeoutMs: number): Promise<Answer | 'stale'> {
  const { address, method, path, body, signal } = exchange
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new NoAnswer('the caller gave up before it was sent', false, signal.reason))
      return
    }
    let connected = false
    const request = httpRequest({ host: address.host, port: address.port, method, path, agent })
    if (body !== undefined) {
      request.setHeader('content-type', 'application/json')
      request.setHeader('content-length', Buffer.byteLength(body))
    }
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      act()
    }
    const give = (why: string, cause?: unknown): void => {
      settle(() => reject(new NoAnswer(why, connected, cause)))
      request.destroy()
    }
    const onAbort = (): void => give('the caller gave up waiting', signal?.reason)
    const timer = setTimeout(() => give(`no answer within ${timeoutMs} ms`), timeoutMs)
    signal?.addEventListener('abort', onAbort, { once: true })

    request.on('socket', socket => {
      if (socket.connecting) socket.once('connect', () => (connected = true))
      else connected = true
    })
    request.on('error', error => {
      if (request.reusedSocket && method === 'GET') settle(() => resolve('stale'))
      else settle(() => reject(new NoAnswer(error.message, connected, error)))
    })
    request.on('response', response => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_BODY_BYTES) give(`an answer of more than ${MAX_BODY_BYTES} bytes`)
        else chunks.push(chunk)
      })
      response.on('error', error => give(`the answer broke off: ${error.message}`, error))
      response.on('end', () => {
        const json = (response.headers['content-type'] ?? '').startsWith('application/json')
        const text = Buffer.concat(chunks).toString('utf8')
        settle(() => resolve({ status: response.statusCode ?? 0, json, text }))
      })
    })
    request.end(body)
  })
}
