/** What one request looks like on the wire: `requestText`. Refuses whatever could be read as more than one request. */

export interface RequestParts {
  readonly method: string
  /** With the query. */
  readonly path: string
  /** `name:port` of the server; the port only where it is not the scheme's own. */
  readonly host: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const PATH = /^\/[\x21-\x7e]*$/
const VALUE = /^[\t\x20-\x7e]*$/
/** Set here, or of no use: a caller that named them would frame the body a second time. */
const RESERVED: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'expect',
  'upgrade',
])

/**
 * Head and body. The length is always named, for a body of any method: a server ignores the body of a DELETE without
 * one, preconditions included. Throws a TypeError that names the part which has no place in a request.
 */
export function requestText({ method, path, host, headers, body }: RequestParts): string {
  if (!TOKEN.test(method)) throw new TypeError(`expected an HTTP method, found ${JSON.stringify(method)}`)
  if (!PATH.test(path)) throw new TypeError(`expected a path of printable ASCII, found ${JSON.stringify(path)}`)
  if (!VALUE.test(host)) throw new TypeError(`expected a host, found ${JSON.stringify(host)}`)
  let text = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`
  for (const name in headers) {
    const value = headers[name] ?? ''
    if (!TOKEN.test(name) || RESERVED.has(name.toLowerCase())) {
      throw new TypeError(`expected a header that a caller may set, found ${JSON.stringify(name)}`)
    }
    // Its value may be a secret: it is not quoted.
    if (!VALUE.test(value)) throw new TypeError(`header ${name}: expected printable ASCII on one line`)
    text += `${name}: ${value}\r\n`
  }
  if (body === undefined) return `${text}\r\n`
  return `${text}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
