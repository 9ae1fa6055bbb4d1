/** Encodes DER, the binary form of ASN.1 for certificates (X.690): one function per type in use. */

export function sequence(...items: readonly Buffer[]): Buffer {
  return tagged(0x30, ...items)
}

export function set(...items: readonly Buffer[]): Buffer {
  return tagged(0x31, ...items)
}

/** @param bytes big-endian, not negative */
export function unsignedInteger(bytes: Buffer): Buffer {
  const first = bytes.findIndex(byte => byte !== 0)
  const digits = first === -1 ? Buffer.of(0) : bytes.subarray(first)
  // A leading zero: otherwise the highest bit would make the number negative.
  return tagged(0x02, (digits[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits)
}

export function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.of(value ? 0xff : 0))
}

/** @param unused number of unused bits at the end of the last byte */
export function bitString(bytes: Buffer, unused = 0): Buffer {
  return tagged(0x03, Buffer.of(unused), bytes)
}

export function octetString(bytes: Buffer): Buffer {
  return tagged(0x04, bytes)
}

export function utf8String(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text, 'utf8'))
}

/** @param dotted such as `2.5.4.3` */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)))
}

/** A time in a certificate, to the second: two digits for the year until 2049, four from 2050 on. */
export function time(moment: Date): Buffer {
  const digits = `${moment.toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`
  return moment.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2), 'latin1'))
    : tagged(0x18, Buffer.from(digits, 'latin1'))
}

/** Context-specific tag `[number]` around whole items. */
export function explicit(number: number, ...items: readonly Buffer[]): Buffer {
  return tagged(0xa0 | number, ...items)
}

/** Context-specific tag `[number]` in place of the content's own. */
export function implicit(number: number, content: Buffer): Buffer {
  return tagged(0x80 | number, content)
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(tag), lengthOf(content), content])
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.of(length)
  const digits = Buffer.alloc(4)
  digits.writeUInt32BE(length)
  const significant = digits.subarray(digits.findIndex(byte => byte !== 0))
  return Buffer.concat([Buffer.of(0x80 | significant.length), significant])
}

/** Seven bits per byte; all bytes but the last have the highest bit set. */
function base128(value: number): number[] {
  const bytes = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80)
  return bytes
}
