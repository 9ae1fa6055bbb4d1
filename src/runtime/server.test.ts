/** Tests of bind addresses and of the server that listens on them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listen, parseBindAddress } from './server.ts'

test('bind addresses read as flags of Kubernetes components write them', () => {
  assert.deepEqual(parseBindAddress(':8081'), { port: 8081 })
  assert.deepEqual(parseBindAddress('127.0.0.1:0'), { host: '127.0.0.1', port: 0 })
  assert.deepEqual(parseBindAddress('localhost:80'), { host: 'localhost', port: 80 })
  assert.deepEqual(parseBindAddress('[::1]:8443'), { host: '::1', port: 8443 })
  assert.equal(parseBindAddress('0'), undefined)
})

test('nonsense is refused with what was expected and what was found', () => {
  for (const text of ['', '8081', 'host', ':', ':x', ':70000', 'a:b:1', '::1:80', ' :80']) {
    assert.throws(() => parseBindAddress(text), {
      message: `bind address: expected ":port", "host:port", "[ipv6]:port" or "0" for none, found "${text}"`,
    })
  }
})

test('port 0 gives a free port, and close ends the connections that are kept alive', { timeout: 60_000 }, async () => {
  const server = await listen({ host: '127.0.0.1', port: 0 }, (_, response) => response.end('here'))
  assert.ok(server.port > 0)
  const response = await fetch(`http://127.0.0.1:${server.port}/`)
  assert.equal(await response.text(), 'here')
  await server.close()
  await assert.rejects(fetch(`http://127.0.0.1:${server.port}/`))
})

test('a port that is taken is named in the error', async () => {
  const server = await listen({ host: '127.0.0.1', port: 0 }, () => {})
  const again = listen({ host: '127.0.0.1', port: server.port }, () => {})
  await assert.rejects(again, { message: new RegExp(`listen on 127.0.0.1:${server.port}: .*EADDRINUSE`) })
  await server.close()
})

test('if the port is in use, no certificate is followed that would keep the process alive', async () => {
  const taken = await listen({ host: '127.0.0.1', port: 0 }, () => undefined)
  let followed = 0
  const certificate = {
    current: { cert: '', key: '' },
    follow: () => {
      followed += 1
      return () => undefined
    },
  }
  await assert.rejects(
    listen({ host: '127.0.0.1', port: taken.port }, () => undefined, certificate),
    /EADDRINUSE/,
  )
  assert.equal(followed, 0)
  await taken.close()
})
