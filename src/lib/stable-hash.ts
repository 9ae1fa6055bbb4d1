/** A short hash of a JSON value, independent of key order: `stableHash`. */
import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'

const HEX_DIGITS = 16

/** The first 64 bits of the SHA-256 of the canonical JSON, in lower-case hex. Detects changes; not for security. */
export function stableHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, HEX_DIGITS)
}
