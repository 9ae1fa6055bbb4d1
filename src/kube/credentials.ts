/** Credentials for the API server: request headers that are fixed or renewed from their source. */
import { readFile } from 'node:fs/promises'

export type Headers = Readonly<Record<string, string>>

export interface Credentials {
  /** Headers for the next request. Rejects if the source gives none. */
  headers(): Promise<Headers>
  /** Reports that the server refused these headers (401), so that they are renewed. False if they are fixed. */
  refresh(refused: Headers): boolean
}

export function fixedCredentials(headers: Headers): Credentials {
  return { headers: () => Promise.resolve(headers), refresh: () => false }
}

/** `afterRefusal`: the source must bypass its own cache. */
export type ReadHeaders = (afterRefusal: boolean) => Promise<Headers>

/**
 * Headers that are cached for `maxAgeMs`. Concurrent requests share one call of the source. While the source fails, the last
 * headers stay in use unless the server has refused them.
 */
export class RenewedCredentials implements Credentials {
  readonly #read: ReadHeaders
  readonly #maxAgeMs: number
  readonly #monotonic: () => number
  #last: { readonly headers: Headers; readonly at: number; readonly refused: boolean } | undefined
  #refusals = 0
  /** The call of the source in progress. */
  #asking: Promise<Headers> | undefined

  constructor(read: ReadHeaders, maxAgeMs: number, monotonic: () => number) {
    this.#read = read
    this.#maxAgeMs = maxAgeMs
    this.#monotonic = monotonic
  }

  headers(): Promise<Headers> {
    const last = this.#last
    if (last && !last.refused && this.#monotonic() - last.at < this.#maxAgeMs) return Promise.resolve(last.headers)
    this.#asking ??= this.#ask()
    return this.#asking
  }

  refresh(refused: Headers): boolean {
    const last = this.#last
    // Another request with the same headers was refused before and has started the renewal.
    if (last?.headers === refused && !last.refused) {
      this.#last = { ...last, refused: true }
      // A call from before the refusal may return the refused headers, so its result is ignored.
      this.#refusals++
      this.#asking = undefined
    }
    return true
  }

  async #ask(): Promise<Headers> {
    const refusals = this.#refusals
    try {
      // In a promise of its own, because a source may throw synchronously, before this call is recorded.
      const headers = await Promise.resolve(this.#last?.refused === true).then(this.#read)
      if (refusals === this.#refusals) this.#last = { headers, at: this.#monotonic(), refused: false }
      return headers
    } catch (error) {
      if (!this.#last || this.#last.refused) throw error
      return this.#last.headers
    } finally {
      if (refusals === this.#refusals) this.#asking = undefined
    }
  }
}

/** Service account tokens rotate; the kubelet writes the new one well before the old one expires. */
const TOKEN_MAX_AGE_MS = 60_000

/** A bearer token from a file that is read again once a minute. */
export function tokenFileCredentials(path: string, monotonic: () => number): Credentials {
  const read = async () => {
    const token = (await readFile(path, 'utf8')).trim()
    if (token === '') throw new Error(`token file ${path}: expected a token, found an empty file`)
    return { authorization: `Bearer ${token}` }
  }
  return new RenewedCredentials(read, TOKEN_MAX_AGE_MS, monotonic)
}
