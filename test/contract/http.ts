/** Raw HTTP for the contract suite: one request, one fresh connection, everything that came back. */
import { request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'

import { isRecord } from '../../src/sidecar/task-result.ts'
import type { SidecarAddress } from '../../src/sidecar/client.ts'

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Undefined where the body is no JSON. */
  readonly json: unknown
}

export interface RawRequest {
  readonly method?: string
  readonly path: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
}

export function send(address: SidecarAddress, { method = 'GET', path, body, headers }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { host, port } = address
    const request = httpRequest({ host, port, method, path, agent: false }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) })
      })
    })
    for (const [name, value] of Object.entries(headers ?? {})) request.setHeader(name, value)
    request.on('error', reject)
    request.end(body)
  })
}

/** A field of a JSON object; undefined where there is none. */
export function field(json: unknown, name: string): unknown {
  return isRecord(json) ? json[name] : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
