/** Lines come out whole, whatever the chunks. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LineSplitter, LineTooLongError } from './lines.ts'

function feed(splitter: LineSplitter, chunks: readonly Buffer[]): string[] {
  return chunks.flatMap(chunk => splitter.push(chunk))
}

function byteByByte(text: string): Buffer[] {
  return Array.from(Buffer.from(text), byte => Buffer.of(byte))
}

test('any way of cutting the bytes gives the same lines, characters of several bytes included', () => {
  const line = fc.string({ unit: 'binary' }).filter(text => !text.includes('\n'))
  fc.assert(
    fc.property(fc.array(line), line, fc.array(fc.nat()), (lines, unfinished, cuts) => {
      const bytes = Buffer.from([...lines.map(text => `${text}\n`), unfinished].join(''))
      const ends = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].toSorted((a, b) => a - b)
      const chunks = [0, ...ends].map((start, index) => bytes.subarray(start, ends[index] ?? bytes.length))
      const splitter = new LineSplitter(1_000_000)
      assert.deepEqual(
        feed(splitter, chunks),
        lines.filter(text => text !== ''),
      )
      assert.equal(splitter.unfinishedBytes, Buffer.byteLength(unfinished))
    }),
  )
})

test('a line of exactly the cap passes and one byte more does not, in one chunk or in many', () => {
  assert.deepEqual(feed(new LineSplitter(4), [Buffer.from('abcd\n')]), ['abcd'])
  assert.deepEqual(feed(new LineSplitter(4), byteByByte('abcd\n')), ['abcd'])
  assert.throws(() => feed(new LineSplitter(4), [Buffer.from('abcde\n')]), LineTooLongError)
  assert.throws(() => feed(new LineSplitter(4), byteByByte('abcde')), LineTooLongError)
})
