/** Tests of the DER writer, against bytes that the standard's own examples and OpenSSL give. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bitString, boolean, explicit, implicit, objectIdentifier, octetString, sequence, set } from './der.ts'
import { time, unsignedInteger, utf8String } from './der.ts'

const CASES: readonly (readonly [title: string, written: Buffer, expected: string])[] = [
  ['an empty sequence', sequence(), '3000'],
  ['items one after the other', sequence(boolean(true), set(boolean(false))), '30080101ff3103010100'],
  ['zero', unsignedInteger(Buffer.of(0, 0)), '020100'],
  ['a number without leading zeros', unsignedInteger(Buffer.of(0, 0, 0x7f)), '02017f'],
  ['a number that must not look negative', unsignedInteger(Buffer.of(0x80)), '02020080'],
  ['bits of which the last seven mean nothing', bitString(Buffer.of(0x80), 7), '03020780'],
  ['text beyond ASCII', utf8String('é'), '0c02c3a9'],
  ['a short identifier', objectIdentifier('2.5.4.3'), '0603550403'],
  ['an identifier with parts of two and three bytes', objectIdentifier('1.2.840.113549'), '06062a864886f70d'],
  ['the last moment with a short year', time(new Date('2049-12-31T23:59:59Z')), hex('17', '491231235959Z')],
  ['the first moment with a long year', time(new Date('2050-01-01T00:00:00.999Z')), hex('18', '20500101000000Z')],
  ['an explicit tag', explicit(3, boolean(true)), 'a3030101ff'],
  ['an implicit tag', implicit(2, Buffer.from('a')), '820161'],
]

for (const [title, written, expected] of CASES) {
  test(`DER: ${title}`, () => assert.equal(written.toString('hex'), expected))
}

test('DER: lengths are written in as few bytes as they need', () => {
  assert.equal(head(127).slice(0, 4), '047f')
  assert.equal(head(128).slice(0, 6), '048180')
  assert.equal(head(256).slice(0, 8), '04820100')
  assert.equal(head(65_536), '0483010000')
})

function head(length: number): string {
  return octetString(Buffer.alloc(length)).subarray(0, 5).toString('hex')
}

function hex(tag: string, text: string): string {
  return `${tag}${text.length.toString(16).padStart(2, '0')}${Buffer.from(text).toString('hex')}`
}
