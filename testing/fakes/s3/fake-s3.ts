/** A small S3 for sidecars that run as processes of their own: path style, unsigned, and able to hold its answers. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface FakeS3 {
  readonly endpoint: string
  readonly objects: Map<string, string | Buffer>
  /** From now on requests wait for `release`. */
  hold(): { release(): void }
  close(): Promise<void>
}

/** Keys of `objects` are `bucket/key`. By default on any port of the loopback address. */
export async function startFakeS3({ host = '127.0.0.1', port = 0 } = {}): Promise<FakeS3> {
  const objects = new Map<string, string | Buffer>()
  let gate = Promise.resolve()
  const server = createServer((request, response) => {
    void gate.then(() => answer(objects, request, response))
  })
  await new Promise<void>(resolve => server.listen(port, host, resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('fake S3: no TCP address')
  return {
    endpoint: `http://${host}:${address.port}`,
    objects,
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return { release: resolve }
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(objects: Map<string, string | Buffer>, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://s3')
  const name = decodeURIComponent(url.pathname.slice(1))
  if (request.method === 'PUT') {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      objects.set(name, Buffer.concat(chunks).toString('utf8'))
      response.writeHead(200, { ETag: '"played"' }).end()
    })
    return
  }
  const prefix = url.searchParams.get('prefix')
  if (prefix !== null) {
    const bucket = name.replace(/\/$/, '')
    const keys = [...objects.keys()].filter(key => key.startsWith(`${bucket}/${prefix}`))
    const entries = keys.map(key => `<Contents><Key>${key.slice(bucket.length + 1)}</Key></Contents>`)
    xml(response, 200, `<ListBucketResult><Name>${bucket}</Name>${entries.join('')}</ListBucketResult>`)
    return
  }
  const body = objects.get(name)
  if (body === undefined) {
    xml(response, 404, '<Error><Code>NoSuchKey</Code><Message>NoSuchKey</Message></Error>')
    return
  }
  response.writeHead(200, { ETag: '"played"', 'Content-Length': Buffer.byteLength(body) }).end(body)
}

function xml(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'application/xml' }).end(`<?xml version="1.0"?>${body}`)
}
