/** Follows the cluster for the console: `Observer`, watches of nodes, pools and pods, and heights by port-forwards. */
import type { SelfSubjectAccessReview } from 'kubernetes-types/authorization/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { NODE_LABEL } from '../../api/names.ts'
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { childNames } from '../../build/names.ts'
import { seidState } from '../../controllers/shared/pods/pod-state.ts'
import { pods, selfSubjectAccessReviews } from '../../kube/resources.ts'
import type { KubeObject, Resource } from '../../kube/types.ts'
import { sleep, systemClock } from '../../runtime/clock.ts'
import { Informer } from '../../runtime/informer.ts'
import type { Logger } from '../../runtime/log.ts'
import { keyOf } from '../../runtime/object-key.ts'
import type { Cluster } from '../cluster/connect.ts'
import { readNode, readPool } from '../cluster/details.ts'
import type { FleetNode } from '../cluster/fleet.ts'
import { type Live, readLive } from '../cluster/live.ts'
import { operatorWarning, readOperator } from '../cluster/operator.ts'
import { ChainHistory } from './history.ts'
import type { Details, Route, Scene } from './scene.ts'

/** A seid makes about two blocks a second; each question is a port-forward. */
const INTERVAL_MS = 5_000
const MAX_AT_A_TIME = 48
/** When no node answered: it may be a right that is missing. */
const SILENT_INTERVAL_MS = 30_000
const OPERATOR_INTERVAL_MS = 30_000

const NOT_ASKED: Live = { kind: 'unknown', why: 'not asked yet' }
const NOT_RUNNING: Live = { kind: 'unknown', why: 'seid does not run' }
const NO_PODS: Live = { kind: 'unknown', why: 'you may not list and watch pods' }

export interface ObserverOptions {
  readonly cluster: Cluster
  /** The namespace of the context, and whether all others are shown, too. */
  readonly namespace: string
  readonly isAllNamespaces: boolean
  /** Where an operator may run. */
  readonly operatorNamespaces: readonly string[]
  readonly log: Logger
}

export class Observer {
  readonly #options: ObserverOptions
  readonly #nodes: Informer<SeiNode>
  readonly #pools: Informer<SeiNodePool>
  readonly #pods: Informer<Pod>
  readonly #history = new ChainHistory()
  #maySeePods = true
  #warning: string | undefined

  constructor(options: ObserverOptions) {
    this.#options = options
    this.#nodes = this.#informer(seiNodes)
    this.#pools = this.#informer(seiNodePools)
    this.#pods = this.#informer(pods, NODE_LABEL)
  }

