/** The exchange through a proxy, whose agent, made by the library that read the kubeconfig, works with node:http alone: `proxiedExchanger`. */
import { type Agent, type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { DeadlineError } from './deadline.ts'
import { AnswerTooLargeError } from './http1/errors.ts'
import type { Answer, Exchanger, ExchangeRequest } from './exchange.ts'

export function proxiedExchanger(agent: Agent): Exchanger {
  return { exchange: request => exchange(agent, request), close: () => agent.destroy() }
}

/** Rejects with the signal's reason, a DeadlineError, or the socket's error. */
function exchange(agent: Agent, request: ExchangeRequest): Promise<Answer> {
  const { server, signal, body } = request
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const secure = server.protocol === 'https:'
    const outgoing = (secure ? httpsRequest : httpRequest)({
      agent,
      // A URL keeps the brackets of an IPv6 address; a socket wants none.
      host: server.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: server.port || (secure ? 443 : 80),
      method: request.method,
      path: `${server.pathname.replace(/\/$/, '')}${request.path}`,
      headers:
        body === undefined
          ? request.headers
          : // Without a length node sends the body of a DELETE unframed: its preconditions would be lost.
            { ...request.headers, 'content-length': Buffer.byteLength(body) },
    })
    let incoming: IncomingMessage | undefined
    const cut = (reason: unknown) => {
      clearTimeout(timer)
      reject(reason)
      const error = reason instanceof Error ? reason : new Error('aborted', { cause: reason })
      if (incoming) incoming.destroy(error)
      else outgoing.destroy(error)
    }
    const timer = setTimeout(
      () => cut(new DeadlineError(`no answer within ${request.timeoutMs} ms`)),
      request.timeoutMs,
    )
    const onAbort = () => cut(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }

    outgoing.on('error', error => {
      finish()
      reject(error)
    })
    outgoing.on('response', response => {
      incoming = response
      const head = {
        status: response.statusCode ?? 0,
        statusText: response.statusMessage ?? '',
        retryAfter: response.headers['retry-after'],
      }
      if (request.stream && head.status < 300) {
        clearTimeout(timer)
        response.once('close', finish)
        resolve({ ...head, text: '', stream: response })
        return
      }
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > request.maxBodyBytes) cut(new AnswerTooLargeError(request.maxBodyBytes))
        else chunks.push(chunk)
      })
      response.on('error', error => {
        finish()
        reject(error)
      })
      response.on('end', () => {
        finish()
        resolve({ ...head, text: Buffer.concat(chunks).toString('utf8') })
      })
    })
    outgoing.end(body)
  })
}
