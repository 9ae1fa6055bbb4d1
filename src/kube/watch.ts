/** Reads the events of one watch until it ends or fails. */
import type { WatchOptions } from './client.ts'
import type { KubeClock } from './clock.ts'
import { type Status, TransportError, WatchError } from './errors.ts'
import type { ByteStream } from './exchange.ts'
import { LineSplitter, LineTooLongError } from './lines.ts'
import { resourcePath } from './resource-path.ts'
import { askedOf, type Call, type Transport, transportErrorOf } from './transport.ts'
import type { KubeObject, Resource, WatchEvent, WatchEventType } from './types.ts'

/** Limit of one event. etcd stores at most 1.5 MB per object by default, known clusters at most 8 MB; JSON is larger. */
const MAX_LINE_BYTES = 16 * 1024 * 1024

/**
 * Events from `options.resourceVersion` on. Returns when the server ends the stream. Throws a WatchError (an in-stream
 * ERROR, an invalid line, silence), a TransportError (the connection broke), an ApiError (the request was refused), or the
 * signal's reason. Ending the iteration closes the connection.
 */
export async function* watchEvents<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  options: WatchOptions<T>,
): AsyncGenerator<WatchEvent<T>, void, void> {
  const { namespace, labelSelector, fieldSelector, resourceVersion, timeoutSeconds, signal, map } = options
  const query = { watch: 1, allowWatchBookmarks: true, resourceVersion, timeoutSeconds, labelSelector, fieldSelector }
  const path = resourcePath(resource, { namespace }, query)
  const call: Call = { verb: 'watch', resource, namespace, path, signal }
  const body = await transport.stream(call)
  const lines = new LineSplitter(MAX_LINE_BYTES)
  try {
    for await (const chunk of chunks(call, body, options.idleTimeoutMs, transport.clock)) {
      for (const line of cut(call, lines, chunk)) {
        const event = parseEvent<T>(call, line)
        yield map && event.type !== 'BOOKMARK' ? { type: event.type, object: map(event.object) } : event
      }
    }
  } finally {
    body.destroy()
  }
  if (lines.unfinishedBytes > 0) throw new TransportError(askedOf(call), 'reset', 'the stream ended inside a line')
}

class IdleError extends Error {}

/** The body's chunks. Only time spent waiting for the server counts as silence, not the reader's own time. */
async function* chunks(
  call: Call,
  body: ByteStream,
  idleTimeoutMs: number,
  clock: KubeClock,
): AsyncGenerator<Buffer, void, void> {
  const stalled = () => body.destroy(new IdleError(`nothing arrived for ${idleTimeoutMs} ms`))
  let timer = clock.setTimeout(stalled, idleTimeoutMs)
  try {
    for await (const chunk of body) {
      clock.clearTimeout(timer)
      yield chunk
      timer = clock.setTimeout(stalled, idleTimeoutMs)
    }
  } catch (error) {
    if (call.signal?.aborted) throw call.signal.reason
    if (error instanceof IdleError) throw new WatchError(askedOf(call), 'stalled', error.message)
    throw transportErrorOf(call, error)
  } finally {
    clock.clearTimeout(timer)
  }
}

function cut(call: Call, lines: LineSplitter, chunk: Buffer): string[] {
  try {
    return lines.push(chunk)
  } catch (cause) {
    if (!(cause instanceof LineTooLongError)) throw cause
    throw new WatchError(askedOf(call), 'malformed', cause.message, { cause })
  }
}

function parseEvent<T extends KubeObject>(call: Call, line: string): WatchEvent<T> {
  let event: { type?: string; object?: T & Status } | null
  try {
    event = JSON.parse(line)
  } catch (cause) {
    throw new WatchError(askedOf(call), 'malformed', `expected a JSON line, found ${quote(line)}`, { cause })
  }
  if (event?.type === 'ERROR') {
    const { code, reason, message }: Status = event.object ?? {}
    const detail = `the server ended it: ${code ?? ''} ${reason ?? ''}: ${message ?? 'no message'}`
    throw new WatchError(askedOf(call), 'error', detail, code === undefined ? {} : { status: code })
  }
  const { type, object } = event ?? {}
  if (!isEventType(type) || typeof object !== 'object' || object === null) {
    throw new WatchError(askedOf(call), 'malformed', `expected an event, found ${quote(line)}`)
  }
  return { type, object }
}

function isEventType(type: string | undefined): type is WatchEventType {
  return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK'
}

function quote(line: string): string {
  return JSON.stringify(line.slice(0, 120))
}
