/** Takes an answer apart as its bytes come, however they are cut: `ResponseParser`. One for each request. */
import { assertNever } from '../../lib/assert-never.ts'
import { MalformedAnswerError } from './errors.ts'
import {
  addHeader,
  framingOf,
  keptFor,
  parseStatusLine,
  type ResponseHeaders,
  type StatusLine,
} from './response-head.ts'

export interface ResponseHead {
  readonly status: number
  readonly statusText: string
  readonly headers: ResponseHeaders
}

/** Told of each part in order: the head once, then the body's bytes, which stay valid. */
export interface ResponseSink {
  onHead(head: ResponseHead): void
  onData(bytes: Buffer): void
}

/** Status line and headers, interim answers (1xx) before them included; as many as node:http takes. */
export const MAX_HEAD_BYTES = 16 * 1024
/** The line that says how long a chunk is, with whatever extensions nobody reads. */
const MAX_CHUNK_LINE_BYTES = 1024

const CR = 0x0d
const LF = 0x0a
/** Up to 12 digits, always a safe integer, and extensions, which mean nothing to anybody. */
const CHUNK =
  /^([0-9a-fA-F]{1,12})(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"[\t\x20\x21\x23-\x5b\x5d-\x7e]*"))?)*$/

type LineState = 'status' | 'header' | 'chunk-size' | 'chunk-end' | 'trailer'
type State = LineState | 'body' | 'chunk-data' | 'until-close' | 'done'

export class ResponseParser {
  readonly #method: string
  readonly #sink: ResponseSink
  #state: State = 'status'
  #statusLine: StatusLine | undefined
  #headers: Record<string, string> = newHeaders()
  /** Bytes that the lines of this part may still have. */
  #lineBytesLeft = MAX_HEAD_BYTES
  /** The beginning of a line whose end has not come. */
  #held: Buffer[] = []
  /** Bytes of the body, or of its chunk, that have not come. */
  #remaining = 0

  constructor(method: string, sink: ResponseSink) {
    this.#method = method
    this.#sink = sink
  }

  /** The answer is whole. */
  get isDone(): boolean {
    return this.#state === 'done'
  }

  /** For how long its connection can be kept, milliseconds; 0 where the server closes it. Asked for when the answer is whole. */
  keptFor(limit: number): number {
    return this.#statusLine ? keptFor(this.#statusLine, this.#headers, limit) : 0
  }

  /** How many of the bytes belong to this answer. Throws a MalformedAnswerError; what came before it has been handed over. */
  push(bytes: Buffer): number {
    let at = 0
    while (at < bytes.length) {
      const state = this.#state
      if (state === 'done') break
      if (state === 'body' || state === 'chunk-data') {
        const part = bytes.subarray(at, at + this.#remaining)
        at += part.length
        this.#remaining -= part.length
        this.#sink.onData(part)
        if (this.#remaining === 0) this.#state = state === 'body' ? 'done' : 'chunk-end'
      } else if (state === 'until-close') {
        this.#sink.onData(bytes.subarray(at))
        at = bytes.length
      } else {
        const end = bytes.indexOf(LF, at)
        const next = end === -1 ? bytes.length : end + 1
        const line = this.#takeLine(bytes.subarray(at, next), end !== -1)
        at = next
        if (line !== undefined) this.#readLine(state, line)
      }
    }
    return at
  }

  /** The server sends no more: whether the answer is whole. */
  end(): boolean {
    if (this.#state === 'until-close') this.#state = 'done'
    return this.#state === 'done'
  }

  /** The line without its end, or undefined while that has not come. */
  #takeLine(bytes: Buffer, isComplete: boolean): string | undefined {
    this.#lineBytesLeft -= bytes.length
    if (this.#lineBytesLeft < 0) throw new MalformedAnswerError('the head of the answer, or of a chunk, is too long')
    const isWhole = this.#held.length === 0
    if (!isComplete || !isWhole) this.#held.push(bytes)
    if (!isComplete) return undefined
    const line = isWhole ? bytes : Buffer.concat(this.#held)
    this.#held = []
    if (line.at(-2) !== CR) throw new MalformedAnswerError('expected lines that end in CR LF, found LF alone')
    return line.toString('latin1', 0, line.length - 2)
  }

  #readLine(state: LineState, line: string): void {
    switch (state) {
      case 'status':
        this.#statusLine = parseStatusLine(line)
        this.#state = 'header'
        return
      case 'header':
        if (line === '') this.#endHead()
        else addHeader(this.#headers, line)
        return
      case 'chunk-size':
        this.#beginChunk(line)
        return
      case 'chunk-end':
        if (line !== '') throw new MalformedAnswerError('expected the end of a chunk, found more')
        this.#expectChunk()
        return
      case 'trailer':
        // Nobody reads them; what is no trailer must not pass for one.
        if (line === '') this.#state = 'done'
        else addHeader(newHeaders(), line)
        return
      default:
        assertNever(state)
    }
  }

  #endHead(): void {
    const statusLine = this.#statusLine
    if (!statusLine) throw new Error('a head without its status line')
    const { status, statusText } = statusLine
    if (status === 101) throw new MalformedAnswerError('expected an answer, found another protocol (101)')
    if (status < 200) {
      this.#headers = newHeaders()
      this.#state = 'status'
      return
    }
    const framing = framingOf(statusLine, this.#headers, this.#method)
    switch (framing.kind) {
      case 'none':
        this.#state = 'done'
        break
      case 'length':
        this.#remaining = framing.bytes
        this.#state = framing.bytes === 0 ? 'done' : 'body'
        break
      case 'chunked':
        this.#expectChunk()
        break
      case 'until-close':
        this.#state = 'until-close'
    }
    this.#sink.onHead({ status, statusText, headers: this.#headers })
  }

  #expectChunk(): void {
    this.#lineBytesLeft = MAX_CHUNK_LINE_BYTES
    this.#state = 'chunk-size'
  }

  #beginChunk(line: string): void {
    const digits = CHUNK.exec(line)?.[1]
    if (digits === undefined) throw new MalformedAnswerError('expected the length of a chunk, found none')
    this.#remaining = Number.parseInt(digits, 16)
    if (this.#remaining > 0) {
      // For the end of the chunk: an empty line.
      this.#lineBytesLeft = 2
      this.#state = 'chunk-data'
    } else {
      this.#lineBytesLeft = MAX_HEAD_BYTES
      this.#state = 'trailer'
    }
  }
}

function newHeaders(): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  return headers
}
