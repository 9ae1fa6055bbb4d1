/** The RPC of chain nodes over HTTP, as seictl asks it: `HttpRpc`. */
import type { ChainRpc } from './world.ts'
import { isObject } from './params.ts'

export class HttpRpc implements ChainRpc {
  readonly #fetch: typeof fetch

  constructor(fetcher: typeof fetch) {
    this.#fetch = fetcher
  }

  async latestHeight(host: string): Promise<number> {
    const height = Number(await this.#read(host, '/status', 'sync_info', 'latest_block_height'))
    if (!(height > 0)) throw new Error(`no height in the status of ${host}`)
    return height
  }

  async blockHash(host: string, height: number): Promise<string> {
    return String(await this.#read(host, `/block?height=${height}`, 'block_id', 'hash'))
  }

  async #read(host: string, path: string, outer: string, inner: string): Promise<unknown> {
    const answer: unknown = await (await this.#fetch(`http://${host}:26657${path}`)).json()
    const part = isObject(answer) ? answer[outer] : undefined
    return isObject(part) ? part[inner] : undefined
  }
}
