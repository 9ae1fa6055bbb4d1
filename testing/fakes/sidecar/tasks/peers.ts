/** discover-peers, set-genesis-peers and configure-state-sync: what a node learns from its peers. */
import { isObject } from '../params.ts'
import type { Params } from '../task-record.ts'
import {
  getObject,
  hasMarker,
  messageOf,
  patchToml,
  persistentPeers,
  reader,
  requireParams,
  setMarker,
} from './context.ts'
import type { TaskContext, TaskHandler } from './context.ts'
import { nodeIdOf } from './identity.ts'

export const discoverPeers: TaskHandler = async (params, context) => {
  const sources = reader(params, context, 'peerDiscoverParams').list('sources')
  if (sources.length === 0) {
    const isGiven = context.profile.peerTexts === 'first' && params['sources'] !== undefined
    throw new Error(`discover-peers: ${isGiven ? 'sources list is empty' : "missing required param 'sources'"}`)
  }
  // Every source is checked before any is asked.
  const resolvers = sources.map((source, index) => resolverOf(isObject(source) ? source : {}, index, context))
  const peers = new Set<string>()
  for (const resolve of resolvers) for (const peer of await resolve()) peers.add(peer)
  writePeers(context, [...peers])
}

export const setGenesisPeers: TaskHandler = async (params, context) => {
  const { profile, environment, home } = context
  const read = reader(params, context, 'genesisPeersConfig')
  const fromParams = {
    s3Bucket: read.string('s3Bucket'),
    s3Key: read.string('s3Key'),
    s3Region: read.string('s3Region'),
  }
  if (profile.genesisFrom === 'params') requireParams('set-genesis-peers', fromParams)
  const place =
    profile.genesisFrom === 'params'
      ? { bucket: fromParams.s3Bucket, key: fromParams.s3Key, region: fromParams.s3Region }
      : {
          bucket: environment.genesisBucket,
          key: `${environment.chainId}/peers.json`,
          region: environment.genesisRegion,
        }
  const body = await getObject(context, 'set-genesis-peers', place, 'set-genesis-peers: downloading peers.json')
  const peers: unknown = JSON.parse(body)
  if (!Array.isArray(peers)) throw new Error('set-genesis-peers: parsing peers.json: expected an array')
  const own = nodeIdOf(home)
  if (own === undefined) throw new Error('set-genesis-peers: reading node_key.json: no such file or directory')
  writePeers(
    context,
    peers.map(String).filter(peer => !peer.startsWith(`${own}@`)),
  )
}

export const configureStateSync: TaskHandler = async (params, context) => {
  const task = 'configure-state-sync'
  const { profile, home, world } = context
  const read = reader(params, context, 'StateSyncRequest')
  const useLocal = read.boolean('useLocalSnapshot')
  const trustPeriod = read.string('trustPeriod')
  const backfill = read.integer('backfillBlocks')
  if (hasMarker(context, 'statesync')) return
  const given = profile.witnesses === 'reachable' ? read.strings('rpcServers') : []
  const servers = given.length > 0 ? given : rpcServers(persistentPeers(home), task)
  const witnesses = profile.witnesses === 'reachable' ? await reachable(servers, context) : servers
  const [first] = witnesses
  if (first === undefined) throw new Error(`${task}: no reachable RPC witness among [${servers.join(' ')}]`)
  const host = first.slice(0, first.lastIndexOf(':'))
  const trustHeight = useLocal
    ? localSnapshot(context)
    : Math.max(
        1,
        (await ask(`${task}: querying latest height`, first, '/status', () => world.rpc.latestHeight(host))) - 2000,
      )
  const title = `${task}: querying block hash at height ${trustHeight}`
  const path = `/block?height=${trustHeight}`
  const hash = await ask(title, first, path, () => world.rpc.blockHash(host, trustHeight))
  const padded = witnesses.length === 1 ? [first, first] : witnesses
  const patch = new Map<string, string | number | boolean>([
    ['statesync.enable', true],
    ['statesync.trust-height', trustHeight],
    ['statesync.trust-hash', hash],
    ['statesync.rpc-servers', padded.join(',')],
    ['statesync.use-local-snapshot', useLocal],
  ])
  if (trustPeriod !== '') patch.set('statesync.trust-period', trustPeriod)
  if (backfill > 0) patch.set('statesync.backfill-blocks', backfill)
  patchToml(home, 'config.toml', patch)
  setMarker(context, 'statesync')
}

type Resolver = () => Promise<readonly string[]>

function resolverOf(source: Params, index: number, context: TaskContext): Resolver {
  const read = reader(source, context, 'peerSourceConfig')
  const type = read.string('type')
  const refuse = (why: string): Error => new Error(`discover-peers: source[${index}]: ${why}`)
  if (!context.profile.peerSources.includes(type)) throw refuse(`unknown type ${JSON.stringify(type)}`)
  if (type === 'ec2Tags') {
    const [region, tags] = [read.string('region'), read.stringMap('tags')]
    if (region === '') throw refuse("ec2Tags source missing required field 'region'")
    if (Object.keys(tags).length === 0) throw refuse(lacking(type, 'tags', context))
    return async () => {
      const peers = await context.world.resolvePeers({ region, tags })
      if (peers.length === 0) throw new Error(`no reachable peers found via ec2Tags in region ${region}`)
      return peers
    }
  }
  const field = type === 'static' ? 'addresses' : 'endpoints'
  const addresses = read.strings(field)
  if (addresses.length === 0) throw refuse(lacking(type, field, context))
  return async () => addresses
}

function lacking(type: string, field: string, { profile }: TaskContext): string {
  return profile.peerTexts === 'first'
    ? `${type} source missing required field '${field}'`
    : `${type} source has empty ${field}`
}

function writePeers({ home }: TaskContext, peers: readonly string[]): void {
  patchToml(home, 'config.toml', new Map([['p2p.persistent-peers', peers.join(',')]]))
}

/** The hosts of the first two peers, at the RPC port. */
function rpcServers(peers: readonly string[], task: string): readonly string[] {
  if (peers.length === 0) throw new Error(`${task}: no peers in config.toml`)
  const hosts = peers.map(peer => /^[^@]+@(.+?)(:\d+)?$/.exec(peer)?.[1]).filter(host => host !== undefined)
  if (hosts.length === 0) throw new Error(`${task}: could not extract RPC hosts from peers`)
  return hosts.slice(0, 2).map(host => `${host}:26657`)
}

async function reachable(servers: readonly string[], { world }: TaskContext): Promise<readonly string[]> {
  const answers = await Promise.allSettled(
    servers.map(async server => world.rpc.latestHeight(server.slice(0, server.lastIndexOf(':')))),
  )
  return servers.filter((_server, index) => answers[index]?.status === 'fulfilled')
}

function localSnapshot({ home }: TaskContext): number {
  const heights = home
    .list('data/snapshots')
    .map(Number)
    .filter(height => height > 0)
  if (heights.length === 0) {
    throw new Error('configure-state-sync: discovering local snapshot height: no snapshots found in data/snapshots')
  }
  return Math.max(...heights)
}

async function ask<T>(title: string, server: string, path: string, query: () => T | Promise<T>): Promise<T> {
  try {
    return await query()
  } catch (error) {
    throw new Error(`${title}: GET http://${server}${path}: ${messageOf(error)}`, { cause: error })
  }
}
