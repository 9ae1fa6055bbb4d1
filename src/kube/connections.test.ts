/** Connections to an API server: who the server is and who the client is over TLS, and what `close` ends. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { createServer, type TlsOptions } from 'node:tls'
import type { ClusterConfig, TlsConfig } from './cluster-config.ts'
import { Connections } from './connections.ts'
import { fixedCredentials } from './credentials.ts'
import { HttpError } from './http-error.ts'
import { CERTIFICATES } from './testdata/certificates.ts'
import { ok, rawServer } from './testdata/raw-server.ts'

const REQUEST = { method: 'GET', path: '/', headers: {}, timeoutMs: 20_000, maxBodyBytes: 1_000_000 }

function configFor(server: string, tls: TlsConfig = {}): ClusterConfig {
  return { server, tls, credentials: fixedCredentials({}), namespace: 'sei', source: 'test' }
}

/** Answers with the name that the client asked for, the protocol, and the name in the client's certificate. */
async function secureServer(options: TlsOptions = {}) {
  let connections = 0
  const server = createServer({ ...CERTIFICATES.server, ALPNProtocols: ['h2', 'http/1.1'], ...options }, socket => {
    connections++
    socket.on('error', () => undefined)
    socket.on('data', () => {
      const { subject } = socket.getPeerCertificate()
      // The types do not know it: a server has the name here that the client asked for, or false.
      const servername: unknown = Reflect.get(socket, 'servername')
      const name = typeof servername === 'string' ? servername : 'no name'
      socket.write(ok(`${name} ${socket.alpnProtocol} ${String(subject?.CN ?? 'nobody')}`))
    })
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const opened: Connections[] = []
  return {
    get connections() {
      return connections
    },
    client(tls: TlsConfig) {
      const client = new Connections(configFor(`https://127.0.0.1:${address.port}`, tls), 2, () => 0)
      opened.push(client)
      return async (): Promise<string> => (await client.exchange(REQUEST)).text
    },
    async [Symbol.asyncDispose]() {
      for (const client of opened) client.close()
      server.close()
      await once(server, 'close')
    },
  }
}

const { ca } = CERTIFICATES

test('a server whose certificate is of the given authority is used, on one connection, in HTTP/1.1', async () => {
  await using server = await secureServer()
  const request = server.client({ ca })
  assert.equal(await request(), 'no name http/1.1 nobody')
  await request()
  assert.equal(server.connections, 1)
})

test('the name that the certificate must have, where given, is asked for and checked', async () => {
  await using server = await secureServer()
  assert.equal(await server.client({ ca, servername: 'api.example' })(), 'api.example http/1.1 nobody')
  const failure = { kind: 'connect', isSent: false, message: /does not match certificate's altnames/ }
  await assert.rejects(server.client({ ca, servername: 'other.example' })(), failure)
})

test('a server of an unknown authority gets no request, unless verification is switched off', async () => {
  await using server = await secureServer()
  await assert.rejects(server.client({})(), { kind: 'connect', isSent: false })
  assert.equal(await server.client({ rejectUnauthorized: false })(), 'no name http/1.1 nobody')
})

test('a client certificate says who asks; a server that requires one refuses a client without', async () => {
  await using server = await secureServer({ requestCert: true, rejectUnauthorized: true, ca })
  assert.equal(await server.client({ ca, ...CERTIFICATES.client })(), 'no name http/1.1 client')
  await assert.rejects(server.client({ ca })(), HttpError)
})

test('a certificate that is none is an error of the connection', async () => {
  await using server = await secureServer()
  await assert.rejects(server.client({ ca, cert: 'none', key: 'none' })(), { kind: 'connect', isSent: false })
})

test('a closed client has no connections, fails what is under way or waits, and takes no more', async () => {
  const received = Promise.withResolvers<void>()
  await using server = await rawServer(() => received.resolve())
  const client = new Connections(configFor(`http://127.0.0.1:${server.port}`), 1, () => 0)
  const both = Promise.allSettled([client.exchange(REQUEST), client.exchange(REQUEST)])
  await received.promise
  client.close()
  const reasons = (await both).map(result => result.status === 'rejected' && result.reason)
  assert.deepEqual(
    reasons.map(({ kind, isSent }) => [kind, isSent]),
    [
      ['closed', true],
      ['closed', false],
    ],
  )
  await assert.rejects(client.exchange(REQUEST), /the client is closed/)
  const [socket] = server.sockets
  assert.ok(socket)
  if (!socket.destroyed) await once(socket, 'close')
})
