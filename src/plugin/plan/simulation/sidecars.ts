/** Sidecars that carry out every task at once, and note it: `simulatedSidecars`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { NODE_LABEL, SIDECAR_CONTAINER } from '../../../api/names.ts'
import type { SeiNodeStatus } from '../../../api/seinode-status.ts'
import { seiNodes } from '../../../api/resources.ts'
import type { ConfirmedDialer } from '../../../controllers/shared/pods/pod-calls.ts'
import { containerStatus } from '../../../controllers/shared/pods/pod-state.ts'
import { pods } from '../../../kube/resources.ts'
import { RECURRING_TYPES } from '../../../plan/recurring.ts'
import type { SidecarClient, TaskRequest, TaskResult } from '../../../sidecar/client.ts'
import { SidecarError } from '../../../sidecar/errors.ts'
import type { Journal, SentTask } from './journal.ts'
import type { Machines } from './machines.ts'
import type { World } from './world.ts'

/** Releases from here on count the runs of a task, and take locations from their environment. */
const FIRST_COUNTING = 31

export function simulatedSidecars(world: World, machines: Machines, journal: Journal): ConfirmedDialer {
  const byContainer = new Map<string, Map<string, TaskResult>>()
  return ({ containerID = '' }) => {
    const done = byContainer.get(containerID) ?? new Map<string, TaskResult>()
    byContainer.set(containerID, done)
    return new SimulatedSidecar(world, machines, journal, containerID, done)
  }
}

class SimulatedSidecar implements SidecarClient {
  readonly #world: World
  readonly #machines: Machines
  readonly #journal: Journal
  readonly #containerID: string
  readonly #done: Map<string, TaskResult>

  constructor(world: World, machines: Machines, journal: Journal, containerID: string, done: Map<string, TaskResult>) {
    this.#world = world
    this.#machines = machines
    this.#journal = journal
    this.#containerID = containerID
    this.#done = done
  }

  async health(): Promise<'ready' | 'not-ready'> {
    return containerStatus(this.#pod(), SIDECAR_CONTAINER)?.started === true ? 'ready' : 'not-ready'
  }

  /** What the real sidecar works on ends well. */
  async task(id: string): Promise<TaskResult | undefined> {
    const known = this.#done.get(id)
    if (known) return known
    const status = this.#statusOf(this.#pod())
    const task = [...(status?.initPlan?.tasks ?? []), ...(status?.updatePlan?.tasks ?? [])].find(
      ({ taskID }) => taskID === id,
    )
    if (task) return this.#completed(id, task.type)
    const recurring = status?.recurringTasks?.find(({ taskID }) => taskID === id)
    return recurring && { id, type: recurring.type, status: 'running' }
  }

  async tasks(): Promise<readonly TaskResult[]> {
    return [...this.#done.values()].toReversed()
  }

  async submit({ id, type, params }: TaskRequest): Promise<string> {
    const pod = this.#pod()
    const node = pod.metadata?.labels?.[NODE_LABEL] ?? ''
    if (!isRecurring(type)) this.#journal.tasks.push({ node, type, params, part: partOf(type, this.#statusOf(pod)) })
    this.#done.set(id, { ...this.#completed(id, type), ...(params ? { params } : {}) })
    if (type === 'mark-ready') this.#machines.release(pod)
    return id
  }

  async forget(id: string): Promise<'gone' | 'unknown'> {
    return this.#done.delete(id) ? 'gone' : 'unknown'
  }

  #completed(id: string, type: string): TaskResult {
    const image = this.#pod().spec?.initContainers?.find(({ name }) => name === SIDECAR_CONTAINER)?.image ?? ''
    const release = Number(/:v0\.0\.(\d+)$/.exec(image)?.[1] ?? FIRST_COUNTING)
    return { id, type, status: 'completed', ...(release >= FIRST_COUNTING ? { run: 1 } : {}) }
  }

  #pod(): Pod {
    const isMeant = (pod: Pod): boolean => containerStatus(pod, SIDECAR_CONTAINER)?.containerID === this.#containerID
    const pod = this.#world.list(pods).find(isMeant)
    if (!pod) throw new SidecarError('the pod is gone', { kind: 'unavailable', sent: 'no', detail: 'the pod is gone' })
    return pod
  }

  #statusOf({ metadata }: Pod): SeiNodeStatus | undefined {
    const { namespace = '', labels = {} } = metadata ?? {}
    return this.#world.get(seiNodes, { namespace, name: labels[NODE_LABEL] ?? '' })?.status
  }
}

function isRecurring(type: string): boolean {
  return RECURRING_TYPES.some(each => type === each || type === `${each}-once`)
}

function partOf(type: string, status: SeiNodeStatus | undefined): SentTask['part'] {
  if (status?.initPlan?.phase !== 'Complete') return 'bootstrap'
  return type === 'mark-ready' ? 'ready' : 'update'
}
