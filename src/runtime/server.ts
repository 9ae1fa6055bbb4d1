/** HTTP and HTTPS servers: `listen` on a bind address as Kubernetes' flags write it (`:8081`, `127.0.0.1:0`, `0` for none), and answer in text. */
import type { RequestListener, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ServingCertificate } from './serving-certificate.ts'

export interface BindAddress {
  /** Absent: every address of the machine. */
  readonly host?: string
  /** 0: any free port. */
  readonly port: number
}

/** A server that listens. */
export interface BoundServer {
  readonly port: number
  /** Stops listening and ends the connections, idle or not. */
  close(): Promise<void>
}

/** Reads a bind address; undefined for `0`, which means no server. Throws on anything else that is not `[host]:port`. */
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

// What asks here sends headers alone: a client that takes longer than this is broken.
const TIMEOUTS = { requestTimeout: 10_000, headersTimeout: 5000, handshakeTimeout: 5000 }

/**
 * Resolves once the server listens, by HTTPS where there is a certificate; rejects where it cannot, naming the address,
 * and where the certificate is of no use.
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
  // Not before it listens: what looks at files again and again would keep a process alive that has nothing to serve.
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

/** Without the query. */
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
