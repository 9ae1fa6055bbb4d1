/** Tests of TLS over a real socket: the certificate that is shown, and files that are replaced while the server runs. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { connect } from 'node:tls'
import { createLogger } from './log.ts'
import { ManualClock } from './manual-clock.ts'
import { type KeyPair, selfSignedCertificate } from './self-signed-certificate.ts'
import { listen } from './server.ts'
import { certificateFiles, ownCertificate, type ServingCertificate } from './serving-certificate.ts'

const NOW = new Date()

async function shownBy(port: number, ca: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', ca, servername: 'operator' })
  try {
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    return socket.getPeerX509Certificate()?.toString() ?? 'none'
  } finally {
    socket.destroy()
  }
}

async function serveWith(t: TestContext, certificate: ServingCertificate): Promise<number> {
  const server = await listen({ host: '127.0.0.1', port: 0 }, (_, response) => response.end(), certificate)
  t.after(() => server.close())
  return server.port
}

async function writePair(dir: string, { cert, key }: Partial<KeyPair>): Promise<void> {
  if (cert !== undefined) await writeFile(join(dir, 'tls.crt'), cert)
  if (key !== undefined) await writeFile(join(dir, 'tls.key'), key)
}

async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'sei-certificate-'))
  t.after(() => rm(dir, { recursive: true }))
  const log: string[] = []
  const clock = new ManualClock()
  const logger = createLogger({ level: 'info', format: 'json', destination: { write: line => log.push(line) } })
  /** Triggers one reading of the files, and waits for the expected log line, if any. */
  const reread = async (expected?: RegExp): Promise<void> => {
    await clock.advance(10_000)
    while (expected !== undefined ? !log.some(line => expected.test(line)) : clock.timers === 0) await clock.settle()
    while (clock.timers === 0) await clock.settle()
    log.length = 0
  }
  return { dir, clock, reread, options: { clock, log: logger } }
}

test('a server shows the certificate that it made for itself', async t => {
  const own = ownCertificate('operator', NOW)
  assert.equal(await shownBy(await serveWith(t, own), own.current.cert), own.current.cert)
})

test('files that are replaced are used from then on, without a restart', async t => {
  const { dir, reread, options } = await setUp(t)
  const [first, second] = [selfSignedCertificate('operator', NOW), selfSignedCertificate('operator', NOW)]
  await writePair(dir, first)
  const port = await serveWith(t, await certificateFiles(dir, options))
  assert.equal(await shownBy(port, first.cert), first.cert)
  await writePair(dir, second)
  await reread(/certificate replaced/)
  assert.equal(await shownBy(port, second.cert), second.cert)
  await reread()
})

test('while the key of a new certificate is missing, the last pair stays in use', async t => {
  const { dir, reread, options } = await setUp(t)
  const [first, second] = [selfSignedCertificate('operator', NOW), selfSignedCertificate('operator', NOW)]
  await writePair(dir, first)
  const port = await serveWith(t, await certificateFiles(dir, options))
  await writePair(dir, { cert: second.cert })
  await reread(/certificate not replaced/)
  assert.equal(await shownBy(port, first.cert), first.cert)
  await writePair(dir, { key: second.key })
  await reread(/certificate replaced/)
  assert.equal(await shownBy(port, second.cert), second.cert)
})

test('files that are not there are named', async t => {
  const { dir, options } = await setUp(t)
  await assert.rejects(certificateFiles(dir, options), { message: new RegExp(`ENOENT.*${dir}/tls.crt`) })
})

test('files that are no certificate, or not of one another, are named with what is wrong', async t => {
  const { dir, options } = await setUp(t)
  await writePair(dir, { cert: 'nothing', key: 'of use' })
  await assert.rejects(certificateFiles(dir, options), { message: new RegExp(`in ${dir} cannot be used: `) })
  const [one, other] = [selfSignedCertificate('operator', NOW), selfSignedCertificate('operator', NOW)]
  await writePair(dir, { cert: one.cert, key: other.key })
  await assert.rejects(certificateFiles(dir, options), { message: /cannot be used: .*key values mismatch/ })
})

test('a closed server rereads no files', async t => {
  const { dir, clock, options } = await setUp(t)
  await writePair(dir, selfSignedCertificate('operator', NOW))
  const server = await listen({ host: '127.0.0.1', port: 0 }, () => {}, await certificateFiles(dir, options))
  await server.close()
  assert.equal(clock.timers, 0)
})
