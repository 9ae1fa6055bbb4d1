/** Who the server is, and who asks, over TLS. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { createServer, type TlsOptions } from 'node:tls'
import { Http1Client, type HttpTls } from './client.ts'
import { HttpError } from './errors.ts'
import { CERTIFICATES } from './testdata/certificates.ts'
import { ok } from './testdata/raw-server.ts'

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
  const clients: Http1Client[] = []
  return {
    get connections() {
      return connections
    },
    client(tls: HttpTls) {
      const client = new Http1Client({ maxSockets: 2, maxIdle: 2, idleMs: 30_000, tls })
      clients.push(client)
      return async (): Promise<string> => {
        const to = { host: '127.0.0.1', port: address.port }
        const limits = { timeoutMs: 20_000, maxBodyBytes: 1_000_000 }
        return (await client.request({ address: to, method: 'GET', path: '/', headers: {}, ...limits })).text
      }
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.close()
      server.close()
      await once(server, 'close')
    },
  }
}

const { ca } = CERTIFICATES

test('a server whose certificate is of the given authority is talked to, on one connection, in HTTP/1.1', async () => {
  await using server = await secureServer()
  const request = server.client({ ca })
  assert.equal(await request(), 'no name http/1.1 nobody')
  await request()
  assert.equal(server.connections, 1)
})

test('the name that the certificate must have, where given, is asked for and checked', async () => {
  await using server = await secureServer()
  assert.equal(await server.client({ ca, servername: 'api.example' })(), 'api.example http/1.1 nobody')
  await assert.rejects(server.client({ ca, servername: 'other.example' })(), (error: unknown) => {
    assert.ok(error instanceof HttpError)
    assert.deepEqual([error.kind, error.isSent, error.code], ['connect', false, 'ERR_TLS_CERT_ALTNAME_INVALID'])
    return true
  })
})

test('a server of an authority that is not known gets no request, unless verification is switched off', async () => {
  await using server = await secureServer()
  await assert.rejects(server.client({})(), { kind: 'connect', isSent: false })
  assert.equal(await server.client({ rejectUnauthorized: false })(), 'no name http/1.1 nobody')
})

test('a client certificate says who asks; a server that wants one refuses whoever has none', async () => {
  await using server = await secureServer({ requestCert: true, rejectUnauthorized: true, ca })
  assert.equal(await server.client({ ca, ...CERTIFICATES.client })(), 'no name http/1.1 client')
  await assert.rejects(server.client({ ca })(), HttpError)
})

test('a certificate that is none is an error of the connection', async () => {
  await using server = await secureServer()
  await assert.rejects(server.client({ ca, cert: 'none', key: 'none' })(), { kind: 'connect', isSent: false })
})
