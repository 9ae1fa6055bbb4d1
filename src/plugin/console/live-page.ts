/** Keeps a page in a browser up to date: `streamPage`, by server-sent events that hold what has changed. */
import type { SSEStreamingApi } from 'hono/streaming'
import { sleep, systemClock } from '../../runtime/clock.ts'
import { difference, type Drawn, whole } from './markup.ts'
import type { Details } from './scene.ts'

const DRAW_MS = 1_000
const READ_MS = 5_000

export interface LivePage {
  /** What the browser shows; undefined if that is not known. */
  readonly shown: Drawn | undefined
  readonly draw: (details: Details | undefined) => Drawn
  /** What the watches do not have. It may fail: the page then keeps what it had. */
  readonly read: (signal: AbortSignal) => Promise<Details | undefined>
}

/** Until the browser leaves, or the signal is aborted. */
export async function streamPage(stream: SSEStreamingApi, page: LivePage, end: AbortSignal): Promise<void> {
  const gone = new AbortController()
  stream.onAbort(() => gone.abort())
  const signal = AbortSignal.any([end, gone.signal])
  let details: Details | undefined
  const { draw, read } = page
  let { shown } = page
  const readOnce = async (): Promise<void> => {
    details = (await read(signal).catch(() => undefined)) ?? details
  }
  const drawOnce = async (): Promise<void> => {
    const drawn = draw(details)
    const data = shown ? difference(shown, drawn) : whole(drawn)
    shown = drawn
    if (data !== undefined) await stream.writeSSE({ data })
  }
  // A comment: the browser knows at once that the stream is there.
  await stream.write(': live\n\n')
  await drawOnce()
  // Usually it takes less than a second.
  await Promise.race([readOnce(), pause(DRAW_MS, signal)])
  const reading = pause(READ_MS, signal).then(() => repeat(READ_MS, signal, readOnce))
  await repeat(DRAW_MS, signal, drawOnce)
  await reading
}

async function repeat(ms: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await work()
    await pause(ms, signal)
  }
}

/** Ends early with the signal. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, signal, systemClock).catch(() => undefined)
}
