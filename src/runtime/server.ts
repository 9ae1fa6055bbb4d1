/** HTTP and HTTPS servers with text answers: `listen` on a bind address in the form of Kubernetes' flags (`:8081`, `127.0.0.1:0`, `0` for none). */
import type { RequestListener, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ServingCertificate } from './serving-certificate.ts'

export interface BindAddress {
  /** Absent: all interfaces. */
  readonly host?: string
  /** 0: any free port. */
  readonly port: number
}

/** A server that listens. */
export interface BoundServer {
  readonly port: number
  /** Stops listening and closes all connections. */
  close(): Promise<void>
}

/** Parses a bind address; undefined for `0`, which means no server. Throws unless it is `[host]:port`. */
export function parseBindAddress(text: string): BindAddress | undefined {
  if (text === '0') return undefined
  const match = /^(?:\[(?<ipv6>[0-9A-Fa-f:.]+)\]|(?<host>[^[\]:\s]*)):(?<port>\d{1,5})$/.exec(text)
  const port = Number(match?.groups?.['port'])
  if (match === null || port > 65_535) {
    throw new Error(`bind address: expected ":port", "host:port", "[ipv6]:port" or "0" for none, found "${text}"`)
  }
  const host = match.groups?.['ipv6'] ?? match.groups?.['host'] ?? ''
  return host === '' ? { port } : { host, port }
}

// Requests here have no body: a client that takes longer than this is broken.
const TIMEOUTS = { requestTimeout: 10_000, headersTimeout: 5000, handshakeTimeout: 5000 }

/**
 * Resolves when the server listens, by HTTPS if there is a certificate. Rejects with an error that names the address if it
 * cannot listen, or if the certificate is unusable.
 */
export async function listen(
  address: BindAddress,
  handler: RequestListener,
  certificate?: ServingCertificate,
): Promise<BoundServer> {
  const server = certificate
    ? createSecureServer({ ...TIMEOUTS, ...certificate.current }, handler)
    : createServer(TIMEOUTS, handler)
  await new Promise<void>((resolve, reject) => {
    const where = `${address.host ?? ''}:${address.port}`
    server.once('error', cause => reject(new Error(`listen on ${where}: ${cause.message}`, { cause })))
    server.listen({ ...address }, resolve)
  })
  // Only when it listens: a timer that rereads files would keep a process without a server alive.
  const unfollow = 'setSecureContext' in server ? certificate?.follow(pair => server.setSecureContext(pair)) : undefined
  return {
    port: portOf(server),
    close: () => {
      unfollow?.()
      return close(server)
    },
  }
}

function portOf(server: Server | SecureServer): number {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('listen: expected a TCP address')
  return address.port
}

function close(server: Server | SecureServer): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close(error => (error === undefined ? resolve() : reject(error)))
    server.closeAllConnections()
  })
}

/** The path without the query. */
export function pathOf(url = '/'): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

export function answer(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
}
