/** Ctrl-C, SIGTERM and the end of the terminal as one abort signal: `interruptionOf`. */
import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Why the demo was told to stop; the reason of the abort signal. */
export class Interruption extends Error {
  override readonly name = 'Interruption'
  /** As a shell counts: 128 and the signal's number. */
  readonly status: number

  constructor(signal: (typeof SIGNALS)[number]) {
    super(`stopped by ${signal}`)
    this.status = 128 + constants.signals[signal]
  }
}

/** Signals after the first change nothing: npm passes on the Ctrl-C that the terminal has sent here already. */
export function interruptionOf(host: NodeJS.Process): AbortSignal {
  const controller = new AbortController()
  for (const signal of SIGNALS) {
    host.on(signal, () => controller.abort(new Interruption(signal)))
  }
  // Whoever read the output is gone: a closed pipe, a closed terminal.
  for (const stream of [host.stdout, host.stderr]) {
    stream.on('error', () => controller.abort(new Interruption('SIGHUP')))
  }
  return controller.signal
}

/** What `work` comes to, unless the signal is aborted first: rejects with its reason then, and `work` is left to itself. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, interrupted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
