/** Ports that are free, different and outside the range of outgoing connections. */
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'

import { freePorts } from './ports.ts'

test('ports are different, can be listened on, and lie below the ephemeral ranges', async () => {
  const ports = await freePorts(5)
  assert.equal(new Set(ports).size, 5)
  for (const port of ports) {
    assert.ok(port >= 20_000 && port < 32_768, `${port}`)
    const server = createServer()
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    server.close()
  }
})
