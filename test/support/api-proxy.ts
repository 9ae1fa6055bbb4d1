/** An HTTP proxy between an operator and the API server, which can observe and disturb every call: `ApiProxy`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClusterConfig } from '../../src/kube/cluster-config.ts'
import { loadClusterConfig } from '../../src/kube/config.ts'
import { readApiCall, type ApiCall } from './api-call.ts'

/**
 * The API server never gets the call:
 * - `reset`: the connection is cut;
 * - `hang`: the client never gets an answer;
 * - `answer`: the client gets this answer.
 */
export type ApiFault =
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' }
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly reason: string
      readonly headers?: Readonly<Record<string, string>>
    }

export interface ApiProxyOptions {
  /** The identity of forwarded calls. */
  readonly kubeconfigPath: string
  /** User agent that identifies the client's requests in the audit log; the client's own by default. */
  readonly userAgent?: string
  readonly faults?: (call: ApiCall) => ApiFault | undefined
  /** The API server has answered a call other than a GET. True: the connection is cut, and the client gets no answer. */
  readonly withhold?: (call: ApiCall, status: number) => boolean
}

/** The answer to a list or a watch in progress. */
interface Watch {
  readonly call: ApiCall
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export class ApiProxy implements AsyncDisposable {
  /** The configuration of a client that uses the proxy. */
  readonly kubeconfigPath: string
  readonly #options: ApiProxyOptions
  readonly #config: ClusterConfig
  readonly #agent: Agent
  readonly #server: Server
  readonly #dir: string
  readonly #watches = new Set<Watch>()
  readonly #stalled = new Set<string>()

  private constructor(options: ApiProxyOptions, config: ClusterConfig, dir: string) {
    this.#options = options
    this.#config = config
    this.#dir = dir
    this.kubeconfigPath = join(dir, 'kubeconfig')
    this.#agent = new Agent({ ...config.tls, keepAlive: true })
    this.#server = createServer((request, response) => {
      // Any failure on the way to the API server looks to the client like an outage.
      this.#forward(request, response).catch(() => request.socket.destroy())
    })
  }

  static async start(options: ApiProxyOptions): Promise<ApiProxy> {
    const config = await loadClusterConfig({ kubeconfig: options.kubeconfigPath, env: {} })
    const dir = await mkdtemp(join(tmpdir(), 'sei-api-proxy-'))
    const proxy = new ApiProxy(options, config, dir)
    await new Promise<void>(resolve => proxy.#server.listen(0, '127.0.0.1', resolve))
    const address = proxy.#server.address()
    if (address === null || typeof address === 'string') throw new Error(`expected a port, found ${address}`)
    const { authorization = '' } = await config.credentials.headers()
    const token = authorization.replace(/^Bearer /, '')
    await writeFile(proxy.kubeconfigPath, kubeconfig(`http://127.0.0.1:${address.port}`, token), { mode: 0o600 })
    return proxy
  }

  /** From now on the client gets no data from lists and watches of the resource. */
  stallWatches(resource: string): void {
    for (const watch of this.#watches) if (watch.call.resource === resource) watch.incoming.unpipe(watch.response)
    this.#stalled.add(resource)
  }

  /** The client gets the data that was withheld. */
  resumeWatches(resource: string): void {
    this.#stalled.delete(resource)
    for (const watch of this.#watches) if (watch.call.resource === resource) watch.incoming.pipe(watch.response)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve))
    this.#server.closeAllConnections()
    this.#agent.destroy()
    await closed
    await rm(this.#dir, { recursive: true, force: true })
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request)
    const call = readApiCall(request.method ?? 'GET', request.url ?? '/', body.toString('utf8'))
    const fault = this.#options.faults?.(call)
    if (fault?.kind === 'reset') {
      request.socket.destroy()
      return
    }
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'answer') {
      send(response, spoiled(fault))
      return
    }
    const incoming = await this.#ask(request, body)
    if (call.method === 'GET') {
      response.writeHead(incoming.statusCode ?? 502, incoming.headers)
      // Send the head of a watch at once, because its first event may come minutes later.
      response.flushHeaders()
      incoming.on('error', () => response.destroy())
      response.on('close', () => incoming.destroy())
      const watch: Watch = { call, incoming, response }
      if (call.name === '') this.#watches.add(watch)
      incoming.on('close', () => this.#watches.delete(watch))
      if (!(call.name === '' && this.#stalled.has(call.resource))) incoming.pipe(response)
      return
    }
    const answer = { status: incoming.statusCode ?? 502, headers: incoming.headers, body: await bytesOf(incoming) }
    if (this.#options.withhold?.(call, answer.status) === true) {
      request.socket.destroy()
      return
    }
    send(response, answer)
  }

  async #ask({ method, url, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { host: _, connection: _connection, ...rest } = headers
    const credentials = await this.#config.credentials.headers()
    const { userAgent = headers['user-agent'] } = this.#options
    return new Promise((resolve, reject) => {
      const target = new URL(url ?? '/', this.#config.server)
      const options = { method, agent: this.#agent, headers: { ...rest, ...credentials, 'user-agent': userAgent } }
      const outgoing = httpsRequest(target, options, resolve)
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const { 'transfer-encoding': _, connection: _connection, ...rest } = headers
  response.writeHead(status, { ...rest, 'content-length': body.length })
  response.end(body)
}

function spoiled({ status, reason, headers = {} }: Extract<ApiFault, { kind: 'answer' }>): Answer {
  const message = 'spoiled by the test'
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, reason, message }
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  }
}

/** @param token for kubelets, which the client asks without the proxy */
function kubeconfig(server: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'proxy',
    clusters: [{ name: 'proxy', cluster: { server } }],
    users: [{ name: 'proxied', user: { token } }],
    contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'proxied' } }],
  })
}
