/** A fake client that fails on every call, for tests of code that must not use it: `refusingClient`. */
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
  log: refuse,
}
