/** Types of an instance lookup by tags: the query (`InstanceTags`), the client (`InstanceLister`) and its error (`PeerLookupError`). */
import type { Peer } from '../api/shared.ts'

export type InstanceTags = NonNullable<Peer['ec2Tags']>

/**
 * One IPv4 address for each running instance that carries all the tags: the public one, or else the private one. Values
 * are those of EC2's filters, in which * and ? stand for other characters.
 * @throws PeerLookupError
 */
export type InstanceLister = (source: InstanceTags, signal: AbortSignal) => Promise<readonly string[]>

export class PeerLookupError extends Error {
  override readonly name = 'PeerLookupError'
  /** True if the error is temporary; otherwise somebody has to act. */
  readonly passes: boolean

  constructor(message: string, { passes, cause }: { readonly passes: boolean; readonly cause?: unknown }) {
    super(message, cause === undefined ? undefined : { cause })
    this.passes = passes
  }
}

/** `tag Network=pacific-1`, `tags Network=pacific-1, Role=seed`. */
export function tagsOf({ tags }: { readonly tags: Readonly<Record<string, string>> }): string {
  const pairs = Object.entries(tags).map(([key, value]) => `${key}=${value}`)
  return `${pairs.length === 1 ? 'tag' : 'tags'} ${pairs.join(', ')}`
}
