/** The head of an answer, line by line, and what it says about the body: `parseStatusLine`, `addHeader`, `framingOf`. Pure. */
import { MalformedAnswerError } from './errors.ts'

export interface StatusLine {
  /** 1.1 or 1.0, whose connections are not kept unless the server says so. */
  readonly isVersion11: boolean
  readonly status: number
  readonly statusText: string
}

/** By lower-case name; values of the same name joined with `, `. Without a prototype, so that no name means something else. */
export type ResponseHeaders = Readonly<Record<string, string>>

/** How the end of the body is known. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' }

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/
/** Up to 15 digits: always a safe integer. */
const LENGTH = /^[0-9]{1,15}$/

export function parseStatusLine(line: string): StatusLine {
  const match = STATUS_LINE.exec(line)
  if (!match) throw new MalformedAnswerError(`expected a status line of HTTP/1.1, found ${quote(line)}`)
  const [, minor, status, statusText = ''] = match
  return { isVersion11: minor === '1', status: Number(status), statusText }
}

/** Continued lines, which no server has to send any more, are refused. */
export function addHeader(headers: Record<string, string>, line: string): void {
  const match = FIELD.exec(line)
  if (!match) throw new MalformedAnswerError(`expected a header line, found ${quote(line)}`)
  const name = match[1]?.toLowerCase() ?? ''
  const value = match[2]?.trimEnd() ?? ''
  const before = headers[name]
  if (before === undefined) headers[name] = value
  // Two equal lengths are one; two different ones are two answers for two readers.
  else if (name !== 'content-length') headers[name] = `${before}, ${value}`
  else if (before !== value) throw new MalformedAnswerError(`two lengths of one body: ${before} and ${value}`)
}

/** Where two readers could disagree about the end of the body, there is none. */
export function framingOf({ isVersion11, status }: StatusLine, headers: ResponseHeaders, method: string): Framing {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers
  if (length !== undefined && !LENGTH.test(length)) {
    throw new MalformedAnswerError(`expected a length, found content-length: ${quote(length)}`)
  }
  if (encoding !== undefined && (!isVersion11 || length !== undefined || encoding.toLowerCase() !== 'chunked')) {
    throw new MalformedAnswerError(`expected chunks and nothing else, found transfer-encoding: ${quote(encoding)}`)
  }
  if (method === 'HEAD' || status === 204 || status === 304) return { kind: 'none' }
  if (encoding !== undefined) return { kind: 'chunked' }
  return length === undefined ? { kind: 'until-close' } : { kind: 'length', bytes: Number(length) }
}

/** For how long the server will keep the connection open, milliseconds; `limit` where it does not say, 0 where it closes. */
export function keptFor({ isVersion11 }: StatusLine, headers: ResponseHeaders, limit: number): number {
  const said = headers['connection']
  const options = said === undefined ? [] : said.toLowerCase().split(/[\t ]*,[\t ]*/)
  if (options.includes('close') || (!isVersion11 && !options.includes('keep-alive'))) return 0
  const hint = /(?:^|[,; ])timeout=([0-9]{1,9})/i.exec(headers['keep-alive'] ?? '')
  // A second less, since what is sent in the last moment meets a closed connection.
  return hint ? Math.max(0, Math.min(limit, (Number(hint[1]) - 1) * 1000)) : limit
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text)
}
