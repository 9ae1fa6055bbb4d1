/** Many nodes that live side by side under one operator: `NodesFixture`. */
import assert from 'node:assert/strict'
import type { Home } from '../../testing/fakes/sidecar/index.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { API_VERSION } from '../../src/api/names.ts'
import { networkPolicies, persistentVolumeClaims, services, statefulSets } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { GENESIS_SPEC, OperatorFixture, type OperatorFixtureOptions } from '../support/operator-fixture.ts'
import type { FakeNodeOptions } from '../../testing/fakes/node/index.ts'
import { until } from '../support/until.ts'
import { LivingNode, type SpecInput } from './living-node.ts'

const KIND = { apiVersion: API_VERSION, kind: 'SeiNode' }

/** The API server fills in the defaults. */
const manifests: Resource<KubeObject & { readonly spec: SpecInput }> = seiNodes

type Behaviour = ReturnType<NonNullable<FakeNodeOptions['sidecarFor']>>

/** The bootstrap of `GENESIS_SPEC`. */
export const GENESIS_TASKS: readonly string[] = ['configure-genesis', 'config-apply', 'config-validate', 'mark-ready']

export class NodesFixture implements AsyncDisposable {
  readonly base: OperatorFixture
  readonly view: NamespaceView
  /** The last of each name. */
  readonly #nodes = new Map<string, LivingNode>()
  readonly #behaviours: Map<string, Behaviour>

  private constructor(base: OperatorFixture, view: NamespaceView, behaviours: Map<string, Behaviour>) {
    this.base = base
    this.view = view
    this.#behaviours = behaviours
  }

  static async open({ node, ...options }: OperatorFixtureOptions = {}): Promise<NodesFixture> {
    const behaviours = new Map<string, Behaviour>()
    const sidecarFor = ({ pod }: { readonly pod: string }): Behaviour => behaviours.get(pod) ?? {}
    const base = await OperatorFixture.open({ ...options, node: { sidecarFor, ...node } })
    return new NodesFixture(base, await NamespaceView.open(base.client, base.namespace), behaviours)
  }

  /** How sidecars of the node behave that start from now on. */
  behave(name: string, behaviour: Behaviour): void {
    this.#behaviours.set(`${name}-0`, behaviour)
  }

  /** A SeiNode of which nothing has been seen yet; `metadata` is added to its name. */
  async create(
    name: string,
    spec: SpecInput = GENESIS_SPEC,
    metadata: KubeObject['metadata'] = {},
  ): Promise<LivingNode> {
    const node = this.follow(name, spec.genesis?.pvc?.dataPVC)
    const { client } = this.base
    await client.create(manifests, { ...KIND, metadata: { ...metadata, ...this.base.key(name) }, spec })
    return node
  }

  /** A node of which everything that is there now counts as there before. */
  follow(name: string, claim = `data-${name}`): LivingNode {
    const node = new LivingNode(this.base, this.view, name, claim)
    this.#nodes.set(name, node)
    return node
  }

  /** Makes an object that is none of a SeiNode's making; it counts as there before for nodes that are created now. */
  async place<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    const placed = await this.base.client.create(resource, object)
    const { name = '', uid } = placed.metadata ?? {}
    const isSeen = (): true | undefined =>
      this.view.historyOf(name).some(sighting => sighting.object.metadata?.uid === uid) || undefined
    await until(`${resource.kind} ${name} to be seen`, isSeen)
    return placed
  }

  /** What is on a claim's volume; undefined where the claim is not known yet. */
  homeOf(claim: string): Home | undefined {
    return this.base.homeOf(claim)
  }

  /** What the operator decides of the node's objects: all but their status, which others write. */
  async contentsOf(name: string): Promise<readonly unknown[]> {
    const { base } = this
    const found = await Promise.all<(KubeObject & { readonly spec?: unknown }) | undefined>([
      base.get(persistentVolumeClaims, `data-${name}`),
      base.get(services, name),
      base.get(networkPolicies, `${name}-sidecar`),
      base.get(statefulSets, name),
    ])
    return found.map(object => {
      const { uid, labels, annotations, ownerReferences } = object?.metadata ?? {}
      return { uid, labels, annotations, ownerReferences, spec: object?.spec }
    })
  }

  /** A node that is Running and Ready: the starting state of most scenarios. */
  async running(
    name: string,
    spec: SpecInput = GENESIS_SPEC,
    tasks: readonly string[] = GENESIS_TASKS,
  ): Promise<LivingNode> {
    const node = await this.create(name, spec)
    await node.becomes({ tasks, events: ['PlanStarted', 'PlanComplete'] })
    return node
  }

  /** Fails where a node is no longer as it ended: what came later than its end was seen is seen here. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      for (const node of this.#nodes.values()) {
        const { found, expected } = node.now()
        assert.deepEqual(found, expected, `${node.name} went on after the end of its scenario`)
      }
    } finally {
      await this.view[Symbol.asyncDispose]()
      await this.base[Symbol.asyncDispose]()
    }
  }
}
