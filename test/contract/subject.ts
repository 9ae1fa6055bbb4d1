/** The sidecar under test, whichever it is: a fake of some release in this process, or the real binary that SEICTL names. */
import { FakeSidecar, MemoryHome, MemoryObjects } from '../../testing/fakes/sidecar/index.ts'
import type { Behaviour, Home, Profile } from '../../testing/fakes/sidecar/index.ts'
import type { SidecarAddress } from '../../src/sidecar/client.ts'

export type Variables = Readonly<Record<string, string>>

/** What every release accepts. A well-known chain, so that its genesis needs no network. */
export const VARIABLES: Variables = {
  SEI_CHAIN_ID: 'arctic-1',
  SEI_GENESIS_BUCKET: 'genesis-bucket',
  SEI_GENESIS_REGION: 'eu-central-1',
  SEI_SNAPSHOT_BUCKET: 'snapshot-bucket',
  SEI_SNAPSHOT_REGION: 'eu-central-1',
}

export interface Subject {
  /** What is expected of it. */
  readonly profile: Profile
  readonly home: Home
  readonly address: SidecarAddress
  /** What its S3 holds: bodies by `bucket/key`. */
  readonly objects: Map<string, string | Buffer>
  /** Makes snapshot-restore wait inside its first download. */
  holdRestore(): { release(): void }
  /** Kills the process and starts another one on the same volume. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function launchFake(profile: string, variables: Variables): Promise<Subject> {
  const subject = new FakeSubject(profile, variables)
  await subject.start()
  return subject
}

class FakeSubject implements Subject {
  readonly home = new MemoryHome()
  readonly objects = new Map<string, string | Buffer>()
  readonly #profile: string
  readonly #variables: Variables
  readonly #behaviours = new Map<string, Behaviour>()
  #sidecar: FakeSidecar | undefined
  #address: SidecarAddress = { host: '', port: 0 }

  constructor(profile: string, variables: Variables) {
    this.#profile = profile
    this.#variables = variables
  }

  get profile(): Profile {
    return this.#running().profile
  }

  get address(): SidecarAddress {
    return this.#address
  }

  async start(): Promise<void> {
    this.#sidecar = new FakeSidecar({
      profile: this.#profile,
      home: this.home,
      env: this.#variables,
      tasks: type => this.#behaviours.get(type),
      world: { objects: new MemoryObjects(this.objects) },
    })
    this.#address = await this.#sidecar.listen('127.0.0.1', 0)
  }

  holdRestore(): { release(): void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#behaviours.set('snapshot-restore', { block: promise })
    return { release: resolve }
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  stop(): Promise<void> {
    return this.#running().close()
  }

  #running(): FakeSidecar {
    if (this.#sidecar === undefined) throw new Error(`fake ${this.#profile} was not started`)
    return this.#sidecar
  }
}
