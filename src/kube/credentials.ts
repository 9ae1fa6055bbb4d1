/** What proves to the API server who is asking: request headers, fixed or asked of their source again and again. */
import { readFile } from 'node:fs/promises'

export type Headers = Readonly<Record<string, string>>

export interface Credentials {
  /** Headers for the next request. Rejects when there are none to be had. */
  headers(): Promise<Headers>
  /** The server refused these headers (401): later ones come from their source anew. False where that cannot change them. */
  refresh(refused: Headers): boolean
}

export function fixedCredentials(headers: Headers): Credentials {
  return { headers: () => Promise.resolve(headers), refresh: () => false }
}

/** `afterRefusal`: the source's own memory is to be passed over. */
export type ReadHeaders = (afterRefusal: boolean) => Promise<Headers>

/**
 * Headers that are kept for `maxAgeMs`. However many requests wait, the source is asked once; while it cannot answer, the
 * last headers stay in use unless the server has refused them: they are still the best guess.
 */
export class RenewedCredentials implements Credentials {
  readonly #read: ReadHeaders
  readonly #maxAgeMs: number
  readonly #monotonic: () => number
  #last: { readonly headers: Headers; readonly at: number; readonly refused: boolean } | undefined
  #refusals = 0
  /** Set while the source is asked. */
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
    // The other requests that were refused with the same headers find the source asked already.
    if (last?.headers === refused && !last.refused) {
      this.#last = { ...last, refused: true }
      // What was asked before the refusal may still answer as before it: it is no longer waited for, nor kept.
      this.#refusals++
      this.#asking = undefined
    }
    return true
  }

  async #ask(): Promise<Headers> {
    const refusals = this.#refusals
    try {
      // In a promise of its own: a source that throws at once must not end this attempt before it is noted.
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
