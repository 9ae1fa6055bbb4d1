/** Ends recurring work in a node's sidecar that the spec does not ask for: `endUnwantedWork`; until then a changed pod template waits: `waitsForWork`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { recurringTasks } from '../../../plan/recurring.ts'
import { accountedTaskIDs } from '../../../plan/task-plan.ts'
import { replaceableLoops, unwantedWork } from '../../../plan/unwanted-work.ts'
import type { SidecarClient } from '../../../sidecar/client.ts'
import { SidecarError } from '../../../sidecar/errors.ts'
import type { Requeue } from '../../shared/requeue.ts'
import { sidecarState } from '../../shared/pods/pod-state.ts'
import type { NodeDependencies } from '../dependencies.ts'
import type { NodeLocalState } from '../local-state.ts'
import { type PlanWait, waitFor } from './plan-runner.ts'
import { SIDECAR_SILENT_MS } from '../rollout/pod-change.ts'
import { knowsTask } from './recurring.ts'

type Platform = Pick<NodeDependencies, 'platform'>

export interface EndedWork {
  /** When a template that was held may go on. */
  readonly requeue?: Requeue
  /** The sidecar gives no usable answer: nothing else is to be asked of it in this reconcile. */
  readonly wait?: PlanWait
}

/**
 * Once for each start of the sidecar and each change of what the spec asks for: a sidecar from v0.0.25 on takes up again
 * what it finds in its database, which may be that of an earlier node on a kept volume.
 * Rejects only when `signal` aborts.
 */
export async function endUnwantedWork(
  node: Readonly<SeiNode>,
  containerID: string,
  sidecar: SidecarClient,
  local: NodeLocalState,
  { platform }: Platform,
  signal: AbortSignal,
): Promise<EndedWork> {
  const occasion = occasionOf(node, containerID, { platform })
  if (local.workEnded === occasion) return {}
  let isStray: boolean
  try {
    isStray = await endWork(node, sidecar, { platform }, signal)
  } catch (error) {
    return { wait: waitFor(error) }
  }
  local.workEnded = occasion
  local.hasStrayUpload ||= isStray
  return local.workAwaitedSince === undefined && !isStray ? {} : { requeue: { requeueAfterMs: 0 } }
}

/** @returns whether an upload goes on until the sidecar restarts, as deleting it does up to v0.0.65 */
async function endWork(
  node: Readonly<SeiNode>,
  sidecar: SidecarClient,
  { platform }: Platform,
  signal: AbortSignal,
): Promise<boolean> {
  const wanted = recurringTasks(node, platform)
  const knownIDs = accountedTaskIDs(node.status)
  const listed = await sidecar.tasks(signal)
  const unwanted = unwantedWork(listed, wanted, knownIDs)
  const loops = replaceableLoops(listed, wanted, knownIDs)
  for (const { id } of unwanted) await forget(sidecar, id, signal)
  const isUpload = unwanted.some(({ type }) => type === 'snapshot-upload')
  if (!isUpload && loops.length === 0) return false
  const isNew = await knowsTask(sidecar, 'snapshot-upload-once', signal)
  // A loop that an earlier release began goes on in a newer one, which could tell how each upload ends.
  if (isNew) for (const { id } of loops) await forget(sidecar, id, signal)
  return isUpload && !isNew
}

// What the sidecar refuses to delete ends with its next restart.
async function forget(sidecar: SidecarClient, id: string, signal: AbortSignal): Promise<void> {
  try {
    await sidecar.forget(id, signal)
  } catch (error) {
    const isRefusal = error instanceof SidecarError && error.status !== undefined && error.status < 500
    if (!isRefusal) throw error
  }
}

/**
 * Whether a changed pod template waits until the work in the sidecar is ended: after a restart the sidecar would take it
 * up again, with whatever the new template says.
 * @param now milliseconds since the epoch
 */
export function waitsForWork(
  node: Readonly<SeiNode>,
  pod: Readonly<Pod> | undefined,
  local: NodeLocalState,
  { platform }: Platform,
  now: number,
): boolean {
  const state = sidecarState(pod)
  const isDue =
    state.kind === 'running' &&
    state.started &&
    node.status?.initPlan?.phase === 'Complete' &&
    local.workEnded !== occasionOf(node, state.containerID, { platform })
  local.workAwaitedSince = isDue ? (local.workAwaitedSince ?? now) : undefined
  // A sidecar that does not answer may be what the new template mends.
  return local.workAwaitedSince !== undefined && now - local.workAwaitedSince < SIDECAR_SILENT_MS
}

function occasionOf(node: Readonly<SeiNode>, containerID: string, { platform }: Platform): string {
  return [containerID, ...recurringTasks(node, platform).map(({ type }) => type)].join(' ')
}
