/** One socket to one server, for one request at a time: `Connection`. */
import type { Socket } from 'node:net'
import { ConnectTimeoutError } from './errors.ts'
import type { ResponseHead } from './response-parser.ts'
import { ResponseParser } from './response-parser.ts'

/** A request on its way, as its connection sees it. Exactly one of `onDone` and `onBroken` ends it. */
export interface Exchange {
  readonly method: string
  /** The whole request. */
  readonly text: string
  onConnection(connection: Connection): void
  onHead(head: ResponseHead): void
  onData(bytes: Buffer): void
  onDone(): void
  onBroken(broken: Broken): void
}

export interface Broken {
  /** What the socket or the parser had to say; undefined where the server just closed. */
  readonly error: Error | undefined
  /** The socket was connected, so that the request may have arrived. */
  readonly isSent: boolean
  /** It had carried a request before. */
  readonly isReused: boolean
  /** Bytes of an answer had come. */
  readonly isAnswered: boolean
}

export interface ConnectionOwner {
  /** The answer is whole, and the connection good for another request for `keepMs`. */
  onFree(connection: Connection, keepMs: number): void
  /** Told once, whatever the reason. */
  onClosed(connection: Connection): void
}

export interface ConnectionOptions {
  readonly socket: Socket
  /** What the socket emits when it can be written to. */
  readonly readyEvent: 'connect' | 'secureConnect'
  /** An idle connection is closed after that. */
  readonly idleMs: number
  /** It is given up where it has not come about after that. */
  readonly connectTimeoutMs?: number
}

export class Connection {
  readonly #socket: Socket
  readonly #owner: ConnectionOwner
  readonly #idleMs: number
  #isReady = false
  #isClosed = false
  #served = 0
  #exchange: Exchange | undefined
  #parser: ResponseParser | undefined
  #isAnswered = false
  #error: Error | undefined
  #idleTimer: NodeJS.Timeout | undefined
  #connectTimer: NodeJS.Timeout | undefined

  constructor({ socket, readyEvent, idleMs, connectTimeoutMs }: ConnectionOptions, owner: ConnectionOwner) {
    this.#socket = socket
    this.#owner = owner
    this.#idleMs = idleMs
    if (connectTimeoutMs !== undefined) {
      const giveUp = (): void => this.destroy(new ConnectTimeoutError(`no connection within ${connectTimeoutMs} ms`))
      this.#connectTimer = setTimeout(giveUp, connectTimeoutMs)
    }
    socket.once(readyEvent, () => {
      clearTimeout(this.#connectTimer)
      this.#isReady = true
      if (this.#exchange) socket.write(this.#exchange.text)
    })
    socket.on('data', (bytes: Buffer) => this.#onData(bytes))
    socket.on('end', () => this.#onEnd())
    socket.on('error', error => (this.#error ??= error))
    socket.on('close', () => this.#onClose())
  }

  /** Only on a connection that is new or free. */
  begin(exchange: Exchange): void {
    clearTimeout(this.#idleTimer)
    if (this.#served > 0) this.#socket.ref()
    this.#exchange = exchange
    this.#parser = new ResponseParser(exchange.method, exchange)
    this.#isAnswered = false
    exchange.onConnection(this)
    if (this.#isReady) this.#socket.write(exchange.text)
  }

  /** Keeps it without work: it does not keep the process alive, and is closed after `ms`. */
  park(ms: number): void {
    this.#socket.unref()
    this.#idleTimer = setTimeout(() => this.destroy(), ms)
    this.#idleTimer.unref()
  }

  get isSent(): boolean {
    return this.#isReady
  }

  /** Stops and continues the flow of an answer; without effect once another request has the connection. */
  pause(exchange: Exchange): void {
    if (this.#exchange === exchange) this.#socket.pause()
  }

  resume(exchange: Exchange): void {
    if (this.#exchange === exchange) this.#socket.resume()
  }

  /** Whatever is under way breaks. */
  destroy(error?: Error): void {
    this.#error ??= error
    this.#socket.destroy()
    // Its own event comes later: until then a new request could be given to it.
    this.#onClose()
  }

  #onData(bytes: Buffer): void {
    const parser = this.#parser
    // Nothing was asked: what comes would be taken for the answer to the next request.
    if (!parser) return this.destroy()
    this.#isAnswered = true
    let used: number
    try {
      used = parser.push(bytes)
    } catch (error) {
      return this.destroy(error instanceof Error ? error : new Error(String(error)))
    }
    if (parser.isDone) this.#onDone(parser, used === bytes.length)
  }

  #onEnd(): void {
    const parser = this.#parser
    if (parser?.end()) this.#onDone(parser, false)
    this.destroy()
  }

  #onDone(parser: ResponseParser, isReusable: boolean): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#parser = undefined
    this.#served++
    const keepMs = parser.keptFor(this.#idleMs)
    // An answer to a request that is not yet written: the rest of it would precede the next one.
    const isFree = isReusable && keepMs > 0 && !this.#isClosed && this.#socket.writableLength === 0
    exchange?.onDone()
    if (!isFree) return this.destroy()
    this.#socket.resume()
    this.#owner.onFree(this, keepMs)
  }

  #onClose(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#idleTimer)
    clearTimeout(this.#connectTimer)
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#parser = undefined
    this.#owner.onClosed(this)
    exchange?.onBroken({
      error: this.#error,
      isSent: this.#isReady,
      isReused: this.#served > 0,
      isAnswered: this.#isAnswered,
    })
  }
}
