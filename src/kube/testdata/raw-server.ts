/** A fake TCP server that sends scripted bytes: `rawServer`. */
import { once } from 'node:events'
import { Agent, type AgentOptions } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { type Answer, exchange, type ExchangeRequest } from '../exchange.ts'

/** Called for each request (head and what came with it), with the number of its connection and its number on that; both count from 1. */
export type RawHandler = (socket: Socket, text: string, connection: number, nth: number) => void

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
  const agents: Agent[] = []
  return {
    /** The server side of every connection so far. */
    sockets,
    port: address.port,
    client(options: AgentOptions = {}) {
      const agent = new Agent({ keepAlive: true, timeout: 30_000, ...options })
      agents.push(agent)
      return (request: Partial<ExchangeRequest> = {}): Promise<Answer> =>
        exchange(
          agent,
          { isSecure: false, host: '127.0.0.1', port: address.port },
          { method: 'GET', path: '/', headers: {}, timeoutMs: 20_000, maxBodyBytes: 1_000_000, ...request },
        )
    },
    async [Symbol.asyncDispose]() {
      for (const agent of agents) agent.destroy()
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An answer with a Content-Length. */
export function ok(body = 'ok', headers = ''): string {
  return `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
