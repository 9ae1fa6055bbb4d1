/** A short fingerprint of a JSON value that does not depend on key order: `stableHash`. */
import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'

const HEX_DIGITS = 16

/** The first 64 bits of the SHA-256 of the value's canonical JSON, in lower-case hex. Tells changes apart; no security. */
export function stableHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, HEX_DIGITS)
}
