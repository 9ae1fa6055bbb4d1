/** Time as an argument: `Clock` and the system's own (`systemClock`), with the `sleep` of the client beneath. */
import { type KubeClock, realClock } from '../kube/clock.ts'

export { sleep, type Timer } from '../kube/clock.ts'

export interface Clock extends KubeClock {
  /** Wall time, milliseconds since the epoch. It may jump: use it for what people and other machines read. */
  now(): number
}

/** The machine's clock. */
export const systemClock: Clock = { ...realClock, now: () => Date.now() }
