/** What nodes say of their chain: as their status has it, and of a seid that the simulation starts, that it follows: `SimulatedChain`. */
import { seiNodes } from '../../../api/resources.ts'
import type { SeiNodeStatus } from '../../../api/seinode-status.ts'
import type { ChainHealth } from '../../../chain/health.ts'
import type { Track } from '../../../chain/track.ts'
import type { ChainView } from '../../../controllers/shared/chain/observer.ts'
import { findCondition } from '../../../lib/conditions.ts'
import type { Clock } from '../../../runtime/clock.ts'
import { isSimulated } from './pod-life.ts'
import type { World } from './world.ts'

/** Any block. */
const HEIGHT = 1

export class SimulatedChain implements ChainView {
  readonly #world: World
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>

  constructor(world: World, clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#world = world
    this.#clock = clock
  }

  follows(key: string, start: string): boolean {
    if (isSimulated(start)) return true
    const { chain, conditions } = this.#statusOf(key) ?? {}
    // An earlier version of the operator wrote no state of the chain.
    return chain ? chain.state === 'Following' : findCondition(conditions, 'Ready')?.status === 'True'
  }

  isEvaluable(): boolean {
    return true
  }

  /** Undefined keeps what status has. */
  health(key: string, start: string): ChainHealth | undefined {
    return this.follows(key, start) ? { kind: 'Following', height: HEIGHT } : undefined
  }

  track(_key: string, start: string): Track {
    const moment = { at: this.#clock.monotonic(), wall: this.#clock.now() }
    return {
      start,
      askedSince: moment,
      last: undefined,
      silence: undefined,
      movedAt: moment.at,
      movingSince: moment.at,
      movingFrom: HEIGHT,
      earlier: [],
      signed: [],
    }
  }

  /** All that run have been reported to stand still, and none was started since. */
  haltedSince(running: Parameters<ChainView['haltedSince']>[0]): number | undefined {
    const times = running.map(({ key, start }) => {
      const chain = isSimulated(start) ? undefined : this.#statusOf(key)?.chain
      return chain?.state === 'ChainHalted' ? Date.parse(chain.since) : Number.NaN
    })
    const latest = Math.max(...times)
    return times.length === 0 || Number.isNaN(latest) ? undefined : latest
  }

  hurry(): void {}

  /** What status has of upgrades is kept. */
  outlook(): ReturnType<ChainView['outlook']> {
    return { headHeight: undefined, head: 'unknown', pace: undefined, lastHeight: undefined, voted: undefined }
  }

  #statusOf(key: string): SeiNodeStatus | undefined {
    const [namespace = '', name = ''] = key.split('/')
    return this.#world.get(seiNodes, { namespace, name })?.status
  }
}
