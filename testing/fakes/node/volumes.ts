/** What is on the volumes: one `Home` for each claim, by the claim's UID, for as long as its PersistentVolume lives. */
import { MemoryHome } from '../sidecar/index.ts'
import type { Home } from '../sidecar/index.ts'

export class Volumes {
  readonly #homes = new Map<string, Home>()
  readonly #make: (claimUID: string) => Home

  /** `make`: a new, empty volume. */
  constructor(make: (claimUID: string) => Home = () => new MemoryHome()) {
    this.#make = make
  }

  /** Empty at first; the same one for the same claim ever after. */
  of(claimUID: string): Home {
    let home = this.#homes.get(claimUID)
    if (!home) {
      home = this.#make(claimUID)
      this.#homes.set(claimUID, home)
    }
    return home
  }

  /** The files of a Secret in one pod. */
  ofSecret(name: string): Home {
    return this.of(`secret-${name}`)
  }

  forget(claimUID: string): void {
    this.#homes.delete(claimUID)
  }
}
