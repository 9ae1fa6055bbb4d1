/** Which tasks bring a node's empty volume to the point where seid may start: `bootstrapTasks`. */
import type { SeiNodeSpec } from '../api/seinode.ts'
import type { Snapshot } from '../api/shared.ts'
import { discoversPeers } from './peers.ts'
import type { TaskType } from './task-type.ts'

/** How a node gets its first state, decided by which parts of the spec are set. Shown in status and in tables. */
export type BootstrapMode = 'Snapshot' | 'StateSync' | 'Replayer' | 'GenesisPVC' | 'GenesisS3' | 'Genesis'

export function bootstrapMode(spec: SeiNodeSpec): BootstrapMode {
  if (spec.replayer) return 'Replayer'
  if (spec.snapshot) return spec.snapshot.s3 ? 'Snapshot' : 'StateSync'
  if (spec.genesis?.pvc) return 'GenesisPVC'
  return spec.genesis?.s3 ? 'GenesisS3' : 'Genesis'
}

/** The snapshot in the node's spec, or in its replayer's. */
export function snapshotOf(spec: SeiNodeSpec): Snapshot | undefined {
  return spec.replayer ? spec.replayer.snapshot : spec.snapshot
}

/**
 * The bootstrap's tasks in order. The order matters: config-apply rewrites both config files, so whatever edits them
 * (discover-peers, configure-state-sync) comes after it, and mark-ready, which lets seid start, is last.
 */
export function bootstrapTasks(spec: SeiNodeSpec): readonly TaskType[] {
  const snapshot = snapshotOf(spec)
  const tasks: TaskType[] = []
  if (snapshot?.s3) tasks.push('snapshot-restore')
  if (!spec.genesis?.pvc) tasks.push('configure-genesis')
  tasks.push('config-apply')
  if (discoversPeers(spec)) tasks.push('discover-peers')
  if (snapshot) tasks.push('configure-state-sync')
  tasks.push('config-validate', 'mark-ready')
  return tasks
}

/** Tasks for a volume that was bootstrapped for the same chain before: they keep its state and renew its configuration. */
export function adoptionTasks(spec: SeiNodeSpec): readonly TaskType[] {
  const peers: readonly TaskType[] = discoversPeers(spec) ? ['discover-peers'] : []
  return ['config-apply', ...peers, 'config-validate', 'mark-ready']
}
