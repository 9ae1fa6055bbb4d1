/** TLS settings whose files may change under a running process: `RenewedTls`. */
import { isDeepStrictEqual } from 'node:util'
import type { ClusterConfig, TlsConfig } from './cluster-config.ts'

/** Authorities and client certificates are replaced well before the old ones expire. */
const MAX_AGE_MS = 60_000
/** While the server cannot be reached, or refuses, they are read no more often. */
const LEAST_AGE_MS = 1_000

export class RenewedTls {
  readonly #read: (() => Promise<TlsConfig>) | undefined
  readonly #monotonic: () => number
  #current: TlsConfig
  #readAt: number
  #isDoubtful = false
  /** Set while the source is read. */
  #reading: Promise<void> | undefined

  constructor({ tls, readTls }: Pick<ClusterConfig, 'tls' | 'readTls'>, monotonic: () => number) {
    this.#current = tls
    this.#read = readTls
    this.#monotonic = monotonic
    this.#readAt = monotonic()
  }

  /** The settings for a new connection: another object only where something in them has changed. */
  async current(): Promise<TlsConfig> {
    const age = this.#monotonic() - this.#readAt
    const isDue = age >= MAX_AGE_MS || (this.#isDoubtful && age >= LEAST_AGE_MS)
    if (this.#read && (isDue || this.#reading)) {
      this.#reading ??= this.#renew(this.#read)
      await this.#reading
    }
    return this.#current
  }

  /** No connection came about, or the server did not know who asks. */
  doubt(): void {
    this.#isDoubtful = true
  }

  /** What was read last stays in use while a file is missing or half written. */
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
