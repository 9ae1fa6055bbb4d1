/** A handler on a real socket, for tests: `serve`. */
import type { RequestListener } from 'node:http'
import type { TestContext } from 'node:test'
import { listen } from './server.ts'

/** Gets pages from the handler until the test is over. */
export async function serve(context: TestContext, handler: RequestListener) {
  const server = await listen({ host: '127.0.0.1', port: 0 }, handler)
  context.after(() => server.close())
  return async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers })
    return { status: response.status, body: await response.text(), type: response.headers.get('content-type') }
  }
}
