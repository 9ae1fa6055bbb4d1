/** A subject and the ways in which the contract's statements use it: `Suite`. */
import type { Job, JobSpec } from 'kubernetes-types/batch/v1.d.ts'
import type { ContainerStateTerminated, Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts'
import { SIDECAR_CONTAINER } from '../../src/api/names.ts'
import { jobs, pods } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { conditionOf, containerOf } from '../support/fake-node-fixture.ts'
import { until } from '../support/until.ts'
import { type GatedOptions, gatedPod, type Task, taskPod, type TaskPodOptions } from './pods.ts'
import type { Subject } from './subject.ts'

/** A sentence that holds for every kubelet, and its proof. */
export type Statement = readonly [title: string, check: (suite: Suite) => Promise<void>]

export class Suite {
  readonly subject: Subject

  constructor(subject: Subject) {
    this.subject = subject
  }

  async until<T extends KubeObject>(
    what: string,
    resource: Resource<T>,
    name: string,
    holds: (object: T) => boolean,
  ): Promise<T> {
    const { client, namespace, deadlineMs } = this.subject
    let found: T | undefined
    const probe = async (): Promise<T | undefined> => {
      found = await client.get(resource, { namespace, name })
      return found && holds(found) ? found : undefined
    }
    return until(`${resource.kind} ${name}: ${what}`, probe, { deadlineMs, intervalMs: 50, found: () => found })
  }

  pod(name: string, what: string, holds: (pod: Pod) => boolean): Promise<Pod> {
    return this.until(what, pods, name, holds)
  }

  async gone(name: string, uid: string): Promise<void> {
    const { client, namespace, deadlineMs } = this.subject
    const probe = async (): Promise<true | undefined> => {
      const pod = await client.get(pods, { namespace, name })
      return pod?.metadata?.uid === uid ? undefined : true
    }
    await until(`pod ${name} to be gone`, probe, { deadlineMs, intervalMs: 50 })
  }

  async create(name: string, spec: PodSpec): Promise<void> {
    const { client, namespace } = this.subject
    await client.create(pods, { metadata: { namespace, name }, spec })
  }

  /** A gated pod whose sidecar runs and has not been marked ready. */
  async gated(name: string, options: GatedOptions = {}): Promise<Pod> {
    await this.create(name, gatedPod(this.subject.image, options))
    return this.pod(name, 'a running sidecar', pod => containerOf(pod, SIDECAR_CONTAINER)?.state?.running !== undefined)
  }

  /** The same, marked ready and Ready. */
  async running(name: string, options: GatedOptions = {}): Promise<Pod> {
    await this.gated(name, options)
    await this.subject.markReady(name)
    return this.ready(name)
  }

  ready(name: string): Promise<Pod> {
    return this.pod(name, 'Ready', pod => conditionOf(pod, 'Ready') === 'True')
  }

  restarted(name: string, container: string, count = 1): Promise<Pod> {
    return this.pod(
      name,
      `restart ${count} of ${container}`,
      pod =>
        containerOf(pod, container)?.restartCount === count &&
        containerOf(pod, container)?.state?.running !== undefined,
    )
  }

  async job(name: string, task: Task, changes: TaskPodOptions & Partial<JobSpec> = {}): Promise<Job> {
    const { client, namespace, image } = this.subject
    const { init = [], restartPolicy = 'Never', ...spec } = changes
    const template = { spec: taskPod(image, task, { init, restartPolicy }) }
    return client.create(jobs, { metadata: { namespace, name }, spec: { backoffLimit: 0, template, ...spec } })
  }

  ended(name: string, type: 'Complete' | 'Failed'): Promise<Job> {
    return this.until(type, jobs, name, ({ status }) =>
      (status?.conditions ?? []).some(condition => condition.type === type && condition.status === 'True'),
    )
  }

  /** The one pod of that Job, once it meets the condition. */
  async jobPod(name: string, what: string, holds: (pod: Pod) => boolean): Promise<Pod> {
    const { client, namespace, deadlineMs } = this.subject
    let items: readonly Pod[] = []
    const probe = async (): Promise<Pod | undefined> => {
      items = (await client.list(pods, { namespace, labelSelector: `job-name=${name}` })).items
      return items.find(holds)
    }
    return until(`the pod of Job ${name}: ${what}`, probe, { deadlineMs, intervalMs: 50, found: () => items })
  }
}

/** How its last run ended, whether it waits to run again or not. */
export function lastExit(pod: Pod, container: string): ContainerStateTerminated | undefined {
  const status = containerOf(pod, container)
  return status?.state?.terminated ?? status?.lastState?.terminated
}
