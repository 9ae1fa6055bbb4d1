/** All that the operator asks of the API server for one node on its way to Running, and nothing else: `writeNode`, the floor's whole work. */
import { randomUUID } from 'node:crypto'
import type { Event } from 'kubernetes-types/events/v1.d.ts'
import { NODE_CONDITIONS } from '../src/api/conditions.ts'
import { API_VERSION, FIELD_MANAGER, NODE_FINALIZER } from '../src/api/names.ts'
import { seiNodes } from '../src/api/resources.ts'
import type { SeiNodeStatus, TaskPlan } from '../src/api/seinode-status.ts'
import type { SeiNode } from '../src/api/seinode.ts'
import type { Condition, Phase } from '../src/api/status.ts'
import { buildDataVolume } from '../src/build/data-claim.ts'
import { buildNetworkPolicy } from '../src/build/network-policy.ts'
import type { PlatformConfig } from '../src/build/platform.ts'
import { childNames } from '../src/build/names.ts'
import { buildService } from '../src/build/service.ts'
import { buildStatefulSet } from '../src/build/statefulset.ts'
import type { KubeClient } from '../src/kube/client.ts'
import {
  eventsK8sIo,
  networkPolicies,
  persistentVolumeClaims,
  pods,
  services,
  statefulSets,
} from '../src/kube/resources.ts'
import type { KubeObject, Resource } from '../src/kube/types.ts'
import { bootstrapTasks } from '../src/plan/bootstrap.ts'
import { taskID } from '../src/plan/task-id.ts'
import { newPlan } from '../src/plan/task-plan.ts'

/** One after the other, each with what the API server answered to the one before. `node` is as it was created. */
export async function writeNode(client: KubeClient, node: SeiNode, platform: PlatformConfig): Promise<void> {
  const { namespace = '', name, uid, resourceVersion } = node.metadata
  const finalizers = { metadata: { uid, resourceVersion, finalizers: [NODE_FINALIZER] } }
  let current = await client.patch(seiNodes, { namespace, name }, finalizers, { type: 'merge' })
  const claim = buildDataVolume(current, platform)
  if (!claim) throw new TypeError(`SeiNode ${name}: expected one with a volume of its own`)
  await apply(client, persistentVolumeClaims, claim)
  await apply(client, services, buildService(current, platform))
  await apply(client, statefulSets, buildStatefulSet(current, platform))
  await apply(client, networkPolicies, buildNetworkPolicy(current, platform, { isIsolated: false }))
  // The operator confirms the pod before it sends the first task. Here the pod may not be there yet.
  await client.get(pods, { namespace, name: childNames(current).pod })
  for (const { status, event } of bareStatuses(current)) {
    current = await client.replace(seiNodes, { ...current, status }, { subresource: 'status' })
    if (event) await client.create(eventsK8sIo, eventAbout(current, event.reason, event.note))
  }
}

async function apply<T extends KubeObject>(client: KubeClient, resource: Resource<T>, object: T): Promise<void> {
  await client.apply(resource, object, { fieldManager: FIELD_MANAGER, createOnly: true })
}

function eventAbout({ metadata: { namespace = '', name, uid = '' } }: SeiNode, reason: string, note: string): Event {
  return {
    metadata: { name: `${name}.${randomUUID()}`, namespace },
    eventTime: new Date().toISOString().replace('Z', '000Z'),
    reportingController: 'sei.io/bare-writer',
    reportingInstance: 'bench',
    action: 'Bootstrap',
    reason,
    regarding: { apiVersion: API_VERSION, kind: 'SeiNode', namespace, name, uid },
    note,
    type: 'Normal',
  }
}

interface BareStatus {
  readonly status: SeiNodeStatus
  readonly event?: { readonly reason: string; readonly note: string }
}

/** The statuses of a bootstrap without errors, as large as the operator's: plan made, plan complete, seid running. */
function bareStatuses(node: SeiNode): readonly BareStatus[] {
  const tasks = bootstrapTasks(node.spec)
  const planned = { ...newPlan(tasks, randomUUID()), id: randomUUID() }
  const done = completed(planned)
  const list = tasks.join(', ')
  return [
    { status: statusOf(node, 'Pending', planned), event: { reason: 'PlanStarted', note: `bootstrap begins: ${list}` } },
    {
      status: statusOf(node, 'Initializing', done),
      event: { reason: 'PlanComplete', note: `bootstrap complete: ${list}` },
    },
    { status: statusOf(node, 'Running', done) },
  ]
}

function statusOf(node: SeiNode, phase: Phase, initPlan: TaskPlan): SeiNodeStatus {
  const { generation = 1, name } = node.metadata
  const conditions = Object.keys(NODE_CONDITIONS).map((type): Condition => ({
    type,
    status: phase === 'Running' ? 'True' : 'False',
    reason: phase,
    message: `what the operator has to say about ${type}`,
    observedGeneration: generation,
    lastTransitionTime: new Date().toISOString(),
  }))
  const dataVolume = { claimName: `data-${name}`, uid: initPlan.volumeUID ?? '' }
  return { observedGeneration: generation, phase, mode: 'full', conditions, dataVolume, initPlan }
}

function completed(plan: TaskPlan & { readonly id: string }): TaskPlan {
  const now = new Date().toISOString()
  const tasks = plan.tasks.map(({ type }, index) => ({
    type,
    taskID: taskID(plan.id, type, index, 1),
    status: 'Complete' as const,
    attempt: 1,
    submittedAt: now,
    completedAt: now,
  }))
  return { ...plan, phase: 'Complete', tasks }
}
