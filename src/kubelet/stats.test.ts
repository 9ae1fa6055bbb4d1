/** What is asked of a kubelet over TLS, and what becomes of each kind of answer. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Credentials, fixedCredentials, tokenFileCredentials } from '../kube/credentials.ts'
import { CERTIFICATES } from '../kube/testdata/certificates.ts'
import { selfSignedCertificate } from '../runtime/self-signed-certificate.ts'
import { KubeletError, type KubeletFailure, kubeletClient, type KubeletOptions } from './stats.ts'

const GIB = 1024 ** 3
const SUMMARY = {
  node: { nodeName: 'n', fs: { usedBytes: 1, capacityBytes: 2 } },
  pods: [
    {
      podRef: { name: 'a-0', namespace: 'sei' },
      volume: [
        {
          name: 'data',
          pvcRef: { name: 'data-a', namespace: 'sei' },
          usedBytes: 91 * GIB,
          capacityBytes: 100 * GIB,
          inodesUsed: 7,
          inodes: 1000,
          time: '2026-11-27T12:00:00Z',
        },
        { name: 'token', usedBytes: 1, capacityBytes: 2 },
        {
          name: 'unlimited',
          pvcRef: { name: 'data-b', namespace: 'sei' },
          usedBytes: 0,
          capacityBytes: 5,
          inodesUsed: 3,
          inodes: 0,
        },
        { name: 'new', pvcRef: { name: 'data-c', namespace: 'sei' } },
        { name: 'odd', pvcRef: { name: 'data-d', namespace: 'sei' }, usedBytes: '5', capacityBytes: -1 },
        null,
      ],
    },
    { podRef: { name: 'without-volumes' } },
    null,
  ],
}

interface KubeletServer {
  readonly authorizations: (string | undefined)[]
  readonly ask: (options?: Partial<KubeletOptions>, tls?: KubeletOptions['config']['tls']) => Promise<unknown>
}

async function kubelet(
  t: TestContext,
  respond: RequestListener = (_, response) => response.end(JSON.stringify(SUMMARY)),
  certificate: { readonly cert: string; readonly key: string } = CERTIFICATES.server,
  credentials: Credentials = fixedCredentials({ authorization: 'Bearer t' }),
): Promise<KubeletServer> {
  const authorizations: (string | undefined)[] = []
  const server = createServer({ ...certificate }, (request, response) => {
    assert.equal(`${request.method} ${request.url}`, 'GET /stats/summary')
    authorizations.push(request.headers.authorization)
    respond(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return {
    authorizations,
    ask: (options = {}, tls = { ca: CERTIFICATES.ca }) => {
      const config = { tls, credentials }
      const client = kubeletClient({ config, monotonic: () => 0, isInsecure: false, port: address.port, ...options })
      return client.volumes('127.0.0.1', t.signal)
    },
  }
}

async function fails(asked: Promise<unknown>, kind: KubeletFailure, text: RegExp): Promise<void> {
  await assert.rejects(asked, (error: unknown) => {
    assert.ok(error instanceof KubeletError)
    assert.equal(error.kind, kind)
    assert.match(error.message, text)
    return true
  })
}

function status(code: number): RequestListener {
  return (_, response) =>
    response.writeHead(code).end('Forbidden (user=operator, verb=get, resource=nodes, subresource=stats)')
}

function refusingOthersThan(token: string): RequestListener {
  return (request, response) => {
    if (request.headers.authorization === `Bearer ${token}`) response.end('{"pods":[]}')
    else status(401)(request, response)
  }
}

test("a kubelet whose certificate is the cluster's is asked with the operator's token, and tells the use of each claim", async t => {
  const { ask, authorizations } = await kubelet(t)
  const measuredAt = Date.parse('2026-11-27T12:00:00Z')
  assert.deepEqual(
    await ask(),
    new Map<string, unknown>([
      ['sei/data-a', { bytes: { used: 91 * GIB, total: 100 * GIB }, inodes: { used: 7, total: 1000 }, measuredAt }],
      ['sei/data-b', { bytes: { used: 0, total: 5 }, inodes: undefined }],
    ]),
  )
  assert.deepEqual(authorizations, ['Bearer t'])
})

test('a kubelet with a certificate of its own gets no token, unless any certificate will do', async t => {
  const { ask, authorizations } = await kubelet(t, undefined, selfSignedCertificate('127.0.0.1', new Date()))
  await fails(ask(), 'unverified', /self-signed certificate/)
  assert.deepEqual(authorizations, [])
  assert.ok((await ask({ isInsecure: true })) instanceof Map)
  assert.deepEqual(authorizations, ['Bearer t'])
})

test('a certificate for another address, and one of an unknown authority, are refused', async t => {
  const { ask } = await kubelet(t)
  const other = selfSignedCertificate('ca', new Date()).cert
  await fails(ask({}, { ca: other }), 'unverified', /unable to (verify|get)/)
  await fails(ask({}, {}), 'unverified', /unable to (verify|get)/)
  const config = { tls: { ca: CERTIFICATES.ca }, credentials: fixedCredentials({}) }
  const server = createServer({ ...CERTIFICATES.server }, () => assert.fail('it was asked')).listen(0, '127.0.0.2')
  t.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const client = kubeletClient({ config, monotonic: () => 0, isInsecure: false, port: address.port })
  await fails(client.volumes('127.0.0.2', t.signal), 'unverified', /altnames|IP: 127\.0\.0\.2/)
})

test('verification is on where the API server is not verified', async t => {
  const { ask } = await kubelet(t, undefined, selfSignedCertificate('127.0.0.1', new Date()))
  await fails(ask({}, { rejectUnauthorized: false }), 'unverified', /self-signed certificate/)
})

for (const [code, kind] of [
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'malformed'],
  [500, 'malformed'],
] as const) {
  test(`HTTP ${code} of a kubelet is ${kind}`, async t => {
    const { ask } = await kubelet(t, status(code))
    await fails(ask(), kind, new RegExp(`HTTP ${code}`))
  })
}

for (const [name, body] of [
  ['no JSON', '<html>'],
  ['JSON of another kind', '[]'],
  ['null', 'null'],
  ['pods that are no list', '{"pods":{"a":1}}'],
] as const) {
  test(`nonsense of a kubelet is malformed: ${name}`, async t => {
    const { ask } = await kubelet(t, (_, response) => response.end(body))
    await fails(ask(), 'malformed', /an answer/)
  })
}

test('an answer above the bound is malformed, and not read further', async t => {
  const { ask } = await kubelet(t, (_, response) => response.end(`{"pods":[],"more":"${'x'.repeat(100_000)}"}`))
  await fails(ask({ maxBodyBytes: 50_000 }), 'malformed', /more than 50000 bytes/)
})

test('a kubelet that is not there, or breaks off, is unreachable', async t => {
  const { ask } = await kubelet(t, ({ socket }) => socket.destroy())
  await fails(ask(), 'unreachable', /hang up|ECONNRESET/)
  await fails(ask({ port: 1 }), 'unreachable', /ECONNREFUSED/)
})

test('a token that is replaced in its file is used after the kubelet refused the old one', async t => {
  const dir = await mkdtemp(join(tmpdir(), 'token-'))
  t.after(() => rm(dir, { recursive: true }))
  const file = join(dir, 'token')
  await writeFile(file, 'old')
  const credentials = tokenFileCredentials(file, () => 0)
  const { ask } = await kubelet(t, refusingOthersThan('new'), CERTIFICATES.server, credentials)
  await fails(ask(), 'unauthorized', /401/)
  await writeFile(file, 'new')
  assert.deepEqual(await ask(), new Map())
})
