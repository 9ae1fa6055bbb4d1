/** The body of an answer as it arrives, for one reader: `BodyStream`. Stops the connection while the reader is behind. */

/** What a stream asks of whatever fills it. */
export interface BodySource {
  pause(): void
  resume(): void
  /** Nobody reads any more: the connection is of no use. */
  abandon(): void
}

/** More than this waiting for the reader, and no more is taken from the server. */
const HIGH_WATER_BYTES = 64 * 1024

export class BodyStream implements AsyncIterable<Buffer> {
  readonly #source: BodySource
  #chunks: Buffer[] = []
  #bytes = 0
  #isPaused = false
  /** Set when nothing more comes; `error` where that is no good end. */
  #end: { readonly error?: unknown } | undefined
  /** The reader that waits. */
  #wake: (() => void) | undefined

  constructor(source: BodySource) {
    this.#source = source
  }

  /** Chunks in order, then the end, or the error that came in its place. Stopping the iteration abandons the rest. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    try {
      for (;;) {
        const chunk = this.#take()
        if (chunk) yield chunk
        else if (!this.#end) await new Promise<void>(resolve => (this.#wake = resolve))
        else if ('error' in this.#end) throw this.#end.error
        else return
      }
    } finally {
      this.destroy()
    }
  }

  /** What has not been read is lost; a reader gets the error, or the end. */
  destroy(error?: unknown): void {
    this.#chunks = []
    this.#bytes = 0
    const isOpen = this.#end === undefined
    if (error !== undefined) this.#end = { error }
    this.#finish({})
    if (isOpen) this.#source.abandon()
  }

  push(chunk: Buffer): void {
    if (this.#end) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes > HIGH_WATER_BYTES && !this.#isPaused) {
      this.#isPaused = true
      this.#source.pause()
    }
    this.#wakeReader()
  }

  /** The answer is whole. */
  end(): void {
    this.#finish({})
  }

  /** The connection broke: the reader gets what came before, then the error. */
  fail(error: unknown): void {
    this.#finish({ error })
  }

  #take(): Buffer | undefined {
    const chunk = this.#chunks.shift()
    if (!chunk) return undefined
    this.#bytes -= chunk.length
    if (this.#isPaused && this.#bytes === 0) {
      this.#isPaused = false
      if (!this.#end) this.#source.resume()
    }
    return chunk
  }

  #finish(end: { readonly error?: unknown }): void {
    this.#end ??= end
    this.#wakeReader()
  }

  #wakeReader(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
