/** Sends one HTTP request through an agent of node:http and reads or streams its answer: `exchange`. */
import { type Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { HttpError, httpErrorOf, type HttpErrorKind } from './http-error.ts'

export interface Target {
  readonly isSecure: boolean
  /** Without the brackets that a URL has around an IPv6 address. */
  readonly host: string
  readonly port: number
}

export interface ExchangeRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** For the whole answer, including the wait for a connection; for a stream, for its head. Milliseconds. */
  readonly timeoutMs: number
  /** For a new connection, milliseconds; `timeoutMs` by default. */
  readonly connectTimeoutMs?: number
  /** Size limit of a body that is not streamed. */
  readonly maxBodyBytes: number
  readonly signal?: AbortSignal | undefined
  /** Stream a successful answer: resolve when its head has arrived. */
  readonly isStream?: boolean
}

/** The body of an answer as it arrives. Reading ends with an error if the connection broke, or with that of `destroy`. */
export interface ByteStream extends AsyncIterable<Buffer> {
  destroy(error?: Error): void
}

/** `stream` is set for a successful answer to a request with `isStream`; otherwise `text` holds the whole body. */
export interface Answer {
  readonly status: number
  readonly statusText: string
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly stream?: ByteStream
}

/** Rejects with an HttpError. `agent` is as in node:http: `false` stands for a connection of its own. Sends nothing twice. */
export function exchange(agent: Agent | false, target: Target, request: ExchangeRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const { signal } = request
  if (signal?.aborted) {
    reject(new HttpError('aborted', 'the caller aborted the request', { isSent: false, cause: signal.reason }))
    return promise
  }
  let outgoing: ClientRequest
  try {
    outgoing = open(agent, target, request)
  } catch (error) {
    // Node refuses invalid options (certificate, port, path) before anything is sent.
    reject(httpErrorOf(error, false))
    return promise
  }

  let isSent = false
  let incoming: IncomingMessage | undefined
  let connectTimer: NodeJS.Timeout | undefined

  const finish = (): void => {
    clearTimeout(timer)
    clearTimeout(connectTimer)
    signal?.removeEventListener('abort', onAbort)
  }
  const fail = (error: HttpError): void => {
    finish()
    reject(error)
    if (incoming) incoming.destroy(error)
    else outgoing.destroy(error)
  }
  const giveUp = (kind: HttpErrorKind, message: string, cause?: unknown): void =>
    fail(new HttpError(kind, message, { isSent, cause }))
  const onAbort = (): void => giveUp('aborted', 'the caller aborted the request', signal?.reason)
  const timer = setTimeout(() => giveUp('timeout', `no answer within ${request.timeoutMs} ms`), request.timeoutMs)
  signal?.addEventListener('abort', onAbort, { once: true })

  outgoing.once('socket', socket => {
    if (outgoing.reusedSocket || !(socket.connecting || ('secureConnecting' in socket && socket.secureConnecting))) {
      isSent = true
      return
    }
    const { connectTimeoutMs } = request
    if (connectTimeoutMs !== undefined) {
      const message = `no connection within ${connectTimeoutMs} ms`
      connectTimer = setTimeout(() => giveUp('timeout', message), connectTimeoutMs)
    }
    socket.once(target.isSecure ? 'secureConnect' : 'connect', () => {
      clearTimeout(connectTimer)
      isSent = true
    })
  })
  outgoing.on('error', error => fail(httpErrorOf(error, isSent, outgoing.reusedSocket && !incoming)))
  outgoing.once('response', response => {
    incoming = response
    const { statusCode: status = 0, statusMessage: statusText = '', headers } = response
    response.on('error', error => fail(httpErrorOf(error, isSent)))
    if (request.isStream && status < 300) {
      clearTimeout(timer)
      response.once('close', finish)
      resolve({ status, statusText, headers, text: '', stream: response })
      return
    }
    const chunks: Buffer[] = []
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > request.maxBodyBytes) giveUp('too-large', `an answer of more than ${request.maxBodyBytes} bytes`)
      else chunks.push(chunk)
    })
    response.once('end', () => {
      finish()
      resolve({ status, statusText, headers, text: Buffer.concat(chunks, bytes).toString('utf8') })
      // The server answered before it read the whole request, whose rest would block the connection.
      if (!outgoing.writableFinished) outgoing.destroy()
    })
  })
  outgoing.end(request.body)
  return promise
}

function open(agent: Agent | false, target: Target, { method, path, headers, body }: ExchangeRequest): ClientRequest {
  return (target.isSecure ? httpsRequest : httpRequest)({
    // With `false`, node:http would make an agent for each request.
    ...(agent === false && !target.isSecure ? { createConnection: () => connect(target) } : { agent }),
    host: target.host,
    port: target.port,
    method,
    path,
    // Without a length, node:http sends the body of a DELETE unframed, and the server ignores its preconditions.
    headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
  })
}
