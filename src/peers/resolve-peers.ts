/** Discovers a node's peers for sidecars without discover-peers: `createPeerResolver`. */
import { SEID_PORTS } from '../api/names.ts'
import type { Peer } from '../api/shared.ts'
import { canonicalJson } from '../lib/canonical-json.ts'
import { inParallel } from './in-parallel.ts'
import { type InstanceLister, type InstanceTags, PeerLookupError, tagsOf } from './lookup.ts'
import type { NodeIDProbe } from './node-id.ts'
import { RecentLookups } from './recent-lookups.ts'

export type PeerResolution =
  /** `ID@HOST:PORT`, in the order of the sources, without duplicates. */
  | { readonly kind: 'resolved'; readonly addresses: readonly string[] }
  /** Permanent until somebody acts; the text says what to do. */
  | { readonly kind: 'failed'; readonly error: string }
  /** Temporary: retry later. */
  | { readonly kind: 'wait'; readonly message: string }

export interface PeerResolver {
  /** Like discover-peers: if one source fails, the whole lookup fails. Rejects only when `signal` aborts. */
  resolve(sources: readonly Peer[], signal: AbortSignal): Promise<PeerResolution>
}

export interface PeerResolverOptions {
  readonly listInstances: InstanceLister
  readonly fetchNodeID: NodeIDProbe
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Concurrent queries for node ids. */
const PROBES = 16

export function createPeerResolver(options: PeerResolverOptions): PeerResolver {
  const lookups = new RecentLookups<readonly string[]>(options.now)

  return {
    async resolve(sources, signal) {
      try {
        const addresses = new Set<string>()
        for (const source of sources) for (const address of await addressesOf(source, signal)) addresses.add(address)
        return { kind: 'resolved', addresses: [...addresses] }
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof PeerLookupError)) throw error
        return error.passes ? { kind: 'wait', message: error.message } : { kind: 'failed', error: error.message }
      }
    },
  }

  function addressesOf({ static: named, ec2Tags }: Peer, signal: AbortSignal): Promise<readonly string[]> {
    if (!ec2Tags) return Promise.resolve(named?.addresses ?? [])
    return lookups.find(canonicalJson(ec2Tags), () => lookUp(ec2Tags, options, signal), signal)
  }
}

async function lookUp(
  source: InstanceTags,
  { listInstances, fetchNodeID }: PeerResolverOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const hosts = await listInstances(source, signal)
  const place = `in region ${source.region} with ${tagsOf(source)}`
  if (hosts.length === 0) {
    const advice = 'Correct the region or the tags of the peers, or start an instance that carries them'
    throw new PeerLookupError(`there is no running EC2 instance ${place}. ${advice}`, { passes: false })
  }
  const answers = await inParallel(hosts, PROBES, async (host): Promise<NodeAnswer> => {
    try {
      return { peer: `${await fetchNodeID(host, signal)}@${host}:${SEID_PORTS.p2p}` }
    } catch (error) {
      return { silence: `${host}: ${error instanceof Error ? error.message : String(error)}` }
    }
  })
  signal.throwIfAborted()
  const peers = answers.flatMap(({ peer }) => peer ?? [])
  if (peers.length === 0) {
    const instances =
      hosts.length === 1
        ? `the one running EC2 instance ${place} does not tell`
        : `none of the ${hosts.length} running EC2 instances ${place} tells`
    const found = `${instances} its node id on port ${SEID_PORTS.rpc} (${answers[0]?.silence})`
    const advice = `Let the operator's pod reach port ${SEID_PORTS.rpc} of them, or name the peers by static addresses`
    throw new PeerLookupError(`${found}. ${advice}`, { passes: false })
  }
  return peers
}

interface NodeAnswer {
  readonly peer?: string
  readonly silence?: string
}
