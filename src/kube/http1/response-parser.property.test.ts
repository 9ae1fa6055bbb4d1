/** However the bytes of an answer are cut, and whatever they are, the parser says the same of them; node:http agrees. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { MalformedAnswerError } from './errors.ts'
import { parse } from './testdata/parse.ts'

const token = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_!~'.split('')), minLength: 1, maxLength: 12 })
const value = fc.string({ unit: fc.constantFrom(...'abc XYZ,;="\t~ü'.split('')), maxLength: 20 })
const bytes = fc.uint8Array({ maxLength: 300 }).map(each => Buffer.from(each).toString('latin1'))
const headers = fc
  .array(fc.tuple(token, value), { maxLength: 6 })
  .map(pairs => pairs.filter(([name]) => !/^(content-length|transfer-encoding|connection)$/i.test(name)))

const status = fc.constantFrom(200, 201, 400, 404, 409, 429, 500, 503)
const chunked = fc.tuple(fc.array(bytes), fc.boolean()).map(([parts, isUpper]) => {
  const chunks = parts
    .filter(part => part.length > 0)
    .map(
      part => `${isUpper ? part.length.toString(16).toUpperCase() : `0${part.length.toString(16)};x=y`}\r\n${part}\r\n`,
    )
  return { field: 'Transfer-Encoding: chunked', wire: `${chunks.join('')}0\r\n\r\n`, body: parts.join('') }
})
const sized = bytes.map(body => ({ field: `Content-Length: ${body.length}`, wire: body, body }))
const framed = fc.oneof(chunked, sized)

const answer = fc
  .tuple(status, value, headers, framed, fc.nat(2))
  .map(([code, reason, fields, { field, wire, body }, interim]) => {
    const lines = [`HTTP/1.1 ${code} ${reason}`, ...fields.map(([name, text]) => `${name}: ${text}`), field]
    const before = 'HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n'.repeat(interim)
    return { text: `${before}${lines.join('\r\n')}\r\n\r\n${wire}`, status: code, reason, fields, body }
  })

/** Cut at these places. */
function cutAt(whole: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...new Set(cuts.map(cut => cut % (whole.length + 1)))].toSorted((a, b) => a - b)
  return [0, ...ends].map((start, index) => whole.subarray(start, ends[index] ?? whole.length))
}

test('an answer is read whole, as it was written, wherever it is cut', () => {
  fc.assert(
    fc.property(answer, fc.array(fc.nat()), (written, cuts) => {
      const whole = Buffer.from(written.text, 'latin1')
      const found = parse(cutAt(whole, cuts))
      assert.equal(found.isDone, true)
      assert.deepEqual([found.status, found.statusText], [written.status, written.reason])
      assert.equal(found.body, written.body)
      for (const [name, text] of written.fields) {
        assert.ok(found.headers?.[name.toLowerCase()]?.includes(text.replaceAll(/^[ \t]+|[ \t]+$/g, '')), name)
      }
      assert.deepEqual(found, parse([whole]))
    }),
  )
})

test('no byte of an answer may be missing, wherever the connection ends', () => {
  fc.assert(
    fc.property(answer, fc.nat(), ({ text }, cut) => {
      const whole = Buffer.from(text, 'latin1')
      assert.equal(parse([whole.subarray(0, cut % whole.length)], { end: true }).isDone, false)
    }),
  )
})

/** What the parser says of it, a refusal included. */
function verdict(pieces: readonly Buffer[]) {
  try {
    return parse(pieces)
  } catch (error) {
    if (error instanceof MalformedAnswerError) return error.message
    throw error
  }
}

/** An answer in which a piece has been replaced by something else. */
const spoiled = fc
  .tuple(
    answer,
    fc.nat(),
    fc.nat(8),
    fc.string({ unit: fc.constantFrom(...'\r\n\t :;,0aG\0ü'.split('')), maxLength: 4 }),
  )
  .map(([{ text }, at, length, other]) => {
    const start = at % text.length
    return Buffer.from(text.slice(0, start) + other + text.slice(start + length), 'latin1')
  })

test('spoiled answers end in an answer, in a refusal or in waiting for more, the same for every way of cutting', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        spoiled,
        fc.uint8Array().map(each => Buffer.from(each)),
      ),
      fc.array(fc.nat()),
      (whole, cuts) => {
        const [atOnce, inPieces] = [verdict([whole]), verdict(cutAt(whole, cuts))]
        if (typeof atOnce === 'string') assert.equal(typeof inPieces, 'string')
        else assert.deepEqual(inPieces, atOnce)
      },
    ),
    { numRuns: 500 },
  )
})

/** What node:http makes of what a server sends before it closes; undefined where it finds something wrong with it. */
async function byNode(port: number): Promise<{ status: number | undefined; body: string } | undefined> {
  return new Promise(resolve => {
    const request = get({ host: '127.0.0.1', port, agent: false }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => resolve(undefined))
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString('latin1') }))
    })
    request.on('error', () => resolve(undefined))
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      resolve(undefined)
    })
  })
}

test('what the parser takes for an answer, spoiled or not, node:http takes for the same', async () => {
  let current = Buffer.alloc(0)
  const server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(current))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          spoiled,
          answer.map(({ text }) => Buffer.from(text, 'latin1')),
        ),
        async whole => {
          const found = verdict([whole])
          if (typeof found === 'string' || !found.isDone) return
          // What follows it breaks the connection in both, and in node:http the answer with it.
          current = whole.subarray(0, found.used)
          const { status: code, body } = found
          assert.deepEqual(await byNode(address.port), { status: code, body })
        },
      ),
      { numRuns: 200 },
    )
  } finally {
    server.close()
  }
})
