/** A namespace in which pools live, with a fake node that runs their Jobs for real: `PoolFixture`. */
import { seiNodePools, seiNodes } from '../../src/api/resources.ts'
import type { SeiNodePool, SeiNodePoolSpec } from '../../src/api/seinodepool.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { API_VERSION } from '../../src/api/names.ts'
import type { Condition } from '../../src/api/status.ts'
import type { FakeNode } from '../../testing/fakes/node/index.ts'
import { jobs, persistentVolumeClaims, pods } from '../../src/kube/resources.ts'
import type { KubeObject, ObjectMeta, Resource } from '../../src/kube/types.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { OperatorFixture, type OperatorFixtureOptions } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'

/** Several processes for each node; the machine may be busy with other tests. */
const DEADLINE_MS = 120_000

type PoolInput = Omit<SeiNodePoolSpec, 'storage'> & { readonly storage?: Partial<SeiNodePoolSpec['storage']> }

/** The API server fills in the defaults. */
const manifests: Resource<KubeObject & { readonly spec: PoolInput }> = seiNodePools

export class PoolFixture implements AsyncDisposable {
  readonly base: OperatorFixture

  private constructor(base: OperatorFixture) {
    this.base = base
  }

  static async open({ node, ...options }: OperatorFixtureOptions = {}): Promise<PoolFixture> {
    return new PoolFixture(await OperatorFixture.open({ ...options, node: { runScripts: true, ...node } }))
  }

  /** On what another fixture opened, and disposes of. */
  static on(base: OperatorFixture): PoolFixture {
    return new PoolFixture(base)
  }

  get client(): KubeClient {
    return this.base.client
  }

  get node(): FakeNode {
    return this.base.node
  }

  create(name: string, nodeCount: number, spec: Partial<PoolInput> = {}, metadata: ObjectMeta = {}): Promise<unknown> {
    const { nodeConfiguration, ...rest } = spec
    return this.client.create(manifests, {
      apiVersion: API_VERSION,
      kind: 'SeiNodePool',
      metadata: { ...metadata, ...this.base.key(name) },
      spec: {
        chainId: 'devnet-1',
        nodeConfiguration: { nodeCount, image: 'sei-protocol/seid:v6.4.0', ...nodeConfiguration },
        ...rest,
      },
    })
  }

  /** Merges into the existing SeiNodePool. */
  patch(name: string, body: unknown): Promise<SeiNodePool> {
    return this.client.patch(seiNodePools, this.base.key(name), body, { type: 'merge' })
  }

  pool(name: string): Promise<SeiNodePool | undefined> {
    return this.base.get(seiNodePools, name)
  }

  async seiNode(name: string): Promise<SeiNode> {
    const found = await this.base.get(seiNodes, name)
    if (!found) throw new Error(`there is no SeiNode ${name}`)
    return found
  }

  /** The SeiNodePool once it meets the condition. */
  until(name: string, what: string, isMet: (pool: SeiNodePool) => boolean): Promise<SeiNodePool> {
    return until(
      `SeiNodePool ${name}: ${what}`,
      async () => {
        const pool = await this.pool(name)
        return pool && isMet(pool) ? pool : undefined
      },
      {
        deadlineMs: DEADLINE_MS,
        found: async () => ({
          status: (await this.pool(name))?.status,
          nodes: await this.#complaints(name),
          operator: this.base.operator.log,
        }),
      },
    )
  }

  untilReady(name: string): Promise<SeiNodePool> {
    return this.until(name, 'Running and Ready', pool => {
      const ready = poolCondition(pool, 'Ready')
      return pool.status?.phase === 'Running' && ready?.status === 'True' && isCurrent(pool, ready)
    })
  }

  /** Resolves with the condition when it has that reason for the current spec. */
  async untilReason(name: string, type: string, reason: string): Promise<Condition> {
    const isMet = (pool: SeiNodePool): boolean => {
      const condition = poolCondition(pool, type)
      return condition?.reason === reason && isCurrent(pool, condition)
    }
    const found = poolCondition(await this.until(name, `${type} ${reason}`, isMet), type)
    if (!found) throw new Error(`SeiNodePool ${name} has no condition ${type}`)
    return found
  }

  /** Waits until the object is deleted. */
  async untilGone<T extends KubeObject>(resource: Resource<T>, name: string): Promise<void> {
    await until(
      `${resource.kind} ${name} to be gone`,
      async () => ((await this.base.get(resource, name)) ? undefined : true),
      { deadlineMs: DEADLINE_MS, found: async () => this.base.get(resource, name) },
    )
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    name: string,
    propagationPolicy: 'Background' | 'Foreground' | 'Orphan' = 'Background',
  ): Promise<void> {
    const found = await this.base.get(resource, name)
    const uid = found?.metadata?.uid ?? ''
    await this.client.delete(resource, this.base.key(name), { uid, propagationPolicy })
  }

  /** A file on the volume of a claim, as text. */
  read(claim: string, path: string): string | undefined {
    return this.node.homeOf(this.base.key(claim)).read(path)
  }

  /** The height that the validator on the claim's volume had signed when it last stopped; 0 before that. */
  signedHeight(claim: string): number {
    const state: { readonly height?: string } = JSON.parse(this.read(claim, 'data/priv_validator_state.json') ?? '{}')
    return Number(state.height ?? 0)
  }

  async uidOf(claim: string): Promise<string | undefined> {
    return (await this.base.get(persistentVolumeClaims, claim))?.metadata?.uid
  }

  /** UIDs of the nodes' pods; undefined where there is none. */
  async podUIDs(nodes: readonly string[]): Promise<readonly (string | undefined)[]> {
    return Promise.all(nodes.map(async node => (await this.base.get(pods, `${node}-0`))?.metadata?.uid))
  }

  async jobUID(name: string): Promise<string | undefined> {
    return (await this.base.get(jobs, name))?.metadata?.uid
  }

  /** Reasons of the events about the pool, in the order of their time. */
  async eventsOf(name: string): Promise<readonly string[]> {
    return (await this.base.eventsOf(name, 'SeiNodePool')).map(({ reason = '' }) => reason)
  }

  /** Resolves when the event has been posted. */
  async untilEvent(name: string, reason: string): Promise<void> {
    await this.base.untilEvent(name, reason, undefined, 'SeiNodePool')
  }

  /** What the pool's nodes say of themselves. */
  async #complaints(name: string): Promise<readonly string[]> {
    const { items } = await this.client.list(seiNodes, { namespace: this.base.namespace })
    return items
      .filter(({ metadata }) => metadata.name.startsWith(`${name}-`))
      .map(({ metadata, status }) => {
        const conditions = status?.conditions ?? []
        return `${metadata.name}: ${conditions.map(({ type, reason, message }) => `${type} ${reason}: ${message}`).join('; ')}`
      })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.base[Symbol.asyncDispose]()
  }
}

export function poolCondition(pool: SeiNodePool, type: string): Condition | undefined {
  return pool.status?.conditions?.find(condition => condition.type === type)
}

function isCurrent({ metadata }: SeiNodePool, { observedGeneration }: Condition): boolean {
  return observedGeneration === metadata.generation
}
