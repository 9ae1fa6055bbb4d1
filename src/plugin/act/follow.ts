/** Follows an object until it is done or stalled, with progress: `follow`. */
import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT_CODES, type ExitCode } from '../exit-code.ts'
import { isPassing } from '../../kube/errors.ts'
import { humanDuration } from '../output/duration.ts'
import type { Io } from '../output/io.ts'

const INTERVAL_MS = 1_000

export type Outcome =
  /** `message` says what was reached. */
  | { readonly kind: 'done'; readonly message: string }
  /** A person is needed; `message` says for what. */
  | { readonly kind: 'stalled'; readonly message: string }
  /** `bar` is shown on a terminal before the message. */
  | { readonly kind: 'waiting'; readonly message: string; readonly bar?: string }

export interface FollowOptions {
  /** Undefined: none. */
  readonly timeoutMs?: number | undefined
  /** What is waited for, for the message of a timeout. */
  readonly what: string
}

/** Prints the outcome. An API server that does not answer for a while is asked again. */
export async function follow(io: Io, look: () => Promise<Outcome>, options: FollowOptions): Promise<ExitCode> {
  const { timeoutMs, what } = options
  const started = io.now()
  let last = ''
  for (;;) {
    io.signal.throwIfAborted()
    const outcome = await look().catch(passing)
    const waited = io.now() - started
    switch (outcome.kind) {
      case 'done':
        io.print(io.style.good(outcome.message))
        return EXIT_CODES.ok
      case 'stalled':
        io.note(`${io.style.bad('stalled:')} ${outcome.message}`)
        return EXIT_CODES.stalled
      case 'waiting': {
        const bar = outcome.bar === undefined ? '' : `${outcome.bar} `
        io.progress(outcome.message, `${bar}${outcome.message} (${humanDuration(waited)})`)
        last = outcome.message
      }
    }
    if (timeoutMs !== undefined && waited >= timeoutMs) {
      io.note(`timeout: ${what} did not happen within ${humanDuration(timeoutMs)}: ${last}`)
      return EXIT_CODES.timeout
    }
    await sleep(INTERVAL_MS, undefined, { signal: io.signal })
  }
}

function passing(error: unknown): Outcome {
  if (isPassing(error)) return { kind: 'waiting', message: 'the API server does not answer' }
  throw error
}
