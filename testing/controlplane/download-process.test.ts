/** A download through a proxy, which alone knows the way to the server. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { Server } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import { downloadInProcess } from './download-process.ts'
import { testDirectory } from './test-directory.ts'

function portOf(server: Server): number {
  const address = server.address()
  assert(typeof address === 'object' && address !== null)
  return address.port
}

/** A server that has nothing, and a proxy whose tunnels all lead to it; `tunnels` holds where they were to lead. */
async function proxied(t: TestContext) {
  const server = createServer((_, response) => response.writeHead(404).end())
  const tunnels = new Set<string>()
  const proxy = createServer()
  proxy.on('connect', ({ url = '' }, socket) => {
    tunnels.add(url)
    const onward = connect(portOf(server), '127.0.0.1', () =>
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n'),
    )
    for (const each of [socket, onward]) each.on('error', () => {})
    socket.pipe(onward).pipe(socket)
  })
  for (const each of [server, proxy]) {
    each.listen(0, '127.0.0.1')
    await once(each, 'listening')
    t.after(() => {
      each.closeAllConnections()
      each.close()
    })
  }
  return { tunnels, url: `http://127.0.0.1:${portOf(proxy)}` }
}

test('what HTTP_PROXY names is the way that a download takes, and its failure reads as without one', async t => {
  const { tunnels, url } = await proxied(t)
  const details: string[] = []
  const download = downloadInProcess(
    {
      outDir: testDirectory(t),
      versions: { kubernetes: 'v1.36.3', etcd: 'v3.6.16' },
      kubernetesUrl: 'http://release.invalid/k8s',
      etcdUrl: 'http://release.invalid/etcd',
      platform: 'linux',
      arch: 'x64',
      progress: { detail: text => details.push(text) },
    },
    { PATH: process.env['PATH'], HTTP_PROXY: url },
  )
  await assert.rejects(download, /^Error: http:\/\/release\.invalid\/\S+: HTTP status 404$/)
  assert.deepEqual([...tunnels], ['release.invalid:80'])
})
