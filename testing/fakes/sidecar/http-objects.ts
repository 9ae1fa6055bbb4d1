/** S3 over plain HTTP, path style, unsigned: what AWS_ENDPOINT_URL_S3 points the fake process at. */
import { S3Failure } from './world.ts'
import type { ObjectPlace, ObjectStore } from './world.ts'

export class HttpObjects implements ObjectStore {
  readonly #endpoint: string
  readonly #fetch: typeof fetch

  constructor(endpoint: string, fetcher: typeof fetch) {
    this.#endpoint = endpoint.replace(/\/$/, '')
    this.#fetch = fetcher
  }

  async get({ bucket, key }: ObjectPlace): Promise<string | undefined> {
    const response = await this.#fetch(`${this.#endpoint}/${bucket}/${key}`)
    const text = await response.text()
    if (response.ok) return text
    const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? `HTTP ${response.status}`
    if (code === 'NoSuchKey') return undefined
    throw new S3Failure(code)
  }

  async put({ bucket, key }: ObjectPlace, body: string): Promise<void> {
    const response = await this.#fetch(`${this.#endpoint}/${bucket}/${key}`, { method: 'PUT', body })
    if (!response.ok) throw new S3Failure(`HTTP ${response.status}`)
  }

  async list({ bucket, key }: ObjectPlace): Promise<readonly string[]> {
    const query = new URLSearchParams({ 'list-type': '2', prefix: key })
    const text = await (await this.#fetch(`${this.#endpoint}/${bucket}?${query.toString()}`)).text()
    return [...text.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, name]) => name ?? '')
  }
}
