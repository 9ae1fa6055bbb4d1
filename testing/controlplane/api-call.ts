/** One-off HTTPS calls to the control plane's API server, for starting it: readiness, the first role binding. */
import { request } from 'node:https'

export interface ApiCallTarget {
  readonly server: string
  readonly ca: string
  readonly token: string
}

export interface ApiAnswer {
  readonly status: number
  readonly body: string
}

const TIMEOUT_MS = 5000

/** Rejects when no answer comes within 5 s; every status is an answer. */
export function apiCall(target: ApiCallTarget, method: string, path: string, body?: unknown): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, target.server),
      {
        method,
        ca: target.ca,
        agent: false,
        headers: { authorization: `Bearer ${target.token}`, 'content-type': 'application/json' },
        timeout: TIMEOUT_MS,
      },
      response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('error', reject)
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        )
      },
    )
    outgoing.once('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer in ${TIMEOUT_MS} ms`)))
    outgoing.once('error', reject)
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
