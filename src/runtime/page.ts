/** Pages of plain text over HTTP: which one is asked for, and an answer in one piece. */
import type { ServerResponse } from 'node:http'

/** Where metrics are, and what somebody must be allowed to get to read them. */
export const METRICS_PATH = '/metrics'

/** Without the query. */
export function pathOf(url = '/'): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

export function answer(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
}
