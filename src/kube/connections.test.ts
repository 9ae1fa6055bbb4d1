/** Connections to an API server: identities over TLS, certificates that are replaced under a running client, `close`. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { TLSSocket } from 'node:tls'
import { selfSignedCertificate } from '../runtime/self-signed-certificate.ts'
import type { ClusterConfig, TlsConfig } from './cluster-config.ts'
import { loadClusterConfig } from './config.ts'
import { Connections } from './connections.ts'
import { fixedCredentials } from './credentials.ts'
import { createKubeClient } from './http-client.ts'
import { HttpError } from './http-error.ts'
import { RenewedTls } from './renewed-tls.ts'
import { pods } from './resources.ts'
import { steppingClock } from './scripted-server.ts'
import { CERTIFICATES } from './testdata/certificates.ts'
import { rawServer } from './testdata/raw-server.ts'

const REQUEST = { method: 'GET', path: '/', headers: {}, timeoutMs: 20_000, maxBodyBytes: 1_000_000 }

function configFor(server: string, tls: TlsConfig = {}): ClusterConfig {
  return { server, tls, credentials: fixedCredentials({}), namespace: 'sei', source: 'test' }
}

/**
 * Answers with a pod whose name is that in the client's certificate, and whose labels are the server name and the protocol
 * that the client asked for; with 401 to names in `refused`.
 */
async function secureServer(t: TestContext, options: ServerOptions = {}) {
  const refused = new Set<string>()
  const tls = { ...CERTIFICATES.server, requestCert: true, rejectUnauthorized: false, ...options }
  const server = createServer(tls, ({ socket }, response) => {
    assert.ok(socket instanceof TLSSocket)
    const name = String(socket.getPeerCertificate().subject?.CN ?? 'nobody')
    // The types do not know it: a server has the name here that the client asked for, or false.
    const labels = { server: String(Reflect.get(socket, 'servername')), protocol: String(socket.alpnProtocol) }
    const status = { kind: 'Status', code: 401, reason: 'Unauthorized' }
    response.writeHead(refused.has(name) ? 401 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(refused.has(name) ? status : { metadata: { name, labels } }))
  })
  let connections = 0
  server.on('secureConnection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return {
    refused,
    port: address.port,
    connections: () => connections,
    /** A client with these certificates, which tells what the server knows of it. */
    client(certificates: TlsConfig) {
      const client = new Connections(configFor(`https://127.0.0.1:${address.port}`, certificates), 2, () => 0)
      t.after(() => client.close())
      return async (): Promise<string> => {
        const { metadata } = JSON.parse((await client.exchange(REQUEST)).text)
        return `${metadata.labels.server} ${metadata.labels.protocol} ${metadata.name}`
      }
    },
  }
}

test('a server whose certificate is of the given authority is used, on one connection, in HTTP/1.1', async t => {
  const server = await secureServer(t)
  const request = server.client({ ca: CERTIFICATES.ca })
  assert.equal(await request(), 'false http/1.1 nobody')
  await request()
  assert.equal(server.connections(), 1)
})

test('the name that the certificate must have, where given, is asked for and checked', async t => {
  const server = await secureServer(t)
  assert.equal(await server.client({ ca: CERTIFICATES.ca, servername: 'api.example' })(), 'api.example http/1.1 nobody')
  const failure = { kind: 'connect', isSent: false, message: /does not match certificate's altnames/ }
  await assert.rejects(server.client({ ca: CERTIFICATES.ca, servername: 'other.example' })(), failure)
})

test('a server of an unknown authority gets no request, unless verification is switched off', async t => {
  const server = await secureServer(t)
  await assert.rejects(server.client({})(), { kind: 'connect', isSent: false })
  assert.equal(await server.client({ rejectUnauthorized: false })(), 'false http/1.1 nobody')
})

test('a client certificate says who asks; a server that requires one refuses a client without', async t => {
  const server = await secureServer(t, { requestCert: true, rejectUnauthorized: true, ca: CERTIFICATES.ca })
  assert.equal(await server.client({ ca: CERTIFICATES.ca, ...CERTIFICATES.client })(), 'false http/1.1 client')
  await assert.rejects(server.client({ ca: CERTIFICATES.ca })(), HttpError)
})

test('a certificate that is none is an error of the connection', async t => {
  const server = await secureServer(t)
  await assert.rejects(server.client({ ca: CERTIFICATES.ca, cert: 'none', key: 'none' })(), {
    kind: 'connect',
    isSent: false,
  })
})

test('a closed client has no connections, fails what is in progress or waits, and takes no more', async () => {
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

/** Files of a pod's service account, or of a kubeconfig beside them, and a client that was configured by them. */
async function configured(
  t: TestContext,
  port: number,
  from: 'kubeconfig' | 'service account',
  ca: string | Buffer = CERTIFICATES.ca,
) {
  const dir = await mkdtemp(join(tmpdir(), 'tls-'))
  t.after(() => rm(dir, { recursive: true }))
  const write = (name: string, text: string | Buffer) => writeFile(join(dir, name), text)
  await write('ca.crt', ca)
  await write('client.crt', CERTIFICATES.client.cert)
  await write('client.key', CERTIFICATES.client.key)
  await write('token', 'secret')
  await write('namespace', 'sei')
  const kubeconfig = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority': 'ca.crt' } }],
    users: [{ name: 'u', user: { 'client-certificate': 'client.crt', 'client-key': 'client.key' } }],
  }
  await write('config', JSON.stringify(kubeconfig))
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) }
  const clock = steppingClock()
  const config = await loadClusterConfig(
    from === 'kubeconfig'
      ? { kubeconfig: join(dir, 'config'), env: {} }
      : { env, serviceAccountDir: dir, monotonic: () => clock.monotonic() },
  )
  const made = createKubeClient(config, { clock })
  t.after(() => made.close())
  const name = async (): Promise<string | undefined> =>
    (await made.get(pods, { namespace: 'sei', name: 'a' }))?.metadata?.name
  return { clock, write, name }
}

