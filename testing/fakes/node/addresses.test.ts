/** Tests of addresses.ts and pod-port.ts on this machine's loopback addresses. */
import assert from 'node:assert/strict'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { leaseAddresses } from './addresses.ts'
import { PodPort } from './pod-port.ts'

const NOT_LINUX = process.platform === 'linux' ? false : 'this system has no loopback addresses of its own for pods'

test('two leases never share a block', { skip: NOT_LINUX }, async () => {
  const [one, two] = [await leaseAddresses(), await leaseAddresses()]
  assert.notEqual(block(one.take()), block(two.take()))
  await Promise.all([one.close(), two.close()])
})

test('an address is taken once until it is released, and comes back last', { skip: NOT_LINUX }, async () => {
  const addresses = await leaseAddresses()
  const first = addresses.take()
  assert.match(first, /^127\.\d+\.0\.1$/)
  assert.notEqual(addresses.take(), first)
  addresses.release(first)
  assert.notEqual(addresses.take(), first)
  await addresses.close()
})

test(
  'a port refuses connections while it is closed, and breaks those that were open',
  { skip: NOT_LINUX },
  async () => {
    const addresses = await leaseAddresses()
    const host = addresses.take()
    const port = new PodPort({ host, port: 7777, createServer: () => createServer(socket => socket.write('hello')) })
    await port.open()
    const socket = connect(7777, host)
    assert.equal(await once(socket, 'data'), 'hello')
    const closed = once(socket, 'close')
    await port.close()
    await closed
    assert.match(await once(connect(7777, host), 'error'), /ECONNREFUSED/)
    await port.open()
    const again = connect(7777, host)
    assert.equal(await once(again, 'data'), 'hello')
    await port.close()
    await addresses.close()
  },
)

test('a port that is taken is an error', { skip: NOT_LINUX }, async () => {
  const addresses = await leaseAddresses()
  const options = { host: addresses.take(), port: 7777, createServer: () => createServer() }
  const one = new PodPort(options)
  await one.open()
  await assert.rejects(new PodPort(options).open(), /EADDRINUSE/)
  await one.close()
  await addresses.close()
})

function block(address: string): string | undefined {
  return address.split('.')[1]
}

function once(socket: Socket, event: 'data' | 'close' | 'error'): Promise<string> {
  return new Promise(resolve => {
    socket.once(event, (value: unknown) => resolve(String(value)))
    if (event !== 'error') socket.on('error', () => {})
  })
}
