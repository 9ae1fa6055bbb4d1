/** Builds the parameters of each sidecar task from the spec at the time of submission: `taskParams`. Pure. */
import { PEERS_KEY } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import type { Peer } from '../api/shared.ts'
import { genesisLocation, snapshotLocation } from '../build/locations.ts'
import { nodeSettings } from '../build/node-settings.ts'
import type { PlatformConfig } from '../build/platform.ts'
import { assertNever } from '../lib/assert-never.ts'
import { snapshotOf } from './bootstrap.ts'
import { peersOf } from './peers.ts'
import type { TaskType } from './task-type.ts'
import { configOverrides } from './wanted-config.ts'

export type TaskParams = Readonly<Record<string, unknown>>

/**
 * How config-apply treats what is on the volume. `full` rewrites both files and drops what is not in the parameters;
 * `incremental` keeps it, but cannot remove a key or read the files that `seid init` writes.
 */
export type ApplyMode = 'full' | 'incremental'

/**
 * The parameters of `type` in POST /v0/tasks: a superset that every sidecar version accepts. Undefined where the task has
 * no parameters.
 */
export function taskParams(
  type: TaskType,
  node: SeiNode,
  platform: PlatformConfig,
  mode: ApplyMode = 'full',
): TaskParams | undefined {
  switch (type) {
    case 'snapshot-restore':
      return snapshotRestore(node, platform)
    case 'configure-genesis':
      return configureGenesis(node)
    case 'config-apply':
      return configApply(node, platform, mode)
    case 'discover-peers':
      return { sources: peersOf(node.spec).map(peerSource) }
    case 'configure-state-sync':
      return configureStateSync(node)
    case 'config-validate':
    case 'mark-ready':
      return undefined
    default:
      return assertNever(type)
  }
}

function snapshotRestore(node: SeiNode, platform: PlatformConfig): TaskParams | undefined {
  const location = snapshotLocation(node)
  if (!location) return undefined
  const { chainId } = nodeSettings(node, platform)
  const targetHeight = snapshotOf(node.spec)?.s3?.targetHeight
  return { ...location, chainId, ...(targetHeight === undefined ? {} : { targetHeight }) }
}

// Without parameters the sidecar uses its built-in genesis of the chain.
function configureGenesis(node: SeiNode): TaskParams | undefined {
  const location = genesisLocation(node)
  if (!location) return undefined
  const { uri, region, sha256 } = location
  return { uri, region, ...(sha256 === undefined ? {} : { expectedGenesisHash: sha256 }) }
}

function configApply(node: SeiNode, platform: PlatformConfig, mode: ApplyMode): TaskParams {
  const settings = nodeSettings(node, platform)
  const overrides = configOverrides(node, settings)
  return {
    mode: settings.mode,
    incremental: mode === 'incremental',
    targetVersion: 0,
    // An incremental apply keeps every key that is not in its parameters. So keep the present peers while others are being
    // looked up, and name the key where peers are no longer wanted.
    overrides:
      mode === 'incremental' && peersOf(node.spec).length === 0 ? { [PEERS_KEY]: '', ...overrides } : overrides,
  }
}

function peerSource(peer: Peer): TaskParams {
  if (peer.ec2Tags) return { type: 'ec2Tags', region: peer.ec2Tags.region, tags: peer.ec2Tags.tags }
  return { type: 'static', addresses: peer.static?.addresses ?? [] }
}

function configureStateSync(node: SeiNode): TaskParams {
  const snapshot = snapshotOf(node.spec)
  return {
    // State sync uses a snapshot that was restored to the volume, and otherwise fetches one from the peers.
    useLocalSnapshot: snapshot?.s3 !== undefined,
    ...(snapshot?.trustPeriod === undefined ? {} : { trustPeriod: snapshot.trustPeriod }),
    ...(snapshot?.rpcServers === undefined ? {} : { rpcServers: snapshot.rpcServers }),
    ...(snapshot?.backfillBlocks === undefined ? {} : { backfillBlocks: snapshot.backfillBlocks }),
  }
}
