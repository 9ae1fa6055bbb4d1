/** An API server that nobody may ask: `refusingClient`, for tests of what does without one. */
import type { KubeClient } from '../client.ts'

/** Stands in for whatever else must not be asked. */
export function refuse(): never {
  throw new Error('this is not to be asked for here')
}

export const refusingClient: KubeClient = {
  get: refuse,
  list: refuse,
  watch: refuse,
  create: refuse,
  replace: refuse,
  apply: refuse,
  patch: refuse,
  delete: refuse,
}
