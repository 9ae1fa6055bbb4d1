/** A world of real HTTP for the fake as a process: S3 in path style, unsigned, and the RPC of chain nodes. */
import { isRecord } from '../../../src/sidecar/task-result.ts'
import { S3Failure } from './world.ts'
import type { ChainRpc, ObjectPlace, ObjectStore } from './world.ts'

/** What AWS_ENDPOINT_URL_S3 names. */
export class HttpObjects implements ObjectStore {
  readonly #endpoint: string

  constructor(endpoint: string) {
    this.#endpoint = endpoint.replace(/\/$/, '')
  }

  async get({ bucket, key }: ObjectPlace): Promise<string | undefined> {
    const response = await fetch(`${this.#endpoint}/${bucket}/${key}`)
    const text = await response.text()
    if (response.ok) return text
    const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? `HTTP ${response.status}`
    if (code === 'NoSuchKey') return undefined
    throw new S3Failure(code)
  }

  async put({ bucket, key }: ObjectPlace, body: string): Promise<void> {
    const response = await fetch(`${this.#endpoint}/${bucket}/${key}`, { method: 'PUT', body })
    if (!response.ok) throw new S3Failure(`HTTP ${response.status}`)
  }

  async list({ bucket, key }: ObjectPlace): Promise<readonly string[]> {
    const query = new URLSearchParams({ 'list-type': '2', prefix: key })
    const text = await (await fetch(`${this.#endpoint}/${bucket}?${query.toString()}`)).text()
    return [...text.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, name]) => name ?? '')
  }
}

export class HttpRpc implements ChainRpc {
  async latestHeight(host: string): Promise<number> {
    const height = Number(await ask(host, '/status', 'sync_info', 'latest_block_height'))
    if (!(height > 0)) throw new Error(`no height in the status of ${host}`)
    return height
  }

  async blockHash(host: string, height: number): Promise<string> {
    return String(await ask(host, `/block?height=${height}`, 'block_id', 'hash'))
  }
}

async function ask(host: string, path: string, outer: string, inner: string): Promise<unknown> {
  const answer: unknown = await (await fetch(`http://${host}:26657${path}`)).json()
  const part = isRecord(answer) ? answer[outer] : undefined
  return isRecord(part) ? part[inner] : undefined
}
