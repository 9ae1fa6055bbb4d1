/** A TCP server that says byte for byte what a test tells it to: `rawServer`. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { Http1Client, type Http1Options, type HttpRequest } from '../client.ts'
import type { HttpAnswer } from '../pending-request.ts'

/** Told of each request (head and what came with it), by connection and by its number on that; both count from 1. */
export type RawHandler = (socket: Socket, text: string, connection: number, nth: number) => void

type Ask = Partial<Omit<HttpRequest, 'address'>>

/** Closed, with its clients, when disposed of. */
export async function rawServer(handler: RawHandler) {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    const connection = sockets.push(socket)
    let nth = 0
    socket.on('data', (bytes: Buffer) => handler(socket, bytes.toString('latin1'), connection, ++nth))
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error(`expected a port, found ${address}`)
  const clients: Http1Client[] = []
  return {
    /** Server side of every connection there was. */
    sockets,
    port: address.port,
    client(options: Partial<Http1Options> = {}) {
      const client = new Http1Client({ maxSockets: 8, maxIdle: 8, idleMs: 30_000, ...options })
      clients.push(client)
      return (request: Ask = {}): Promise<HttpAnswer> =>
        client.request({
          address: { host: '127.0.0.1', port: address.port },
          method: 'GET',
          path: '/',
          headers: {},
          timeoutMs: 20_000,
          maxBodyBytes: 1_000_000,
          ...request,
        })
    },
    closeClients() {
      for (const client of clients) client.close()
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.close()
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An answer with a length. */
export function ok(body = 'ok', headers = ''): string {
  return `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
