/** The server's side of a WebSocket, for what the API server forwards to kubelets: `acceptWebSocket`. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** Appended to the client's key, as RFC 6455 has it. */
const KEY_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const OPCODE_BINARY = 2
const OPCODE_CLOSE = 8

export interface WebSocketConnection {
  /** Sends one binary message. */
  send(message: Buffer): void
  /** Sends what was sent before, then ends the connection. */
  close(): void
}

export interface WebSocketEvents {
  readonly message: (message: Buffer) => void
  readonly close: () => void
}

/**
 * Answers the upgrade of `request` with `protocol`. Knows what the API server forwards: unfragmented, masked frames and no
 * extensions.
 */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  protocol: string,
  events: WebSocketEvents,
): WebSocketConnection {
  const key = request.headers['sec-websocket-key'] ?? ''
  const accept = createHash('sha1').update(`${key}${KEY_SUFFIX}`).digest('base64')
  socket.write(
    [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${accept}`,
      `Sec-WebSocket-Protocol: ${protocol}`,
      '\r\n',
    ].join('\r\n'),
  )
  let rest = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (let frame = firstFrame(rest); frame; frame = firstFrame(rest)) {
      rest = rest.subarray(frame.size)
      if (frame.opcode === OPCODE_CLOSE) socket.end(frameOf(OPCODE_CLOSE, frame.payload))
      else if (frame.opcode === OPCODE_BINARY) events.message(frame.payload)
    }
  })
  socket.once('close', events.close)
  socket.on('error', () => socket.destroy())
  return {
    send: message => void socket.write(frameOf(OPCODE_BINARY, message)),
    close: () => void socket.end(frameOf(OPCODE_CLOSE, Buffer.alloc(0))),
  }
}

interface Frame {
  readonly opcode: number
  readonly payload: Buffer
  /** With its head. */
  readonly size: number
}

/** Undefined if `bytes` holds no whole frame. */
function firstFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes.readUInt8(1) & 0x7f
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0
  const head = 2 + lengthBytes + 4
  if (bytes.length < head) return undefined
  const length =
    lengthBytes === 8 ? Number(bytes.readBigUInt64BE(2)) : lengthBytes === 2 ? bytes.readUInt16BE(2) : short
  if (bytes.length < head + length) return undefined
  const mask = bytes.subarray(head - 4, head)
  const payload = Buffer.from(bytes.subarray(head, head + length))
  for (let i = 0; i < length; i += 1) payload.writeUInt8(payload.readUInt8(i) ^ mask.readUInt8(i % 4), i)
  return { opcode: bytes.readUInt8(0) & 0x0f, payload, size: head + length }
}

/** Unmasked, as servers send. */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const length = payload.length
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head.writeUInt8(0x80 | opcode, 0)
  if (head.length === 2) head.writeUInt8(length, 1)
  else if (head.length === 4) {
    head.writeUInt8(126, 1)
    head.writeUInt16BE(length, 2)
  } else {
    head.writeUInt8(127, 1)
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([head, payload])
}
