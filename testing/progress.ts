/** Shows the progress of long work: one line that is rewritten every second on a terminal, a plain line now and then elsewhere. */

export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface ProgressOptions {
  readonly stream: ProgressStream
  /** Milliseconds; the wall clock by default. */
  readonly now?: () => number
}

const TERMINAL_INTERVAL_MS = 1000
const PLAIN_INTERVAL_MS = 15_000

/** The progress of one piece of work, which begins with the constructor; `detail` describes the current step, `end` replaces the line with the result. */
export class Progress implements Disposable {
  readonly #title: string
  readonly #stream: ProgressStream
  readonly #now: () => number
  readonly #started: number
  readonly #timer: NodeJS.Timeout
  #detail = ''
  #ended = false

  constructor(title: string, options: ProgressOptions) {
    this.#title = title
    this.#stream = options.stream
    this.#now = options.now ?? Date.now
    this.#started = this.#now()
    this.#timer = setInterval(() => this.#show(), options.stream.isTTY ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS)
    this.#timer.unref()
    this.#show()
  }

  /** Shown from the next line on. */
  detail(text: string): void {
    this.#detail = text
  }

  /** Ends the line with `result` and the time that the work took. */
  end(result: string): void {
    this.#finish(`${this.#title}: ${result} (${this.#elapsed()})\n`)
  }

  /** Removes the line without a result: an error has one elsewhere. */
  [Symbol.dispose](): void {
    this.#finish('')
  }

  #finish(text: string): void {
    if (this.#ended) return
    this.#ended = true
    clearInterval(this.#timer)
    this.#stream.write(`${this.#stream.isTTY ? '\r\x1b[K' : ''}${text}`)
  }

  #show(): void {
    const line = `${this.#title}, ${this.#elapsed()}${this.#detail ? `: ${this.#detail}` : ''}`
    if (this.#stream.isTTY) this.#stream.write(`\r\x1b[K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`)
    else this.#stream.write(`${line}\n`)
  }

  #elapsed(): string {
    return formatDuration(this.#now() - this.#started)
  }
}

/** "8 s", "2 min 5 s". */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
