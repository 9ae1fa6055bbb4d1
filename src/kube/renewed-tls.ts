/** TLS settings from files that may change while the process runs: `RenewedTls`. */
import { isDeepStrictEqual } from 'node:util'
import type { ClusterConfig, TlsConfig } from './cluster-config.ts'

/** Rereading interval. Authorities and client certificates are replaced well before the old ones expire. */
const MAX_AGE_MS = 60_000
/** The shortest interval between two readings while the server is unreachable or refuses. */
const LEAST_AGE_MS = 1_000

export class RenewedTls {
  readonly #read: (() => Promise<TlsConfig>) | undefined
  readonly #monotonic: () => number
  #current: TlsConfig
  #readAt: number
  #isDoubtful = false
  /** The reading in progress. */
  #reading: Promise<void> | undefined

  constructor({ tls, readTls }: Pick<ClusterConfig, 'tls' | 'readTls'>, monotonic: () => number) {
    this.#current = tls
    this.#read = readTls
    this.#monotonic = monotonic
    this.#readAt = monotonic()
  }

  /** The settings for a new connection. The object changes only if the settings change. */
  async current(): Promise<TlsConfig> {
    const age = this.#monotonic() - this.#readAt
    const isDue = age >= MAX_AGE_MS || (this.#isDoubtful && age >= LEAST_AGE_MS)
    if (this.#read && (isDue || this.#reading)) {
      this.#reading ??= this.#renew(this.#read)
      await this.#reading
    }
    return this.#current
  }

  /** Reports that the connection failed or the server refused the credentials. */
  doubt(): void {
    this.#isDoubtful = true
  }

  /** The last valid settings stay in use while a file is missing or incomplete. */
  async #renew(read: () => Promise<TlsConfig>): Promise<void> {
    try {
      const found = await read()
      if (!isDeepStrictEqual(found, this.#current)) this.#current = found
      this.#isDoubtful = false
    } catch {
      this.#isDoubtful = true
    } finally {
      this.#readAt = this.#monotonic()
      this.#reading = undefined
    }
  }
}
