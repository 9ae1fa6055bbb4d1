/** The connections to one server: `Pool` hands out a kept one, opens another, or has the request wait for its turn. */
import { Connection, type ConnectionOptions, type ConnectionOwner, type Exchange } from './connection.ts'

export interface PoolOptions {
  /** Throws where not even an attempt can be made: certificates that are none, a port that cannot be. */
  readonly connect: () => ConnectionOptions
  /** Connections at once, idle ones included. */
  readonly maxSockets: number
  /** Idle ones of them that are kept. */
  readonly maxIdle: number
  /** Told when neither connections nor requests are left. */
  readonly onEmpty: () => void
}

export class Pool implements ConnectionOwner {
  readonly #options: PoolOptions
  readonly #open = new Set<Connection>()
  /** The one used last is the last: others grow old and are closed. */
  readonly #idle: Connection[] = []
  /** In order of arrival. */
  readonly #waiting = new Set<Exchange>()
  #isRetired = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  submit(exchange: Exchange): void {
    const kept = this.#idle.pop()
    if (kept) kept.begin(exchange)
    else if (this.#open.size < this.#options.maxSockets) this.#connect(exchange)
    else this.#waiting.add(exchange)
  }

  /** Of a request that has no connection yet. */
  withdraw(exchange: Exchange): void {
    this.#waiting.delete(exchange)
  }

  /** No connection outlives the requests that there are. */
  retire(): void {
    this.#isRetired = true
    // Each leaves the list as it is destroyed.
    for (const connection of this.#idle.slice()) connection.destroy()
  }

  /** Breaks every request, those that wait included. */
  close(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const connection of this.#open) connection.destroy()
    for (const exchange of waiting) {
      exchange.onBroken({ error: undefined, isSent: false, isReused: false, isAnswered: false })
    }
  }

  onFree(connection: Connection, keepMs: number): void {
    const next = this.#next()
    if (next) return connection.begin(next)
    if (this.#isRetired || this.#idle.length >= this.#options.maxIdle) return connection.destroy()
    this.#idle.push(connection)
    connection.park(keepMs)
  }

  onClosed(connection: Connection): void {
    this.#open.delete(connection)
    const index = this.#idle.indexOf(connection)
    if (index !== -1) this.#idle.splice(index, 1)
    const next = this.#next()
    if (next) this.#connect(next)
    if (this.#open.size === 0) this.#options.onEmpty()
  }

  #connect(exchange: Exchange): void {
    let connection: Connection
    try {
      connection = new Connection(this.#options.connect(), this)
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause))
      exchange.onBroken({ error, isSent: false, isReused: false, isAnswered: false })
      const next = this.#next()
      if (next) this.#connect(next)
      return
    }
    this.#open.add(connection)
    connection.begin(exchange)
  }

  #next(): Exchange | undefined {
    for (const exchange of this.#waiting) {
      this.#waiting.delete(exchange)
      return exchange
    }
    return undefined
  }
}
