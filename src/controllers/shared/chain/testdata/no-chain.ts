/** A view of chains of which nothing was observed: `noChain`. */
import type { ChainView } from '../observer.ts'

export const noChain: ChainView = {
  track: () => undefined,
  health: () => undefined,
  follows: () => false,
  isEvaluable: () => true,
  haltedSince: () => undefined,
  hurry: () => {},
  outlook: () => ({ headHeight: undefined, head: 'unknown', pace: undefined, lastHeight: undefined, voted: undefined }),
}