  /** Follows until the signal is aborted. Resolves when all that may be read is known. */
  async start(signal: AbortSignal): Promise<void> {
    this.#maySeePods = await this.#mayFollow(pods, signal)
    const informers = [this.#nodes, this.#pools, ...(this.#maySeePods ? [this.#pods] : [])]
    for (const informer of informers) void informer.run(signal)
    await Promise.all(informers.map(({ synced }) => synced))
    void this.#repeat(() => this.#askNodes(signal), signal)
    void this.#repeat(() => this.#askOperator(), signal)
  }

  /** @param now milliseconds since the epoch */
  scene(now: number): Scene {
    const nodes = [...this.#nodes.store.values()].map(node => this.#fleetNode(node))
    return {
      fleet: { nodes, pools: [...this.#pools.store.values()] },
      samplesOf: metadata => this.#history.samplesOf(keyOf({ metadata })),
      place: this.#options.isAllNamespaces ? 'all namespaces' : `namespace ${this.#options.namespace}`,
      isAllNamespaces: this.#options.isAllNamespaces,
      warning: this.#warning,
      now,
    }
  }

  /** Reads what only the page of one object shows; undefined if there is no such object, or no such page. */
  async details(route: Route, signal: AbortSignal): Promise<Details | undefined> {
    if (route.kind === 'fleet') return undefined
    const { cluster } = this.#options
    const key = `${route.namespace}/${route.name}`
    if (route.kind === 'node') {
      const node = this.#nodes.store.get(key)
      if (!node) return undefined
      const details = await readNode(cluster, node, signal)
      this.#record([details])
      return { kind: 'node', details }
    }
    const pool = this.#pools.store.get(key)
    if (!pool) return undefined
    const details = await readPool(cluster, pool, signal)
    this.#record(details.members)
    return { kind: 'pool', details }
  }

  get #scope(): { readonly namespace?: string } {
    const { isAllNamespaces, namespace } = this.#options
    return isAllNamespaces ? {} : { namespace }
  }

  /** Whether the user may list and watch the kind where the console looks. */
  async #mayFollow({ group, plural }: Resource, signal: AbortSignal): Promise<boolean> {
    const { client } = this.#options.cluster
    const answers = await Promise.all(
      ['list', 'watch'].map(verb => {
        const spec = { resourceAttributes: { ...this.#scope, group, resource: plural, verb } }
        return client.create<SelfSubjectAccessReview>(selfSubjectAccessReviews, { spec }, { signal })
      }),
    )
    return answers.every(({ status }) => status?.allowed === true)
  }

  #informer<T extends KubeObject>(resource: Resource<T>, labelSelector?: string): Informer<T> {
    const { namespace } = this.#scope
    return new Informer({
      client: this.#options.cluster.client,
      resource,
      ...(namespace !== undefined && { namespaces: [namespace] }),
      ...(labelSelector !== undefined && { labelSelector }),
      log: this.#options.log,
      clock: systemClock,
    })
  }

  #fleetNode(node: SeiNode): FleetNode {
    const pod = this.#podOf(node)
    return { node, pod, live: this.#liveOf(node, pod) }
  }

  #liveOf(node: SeiNode, pod: Pod | undefined): Live {
    if (!this.#maySeePods) return NO_PODS
    if (!pod || !seidState(pod).running) return NOT_RUNNING
    return this.#history.liveOf(keyOf(node)) ?? NOT_ASKED
  }

  #podOf(node: SeiNode): Pod | undefined {
    return this.#pods.store.get(`${node.metadata.namespace}/${childNames(node).pod}`)
  }

  /** Those that were not asked for the longest time. Returns when to ask again. */
  async #askNodes(signal: AbortSignal): Promise<number> {
    const running = [...this.#nodes.store.values()]
      .map(node => ({ node, pod: this.#podOf(node) }))
      .filter(({ pod }) => pod !== undefined && seidState(pod).running)
    this.#history.keep(new Set([...this.#nodes.store.values()].map(keyOf)))
    const next = running
      .toSorted((a, b) => this.#history.askedAt(keyOf(a.node)) - this.#history.askedAt(keyOf(b.node)))
      .slice(0, MAX_AT_A_TIME)
    const live = await readLive(this.#options.cluster.config, next, signal)
    this.#record(next.map((item, at) => ({ ...item, live: live[at] ?? NOT_ASKED })))
    const isSilent = next.length > 0 && live.every(({ kind }) => kind === 'unknown')
    return isSilent ? SILENT_INTERVAL_MS : INTERVAL_MS
  }

  #record(nodes: readonly FleetNode[]): void {
    const now = systemClock.now()
    for (const { node, live } of nodes) this.#history.record(keyOf(node), node.spec.chainId, live, now)
  }

  async #askOperator(): Promise<number> {
    const { cluster, operatorNamespaces } = this.#options
    // What is known of the operator stays until the API server answers.
    const found = await readOperator(cluster.client, operatorNamespaces).catch(() => undefined)
    if (found) this.#warning = operatorWarning(found, systemClock.now())
    return OPERATOR_INTERVAL_MS
  }

  async #repeat(work: () => Promise<number>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await sleep(await work(), signal, systemClock).catch(() => undefined)
  }
}
