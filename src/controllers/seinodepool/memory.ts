/** What the controller remembers of each pool between reconciles: `PoolMemory`. Losing it costs some questions, no more. */
import { HeightLog } from './heights.ts'
import type { RolloutChange } from './nodes.ts'

export interface PoolMemory {
  readonly heights: HeightLog
  /** What the rollout brings, until its last node has settled; status keeps no more than that there is one. */
  change?: RolloutChange | undefined
}

/** Memories by the key of the SeiNodePool; one of the same name with another UID begins with none. */
export class PoolMemories {
  readonly #byKey = new Map<string, { readonly uid: string; readonly memory: PoolMemory }>()

  of(key: string, uid: string): PoolMemory {
    const known = this.#byKey.get(key)
    if (known?.uid === uid) return known.memory
    const memory: PoolMemory = { heights: new HeightLog() }
    this.#byKey.set(key, { uid, memory })
    return memory
  }

  forget(key: string): void {
    this.#byKey.delete(key)
  }
}
