/** What lies outside a sidecar and is played here: S3 and the RPC of seid; each part can be replaced. */
import { createHash } from 'node:crypto'

export type Eventually<T> = T | Promise<T>

export interface ObjectPlace {
  readonly bucket: string
  readonly key: string
  readonly region: string
}

/** S3. Bodies are text: `latest.txt` holds a height, an archive anything. */
export interface ObjectStore {
  /** Undefined is NoSuchKey; throw `S3Failure` for another code. */
  get(place: ObjectPlace): Eventually<string | undefined>
  put(place: ObjectPlace, body: string): Eventually<void>
  /** Keys that start with `place.key`. */
  list(place: ObjectPlace): Eventually<readonly string[]>
}

export class S3Failure extends Error {
  override readonly name = 'S3Failure'
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** seid's RPC on port 26657 of `host`; throw where nothing listens. */
export interface ChainRpc {
  latestHeight(host: string): Eventually<number>
  /** 64 hex digits. */
  blockHash(host: string, height: number): Eventually<string>
}

export interface World {
  readonly objects: ObjectStore
  readonly rpc: ChainRpc
}

const SNAPSHOT_HEIGHT = 100_000

/** A world in which every place that follows the right layout has what it should, every peer answers, and no local seid runs yet. */
export function helpfulWorld(chainId: string): World {
  return {
    objects: new HelpfulObjects(chainId),
    rpc: {
      latestHeight: host => {
        if (host === 'localhost') throw new Error('dial tcp 127.0.0.1:26657: connect: connection refused')
        return SNAPSHOT_HEIGHT
      },
      blockHash: (_host, height) => hex('block', String(height)).toUpperCase(),
    },
  }
}

/** Exactly what was put: bodies by `bucket/key`. */
export class MemoryObjects implements ObjectStore {
  readonly #bodies: Map<string, string | Buffer>

  constructor(bodies = new Map<string, string | Buffer>()) {
    this.#bodies = bodies
  }

  get({ bucket, key }: ObjectPlace): Eventually<string | undefined> {
    return this.#bodies.get(`${bucket}/${key}`)?.toString()
  }

  put({ bucket, key }: ObjectPlace, body: string): void {
    this.#bodies.set(`${bucket}/${key}`, body)
  }

  list({ bucket, key }: ObjectPlace): Eventually<readonly string[]> {
    const start = `${bucket}/${key}`
    return [...this.#bodies.keys()].filter(name => name.startsWith(start)).map(name => name.slice(bucket.length + 1))
  }
}

/** What was put, and otherwise what a well-kept bucket would hold: a snapshot at height 100000, and a genesis of the chain as any JSON file. */
class HelpfulObjects extends MemoryObjects {
  readonly #chainId: string

  constructor(chainId: string) {
    super()
    this.#chainId = chainId
  }

  override get(place: ObjectPlace): Eventually<string | undefined> {
    const name = place.key.slice(place.key.lastIndexOf('/') + 1)
    const stored = super.get(place)
    if (stored !== undefined) return stored
    if (name === 'latest.txt') return String(SNAPSHOT_HEIGHT)
    if (/^(snapshot_\d+_.+_.+|\d+)\.tar\.gz$/.test(name)) return 'archive'
    if (!name.endsWith('.json')) return undefined
    // Pods of an earlier operator name no chain: the folder of their genesis does.
    const chainId = this.#chainId === '' ? place.key.split('/').at(-2) : this.#chainId
    return JSON.stringify({ chain_id: chainId, app_state: {}, validators: [] })
  }

  override async list(place: ObjectPlace): Promise<readonly string[]> {
    const stored = await super.list(place)
    return stored.length > 0 || !place.key.endsWith('/') ? stored : [`${place.key}${SNAPSHOT_HEIGHT}.tar.gz`]
  }
}

export function hex(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex')
}
