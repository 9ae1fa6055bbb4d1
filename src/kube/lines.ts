/** Splits a stream of bytes into lines: `LineSplitter`. */

const NEWLINE = 0x0a

/** A line exceeds the limit; the splitter is unusable after this. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError'
}

/** Buffers one unfinished line of at most `maxBytes`. Decodes whole lines, so no character is split. */
export class LineSplitter {
  readonly #maxBytes: number
  #held: Buffer[] = []
  #heldBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The lines that this chunk completes, without line ends and without empty lines. Throws LineTooLongError. */
  push(chunk: Buffer): string[] {
    const lines: string[] = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = this.#take(chunk.subarray(start, end))
      if (line !== '') lines.push(line)
      start = end + 1
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start))
    return lines
  }

  /** Bytes of the unfinished line. */
  get unfinishedBytes(): number {
    return this.#heldBytes
  }

  #take(rest: Buffer): string {
    if (this.#heldBytes === 0 && rest.length <= this.#maxBytes) return rest.toString('utf8')
    this.#hold(rest)
    const line = Buffer.concat(this.#held, this.#heldBytes).toString('utf8')
    this.#held = []
    this.#heldBytes = 0
    return line
  }

  #hold(bytes: Buffer): void {
    this.#heldBytes += bytes.length
    if (this.#heldBytes > this.#maxBytes) throw new LineTooLongError(`a line is longer than ${this.#maxBytes} bytes`)
    this.#held.push(bytes)
  }
}
