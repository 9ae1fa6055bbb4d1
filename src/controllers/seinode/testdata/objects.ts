/** Pods, StatefulSets and plans as reconciles of tests find them. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { ContainerState, ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { PlannedTask } from '../../../api/seinode-status.ts'
import type { IdentifiedPlan } from '../../../plan/init-plan.ts'

export const PLAN_ID = '6fa459ea-ee8a-4ca4-894e-db77e160355e'
/** 2026-05-01T12:00:00Z, milliseconds since the epoch. */
export const NOW = Date.UTC(2026, 4, 1, 12)

const RUNNING: ContainerState = { running: { startedAt: new Date(NOW - 60_000).toISOString() } }

function containerStatus(name: string, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return {
    name,
    image: `${name}:v1`,
    imageID: '',
    ready: true,
    restartCount: 0,
    started: true,
    containerID: `containerd://${name}-1`,
    state: RUNNING,
    ...more,
  }
}

export interface PodFacts {
  readonly revision?: string
  readonly terminating?: boolean
  readonly ready?: boolean
  readonly ip?: string | undefined
  /** Changes of the sidecar's status; null: it has none. */
  readonly sidecar?: Partial<ContainerStatus> | null
  /** Changes of seid's status; null: it has none. */
  readonly seid?: Partial<ContainerStatus> | null
}

/** A pod that runs, is Ready and of revision `new` unless the facts say otherwise. */
export function podOf(facts: PodFacts = {}): Pod {
  const { revision = 'new', terminating = false, ready = true, sidecar = {}, seid = {} } = facts
  const ip = 'ip' in facts ? facts.ip : '10.0.0.1'
  return {
    metadata: {
      name: 'a-0',
      namespace: 'sei',
      uid: 'pod-1',
      creationTimestamp: new Date(NOW - 60_000).toISOString(),
      labels: { 'controller-revision-hash': revision },
      ...(terminating ? { deletionTimestamp: new Date(NOW).toISOString() } : {}),
    },
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      initContainerStatuses: sidecar === null ? [] : [containerStatus('sei-sidecar', sidecar)],
      containerStatuses: seid === null ? [] : [containerStatus('seid', seid)],
      ...(ip === undefined ? {} : { podIP: ip }),
    },
  }
}

/** A StatefulSet whose controller has seen its newest template, revision `new`. */
export function statefulSetOf(status: StatefulSet['status'] = seen('new'), ageMs = 60_000): StatefulSet {
  return {
    metadata: {
      name: 'a',
      namespace: 'sei',
      uid: 'sts-1',
      generation: 2,
      creationTimestamp: new Date(NOW - ageMs).toISOString(),
    },
    spec: {
      serviceName: 'a',
      selector: {},
      template: { spec: { containers: [], serviceAccountName: 'seid-node' } },
    },
    ...(status ? { status } : {}),
  }
}

export function seen(updateRevision: string, observedGeneration = 2): NonNullable<StatefulSet['status']> {
  return { replicas: 1, updateRevision, observedGeneration }
}

/** An active plan whose first `done` tasks are complete. */
export function planOf(types: readonly string[], done = 0): IdentifiedPlan {
  const tasks = types.map((type, i): PlannedTask => ({ type, status: i < done ? 'Complete' : 'Pending' }))
  return { id: PLAN_ID, phase: done === types.length ? 'Complete' : 'Active', volumeUID: 'volume-1', tasks }
}

/** The plan, failed at its first task. */
export function failedPlan(types: readonly string[], error: string): IdentifiedPlan {
  const plan = planOf(types)
  return { ...plan, phase: 'Failed', tasks: plan.tasks.with(0, { type: types[0] ?? '', status: 'Failed', error }) }
}
