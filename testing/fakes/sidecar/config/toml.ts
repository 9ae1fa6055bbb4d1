/** The part of TOML that seid's two configuration files use: tables, scalars and flat lists. */

export type TomlScalar = string | number | boolean | TomlFloat
export type TomlValue = TomlScalar | readonly TomlScalar[]
export type TomlDocument = Map<string, TomlValue>

/** A float, kept apart from integers: `2000.0` is not `2000` to a strict reader. */
export class TomlFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** Keys are full paths, `p2p.persistent-peers`. Throws on a line that it cannot read. */
export function parseToml(text: string): TomlDocument {
  const document: TomlDocument = new Map()
  let table = ''
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const header = /^\[([^[\]]+)\]$/.exec(line)
    if (header?.[1] !== undefined) {
      table = `${header[1].trim()}.`
      continue
    }
    const equals = line.indexOf('=')
    if (equals <= 0) throw new Error(`toml: line ${index + 1}: expected '.' or '=', but got ${JSON.stringify(line)}`)
    document.set(table + line.slice(0, equals).trim(), parseValue(line.slice(equals + 1).trim(), index + 1))
  }
  return document
}

/** Around strings; one that holds a single quote or a control character is always printed in double ones. */
type Quote = "'" | '"'

/** Top-level keys first, then a table for each prefix, in order of appearance. */
export function printToml(document: TomlDocument, quote: Quote = '"'): string {
  const tables = new Map<string, string[]>([['', []]])
  for (const [path, value] of document) {
    const dot = path.lastIndexOf('.')
    const table = dot < 0 ? '' : path.slice(0, dot)
    const lines = tables.get(table) ?? []
    lines.push(`${path.slice(dot + 1)} = ${printValue(value, quote)}`)
    tables.set(table, lines)
  }
  return [...tables]
    .map(([table, lines]) => `${table === '' ? '' : `[${table}]\n`}${lines.map(line => `${line}\n`).join('')}`)
    .join('\n')
}

function parseValue(text: string, line: number): TomlValue {
  if (!text.startsWith('[')) return parseScalar(text, line)
  const inside = text.slice(1, text.lastIndexOf(']')).trim()
  const items = inside === '' ? [] : (inside.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^,\s]+/g) ?? [])
  return items.map(item => parseScalar(item, line))
}

function parseScalar(text: string, line: number): TomlScalar {
  const quoted = /^("(?:[^"\\]|\\.)*")/.exec(text)?.[1]
  if (quoted !== undefined) return String(JSON.parse(quoted))
  const literal = /^'([^']*)'/.exec(text)?.[1]
  if (literal !== undefined) return literal
  const bare = text.replace(/#.*$/, '').trim()
  if (bare === 'true' || bare === 'false') return bare === 'true'
  if (/^[+-]?\d+$/.test(bare)) return Number(bare)
  if (/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(bare)) return new TomlFloat(Number(bare))
  throw new Error(`toml: line ${line}: expected value but found ${JSON.stringify(bare)} instead`)
}

function printValue(value: TomlValue, quote: Quote): string {
  return isList(value) ? `[${value.map(item => printScalar(item, quote)).join(', ')}]` : printScalar(value, quote)
}

function printScalar(value: TomlScalar, quote: Quote): string {
  if (value instanceof TomlFloat) return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value)
  if (typeof value !== 'string') return String(value)
  return quote === "'" && !/['\p{Cc}]/u.test(value) ? `'${value}'` : JSON.stringify(value)
}

function isList(value: TomlValue): value is readonly TomlScalar[] {
  return Array.isArray(value)
}
