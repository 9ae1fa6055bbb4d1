/** Authorities and client certificates are replaced under a running client: it goes on, and notices by itself. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { TLSSocket } from 'node:tls'
import { selfSignedCertificate } from '../runtime/self-signed-certificate.ts'
import type { TlsConfig } from './cluster-config.ts'
import { loadClusterConfig } from './config.ts'
import { createKubeClient } from './http-client.ts'
import { CERTIFICATES } from './testdata/certificates.ts'
import { RenewedTls } from './renewed-tls.ts'
import { pods } from './resources.ts'
import { steppingClock } from './scripted-server.ts'

const KEY = { namespace: 'sei', name: 'a' }

/** Answers with a pod whose name is that in the client's certificate; 401 to names in `refused`. */
async function secureServer(t: TestContext) {
  const refused = new Set<string>()
  const server = createServer(
    { ...CERTIFICATES.server, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const name =
        request.socket instanceof TLSSocket ? String(request.socket.getPeerCertificate().subject?.CN ?? 'nobody') : ''
      const status = { kind: 'Status', code: 401, reason: 'Unauthorized' }
      response.writeHead(refused.has(name) ? 401 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(refused.has(name) ? status : { metadata: { name } }))
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return { refused, port: address.port }
}

/** Files of a pod's service account, or of a kubeconfig beside them, and a client that was configured by them. */
async function client(
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
  const name = async (): Promise<string | undefined> => (await made.get(pods, KEY))?.metadata?.name
  return { clock, write, name }
}

for (const from of ['kubeconfig', 'service account'] as const) {
  test(`a server whose authority is new is trusted as soon as the files of a ${from} have that authority`, async t => {
    const { port } = await secureServer(t)
    const { clock, write, name } = await client(t, port, from, selfSignedCertificate('earlier', new Date()).cert)
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
  const { clock, write, name } = await client(t, port, 'kubeconfig')
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
  const { clock, write, name } = await client(t, port, 'kubeconfig')
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

test('while a file cannot be read, the last settings stay, and it is tried again each second', async () => {
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
