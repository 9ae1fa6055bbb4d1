/** What of a spec is configuration of seid, which reaches a running node by an update plan: `configHash`; and what only a bootstrap reads: `snapshotHash`. Pure. */
import type { SeiNodeSpec } from '../api/seinode.ts'
import { stableHash } from '../lib/stable-hash.ts'
import { snapshotOf } from './bootstrap.ts'
import { peersOf } from './peers.ts'

/**
 * Changes exactly when the user changes what config-apply and discover-peers carry. Only what the user wrote counts: an
 * operator that adds settings of its own must not restart every node when it is upgraded.
 */
export function configHash(spec: SeiNodeSpec): string {
  const { interval, keepRecent } = spec.snapshotGeneration ?? {}
  return stableHash({ overrides: spec.overrides ?? {}, peers: peersOf(spec), interval, keepRecent })
}

/** Changes when the user names another starting state, which a node that is bootstrapped takes no notice of. */
export function snapshotHash(spec: SeiNodeSpec): string {
  return stableHash(snapshotOf(spec) ?? {})
}
