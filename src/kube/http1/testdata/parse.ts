/** Everything that a parser makes of some pieces: `parse`. */
import { ResponseParser, type ResponseHead } from '../response-parser.ts'

export interface ParseOptions {
  readonly method?: string
  /** The server closes after the pieces. */
  readonly end?: boolean
  readonly limit?: number
}

export function parse(pieces: readonly Buffer[], { method = 'GET', end = false, limit = 0 }: ParseOptions = {}) {
  const heads: ResponseHead[] = []
  const data: Buffer[] = []
  const parser = new ResponseParser(method, {
    onHead: head => heads.push(head),
    onData(bytes) {
      if (heads.length !== 1) throw new Error('a body before its head')
      data.push(bytes)
    },
  })
  const used = pieces.reduce((sum, piece) => sum + parser.push(piece), 0)
  if (end) parser.end()
  if (heads.length > 1) throw new Error('two heads of one answer')
  const [head] = heads
  return {
    ...head,
    body: Buffer.concat(data).toString('latin1'),
    isDone: parser.isDone,
    used,
    keptFor: parser.keptFor(limit),
  }
}
