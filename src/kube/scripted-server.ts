/** A fake HTTP server for the tests of this folder, with scripted answers and recorded requests. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { KubeClock } from './clock.ts'
import type { ClusterConfig } from './cluster-config.ts'
import { fixedCredentials } from './credentials.ts'
import { createKubeClient, type ClientOptions } from './http-client.ts'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Handler = (request: SeenRequest, response: ServerResponse) => void

/** Listens on a free port until disposed of; `requests` and `connections` count from the start. */
export async function scriptedServer(handler: Handler) {
  const requests: SeenRequest[] = []
  let connections = 0
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://server')
      const { method = '', headers } = incoming
      const body = Buffer.concat(chunks).toString('utf8')
      const seen = { method, path: url.pathname, query: url.searchParams, headers, body }
      requests.push(seen)
      handler(seen, response)
    })
  })
  server.on('connection', () => connections++)
  const tunnels: string[] = []
  server.on('connect', ({ url = '' }, socket) => {
    tunnels.push(url)
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    server.emit('connection', socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error(`expected a port, found ${address}`)
  const config: ClusterConfig = {
    server: `http://127.0.0.1:${address.port}`,
    tls: {},
    credentials: fixedCredentials({ authorization: 'Bearer test' }),
    namespace: 'default',
    source: 'test',
  }
  const clients: { close(): void }[] = []
  return {
    config,
    requests,
    /** The target of each CONNECT. As a proxy the server connects to itself. */
    tunnels,
    get connections() {
      return connections
    },
    client(options: ClientOptions & { config?: Partial<ClusterConfig> } = {}) {
      const client = createKubeClient({ ...config, ...options.config }, { random: () => 0, ...options })
      clients.push(client)
      return client
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export function failure(response: ServerResponse, code: number, reason: string, more: object = {}) {
  answer(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, ...more })
}

/** A fake clock whose timers fire at once and are recorded. */
export function steppingClock(): KubeClock & { readonly sleeps: number[]; advance(ms: number): void } {
  let time = 0
  const sleeps: number[] = []
  return {
    sleeps,
    monotonic: () => time,
    advance(ms) {
      time += ms
    },
    setTimeout(callback, ms) {
      sleeps.push(ms)
      time += ms
      return setImmediate(callback)
    },
    clearTimeout: timer => timer[Symbol.dispose](),
  }
}
