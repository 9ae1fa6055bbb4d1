/** A pool's cluster of its own: machines with zones that no other test's pods reach: `PoolMachines`. */
import { randomUUID } from 'node:crypto'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { POOL_JOB_LABEL, POOL_LABEL } from '../../src/api/names.ts'
import { seiNodePools } from '../../src/api/resources.ts'
import { PREP_STEP } from '../../src/build/pool/prep-job.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { nodes, pods, storageClasses } from '../../src/kube/resources.ts'
import { PROVISIONER, ZONE_LABEL } from '../../testing/fakes/node/cluster-nodes.ts'
import type { ContainerTask } from '../../testing/fakes/node/task-process.ts'
import { until } from '../support/until.ts'
import type { OperatorProcessOptions } from '../support/operator-process.ts'
import { PoolFixture } from './pool-fixture.ts'

/** A pod by name, its machine and that machine's zone. */
export interface Placed {
  readonly pod: string
  readonly machine: string
  readonly zone: string | undefined
}

export interface MachinesOptions {
  readonly count: number
  /** In turn. */
  readonly zones?: readonly string[]
  readonly operator?: Partial<OperatorProcessOptions>
}

export class PoolMachines implements AsyncDisposable {
  readonly pools: PoolFixture
  readonly nodePool: string

  private constructor(pools: PoolFixture, nodePool: string) {
    this.pools = pools
    this.nodePool = nodePool
  }

  static async open({ count, zones = [], operator = {} }: MachinesOptions): Promise<PoolMachines> {
    const nodePool = `place-${randomUUID().slice(0, 8)}`
    // A Job that has ended counts for the scheduler no more: each waits until all are on their machines.
    const scheduled = (task: ContainerTask): Promise<unknown> =>
      task.container === PREP_STEP ? allScheduled(pools.client, task) : Promise.resolve()
    const pools: PoolFixture = await PoolFixture.open({
      node: { nodePool, seiNodes: count, zones, beforeScript: scheduled },
      operator: { ...operator, env: { SEI_NODEPOOL_NAME: nodePool, ...operator.env } },
    })
    return new PoolMachines(pools, nodePool)
  }

  /** In the order of their zones. */
  get machines(): readonly string[] {
    return this.pools.node.nodeNames.sei
  }

  /** A class whose volumes are made in the zone of their first pod. Resolves with its name. */
  async zonalClass(): Promise<string> {
    const name = `zonal-${this.nodePool}`
    await this.pools.client.create(storageClasses, {
      metadata: { name },
      provisioner: PROVISIONER,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    })
    return name
  }

  async cordon(machine: string, unschedulable = true): Promise<void> {
    await this.pools.client.patch(nodes, { name: machine }, { spec: { unschedulable } }, { type: 'merge' })
  }

  async label(machine: string, labels: Readonly<Record<string, string>>): Promise<void> {
    await this.pools.client.patch(nodes, { name: machine }, { metadata: { labels } }, { type: 'merge' })
  }

  /** Where the pool's pods are: those of its validators, or those that prepared their volumes. */
  async placesOf(pool: string, which: 'validators' | 'preparations'): Promise<readonly Placed[]> {
    const { client, base } = this.pools
    const job = which === 'validators' ? `!${POOL_JOB_LABEL}` : `${POOL_JOB_LABEL}!=genesis,${POOL_JOB_LABEL}`
    const { items } = await client.list(pods, {
      namespace: base.namespace,
      labelSelector: `${POOL_LABEL}=${pool},${job}`,
    })
    return Promise.all(items.map(pod => this.#placeOf(pod)))
  }

  async #placeOf({ metadata, spec }: Pod): Promise<Placed> {
    const machine = spec?.nodeName ?? ''
    const { labels = {} } = (await this.pools.client.get(nodes, { name: machine }))?.metadata ?? {}
    return { pod: metadata?.name ?? '', machine, zone: labels[ZONE_LABEL] }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pools[Symbol.asyncDispose]()
  }
}

/** Resolves when the pods of all Jobs that prepare volumes of the same pool have a machine. */
async function allScheduled(client: KubeClient, { namespace, pod }: ContainerTask): Promise<unknown> {
  const { labels = {} } = (await client.get(pods, { namespace, name: pod }))?.metadata ?? {}
  const name = labels[POOL_LABEL] ?? ''
  const labelSelector = `${POOL_LABEL}=${name},${POOL_JOB_LABEL}!=genesis,${POOL_JOB_LABEL}`
  const isDone = async (): Promise<true | undefined> => {
    const [pool, { items }] = await Promise.all([
      client.get(seiNodePools, { namespace, name }),
      client.list(pods, { namespace, labelSelector }),
    ])
    const expected = pool?.spec.nodeConfiguration.nodeCount
    return items.filter(({ spec }) => spec?.nodeName !== undefined).length === expected || undefined
  }
  return until(`the Jobs of ${name} to be scheduled`, isDone, { deadlineMs: 120_000 })
}

/** How many are of each value, the largest number first. */
export function counts(values: readonly (string | undefined)[]): readonly number[] {
  return [...Map.groupBy(values, value => value).values()].map(({ length }) => length).toSorted((a, b) => b - a)
}
