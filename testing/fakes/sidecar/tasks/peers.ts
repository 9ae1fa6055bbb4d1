/** discover-peers and configure-state-sync: what a node learns of its peers, and from them. */
import { isRecord } from '../../../../src/sidecar/task-result.ts'
import { editConfigToml, persistentPeers } from '../config.ts'
import type { Params } from '../task-table.ts'
import { hex } from '../world.ts'
import { hasMarker, messageOf, setMarker, text } from './task.ts'
import type { TaskContext, TaskHandler } from './task.ts'

export const discoverPeers: TaskHandler = async (params, { home }) => {
  const { sources } = params
  if (!Array.isArray(sources) || sources.length === 0) {
    throw new Error("discover-peers: missing required param 'sources'")
  }
  const peers = new Set(sources.flatMap((source, index) => peersOf(isRecord(source) ? source : {}, index)))
  editConfigToml(home, { 'p2p.persistent-peers': [...peers].join(',') })
}

export const configureStateSync: TaskHandler = async (params, context) => {
  const task = 'configure-state-sync'
  const { home, profile, world } = context
  if (hasMarker(home, 'statesync')) return
  const servers = (profile.takesRpcServers ? namedServers(params) : undefined) ?? serversOf(persistentPeers(home), task)
  const [first = ''] = servers
  const host = first.slice(0, first.lastIndexOf(':'))
  const useLocal = params['useLocalSnapshot'] === true
  const height = useLocal
    ? localSnapshot(context)
    : Math.max(1, (await ask(`${task}: querying latest height`, first, () => world.rpc.latestHeight(host))) - 2000)
  const title = `${task}: querying block hash at height ${height}`
  const hash = await ask(title, first, () => world.rpc.blockHash(host, height))
  const trustPeriod = text(params, 'trustPeriod')
  const backfill = Number(params['backfillBlocks'] ?? 0)
  editConfigToml(home, {
    'statesync.enable': true,
    'statesync.trust-height': height,
    'statesync.trust-hash': hash,
    'statesync.rpc-servers': (servers.length === 1 ? [first, first] : servers).join(','),
    'statesync.use-local-snapshot': useLocal,
    ...(trustPeriod !== '' && { 'statesync.trust-period': trustPeriod }),
    ...(backfill > 0 && { 'statesync.backfill-blocks': backfill }),
  })
  setMarker(home, 'statesync')
}

/** In EC2, one instance has the tags, whatever they are. */
function peersOf(source: Params, index: number): readonly string[] {
  const { addresses, region, tags } = source
  switch (source['type']) {
    case 'static':
      if (Array.isArray(addresses) && addresses.length > 0) return addresses.map(String)
      throw new Error(`discover-peers: source[${index}]: static source has empty addresses`)
    case 'ec2Tags':
      return [`${hex(String(region), JSON.stringify(tags)).slice(0, 40)}@peer.${String(region)}.internal:26656`]
    default:
      throw new Error(`discover-peers: source[${index}]: unknown type ${JSON.stringify(source['type'])}`)
  }
}

function namedServers({ rpcServers }: Params): readonly string[] | undefined {
  return Array.isArray(rpcServers) && rpcServers.length > 0 ? rpcServers.map(String) : undefined
}

/** The hosts of the first two peers, at the RPC port. */
function serversOf(peers: readonly string[], task: string): readonly string[] {
  const hosts = peers.flatMap(peer => /^[^@]+@(.+?)(:\d+)?$/.exec(peer)?.[1] ?? [])
  if (hosts.length === 0) throw new Error(`${task}: no peers in config.toml`)
  return hosts.slice(0, 2).map(host => `${host}:26657`)
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

async function ask<T>(title: string, server: string, query: () => T | Promise<T>): Promise<T> {
  try {
    return await query()
  } catch (error) {
    throw new Error(`${title}: GET http://${server}: ${messageOf(error)}`, { cause: error })
  }
}
