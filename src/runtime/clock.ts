/** Time as an argument: `Clock`, the system's own (`systemClock`), and what waits for signals and deadlines. */
import { type KubeClock, realClock } from '../kube/clock.ts'

export { sleep, type Timer, withDeadline } from '../kube/clock.ts'

export interface Clock extends KubeClock {
  /** Wall time, milliseconds since the epoch. It may jump: use it for what people and other machines read. */
  now(): number
}

/** The machine's clock. */
export const systemClock: Clock = { ...realClock, now: () => Date.now() }

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** `2026-01-01T00:00:00.000000Z`: the one form of MicroTime that the API server reads. `ms`: since the epoch. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}