for (const from of ['kubeconfig', 'service account'] as const) {
  test(`a server whose authority is new is trusted as soon as the files of a ${from} have that authority`, async t => {
    const { port } = await secureServer(t)
    const { clock, write, name } = await configured(t, port, from, selfSignedCertificate('earlier', new Date()).cert)
    for (let i = 0; i < 2; i++) {
      clock.advance(2_000)
      await assert.rejects(name(), { kind: 'connect' })
    }
    await write('ca.crt', CERTIFICATES.ca)
    clock.advance(1_000)
    assert.equal(await name(), from === 'kubeconfig' ? 'client' : 'nobody')
  })
}

test('a new client certificate is shown within a minute, though the connection was kept', async t => {
  const { port } = await secureServer(t)
  const { clock, write, name } = await configured(t, port, 'kubeconfig')
  assert.equal(await name(), 'client')
  await write('client.crt', CERTIFICATES.server.cert)
  await write('client.key', CERTIFICATES.server.key)
  clock.advance(59_000)
  assert.equal(await name(), 'client')
  clock.advance(1_000)
  assert.equal(await name(), 'server')
})

test('a client certificate that the server refuses is read again at once', async t => {
  const { port, refused } = await secureServer(t)
  const { clock, write, name } = await configured(t, port, 'kubeconfig')
  assert.equal(await name(), 'client')
  refused.add('client')
  clock.advance(2_000)
  await assert.rejects(name(), { status: 401 })
  await write('client.crt', CERTIFICATES.server.cert)
  await write('client.key', CERTIFICATES.server.key)
  clock.advance(2_000)
  assert.equal(await name(), 'server')
})

function renewed(read: () => Promise<TlsConfig>) {
  const clock = steppingClock()
  return { clock, tls: new RenewedTls({ tls: { ca: 'first' }, readTls: read }, () => clock.monotonic()) }
}

test('settings that read the same stay the same object, however many ask the source is asked once', async () => {
  let reads = 0
  const { clock, tls } = renewed(() => {
    reads++
    return Promise.resolve({ ca: 'first' })
  })
  const first = await tls.current()
  clock.advance(60_000)
  assert.deepEqual(await Promise.all([tls.current(), tls.current(), tls.current()]), [first, first, first])
  assert.equal(await tls.current(), first)
  assert.equal(reads, 1)
})

test('while a file cannot be read, the last settings stay, and it is retried each second', async () => {
  const answers = ['missing', 'missing', 'second']
  const { clock, tls } = renewed(() => {
    const ca = answers.shift() ?? ''
    return ca === 'missing' ? Promise.reject(new Error('ENOENT')) : Promise.resolve({ ca })
  })
  clock.advance(60_000)
  const seen: unknown[] = []
  for (let i = 0; i < 3; i++) {
    seen.push((await tls.current()).ca, (await tls.current()).ca)
    clock.advance(1_000)
  }
  assert.deepEqual(seen, ['first', 'first', 'first', 'first', 'second', 'second'])
})

test('in doubt the files are read again, but not more than once a second', async () => {
  let reads = 0
  const { clock, tls } = renewed(() => {
    reads++
    return Promise.resolve({ ca: 'first' })
  })
  for (let i = 0; i < 5; i++) {
    tls.doubt()
    await tls.current()
    clock.advance(500)
  }
  assert.equal(reads, 2)
})
