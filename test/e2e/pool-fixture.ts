/** A pool on the cluster under test and the ways in which its story uses it: `PoolFixture`. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'

import { SIDECAR_CONTAINER } from '../../src/api/names.ts'
import { seiNodePools } from '../../src/api/resources.ts'
import type { SeiNodePool } from '../../src/api/seinodepool.ts'
import { pods, serviceAccounts } from '../../src/kube/resources.ts'
import { until } from '../support/until.ts'
import { Cluster, images } from './cluster.ts'
import { Observer } from './observer.ts'

/** Named in the sidecar image's AWS_ENDPOINT_URL_S3. */
export const NAMESPACE = 'sei-e2e'
export const POOL = 'devnet'
const SAMPLE = fileURLToPath(new URL('../../samples/seinodepool-devnet.yaml', import.meta.url))
/** A ceremony, four Jobs, four pods. */
const START_MS = 5 * 60_000
/** More blocks than the chain makes while a change is rolled. */
export const BLOCKS_TO_HALT = 300
/** A rollout, that many blocks, and until a validator that stands below the others is known to stand. */
const HALT_MS = 12 * 60_000

interface RpcStatus {
  readonly validator_info: { readonly address: string }
}

interface Commit {
  readonly signed_header: {
    readonly commit: { readonly signatures: readonly { readonly validator_address: string }[] }
  }
}

interface Validators {
  readonly validators: readonly { readonly address: string }[]
}

export class PoolFixture {
  readonly cluster: Cluster

  private constructor(cluster: Cluster) {
    this.cluster = cluster
  }

  static async open(): Promise<PoolFixture> {
    const cluster = await Cluster.open()
    await cluster.namespace(NAMESPACE)
    const key = { namespace: NAMESPACE, name: 'seid-node' }
    if (!(await cluster.client.get(serviceAccounts, key))) {
      await cluster.client.create(serviceAccounts, { metadata: key })
    }
    return new PoolFixture(cluster)
  }

  /** The sample manifest, with the image that the cluster can pull. */
  async create(
    retainOnDelete: boolean,
    { haltHeight, genesis }: { haltHeight?: number; genesis?: SeiNodePool['spec']['genesis'] } = {},
  ): Promise<void> {
    const sample: SeiNodePool = parse(await readFile(SAMPLE, 'utf8'))
    await this.cluster.client.create(seiNodePools, {
      ...sample,
      metadata: { ...sample.metadata, namespace: NAMESPACE },
      spec: {
        ...sample.spec,
        nodeConfiguration: {
          ...sample.spec.nodeConfiguration,
          image: images.seid,
          ...(haltHeight === undefined ? {} : { haltHeight }),
        },
        ...(genesis && { genesis }),
        storage: { ...sample.spec.storage, retainOnDelete },
      },
    })
  }

  get(): Promise<SeiNodePool | undefined> {
    return this.cluster.client.get(seiNodePools, { namespace: NAMESPACE, name: POOL })
  }

  patch(body: unknown): Promise<SeiNodePool> {
    const key = { namespace: NAMESPACE, name: POOL }
    return this.cluster.client.patch(seiNodePools, key, body, { type: 'merge' })
  }

  /** Resolves when nothing of that name is there any more. */
  async remove(): Promise<void> {
    const pool = await this.get()
    const key = { namespace: NAMESPACE, name: POOL }
    await this.cluster.client.delete(seiNodePools, key, { uid: pool?.metadata.uid ?? '' })
    await this.until('its end', found => found === undefined, START_MS)
  }

  /** The pool once it meets the condition; its conditions are in the error where it does not. */
  async until(
    what: string,
    holds: (pool: SeiNodePool | undefined) => boolean,
    deadlineMs = START_MS,
  ): Promise<SeiNodePool | undefined> {
    let pool: SeiNodePool | undefined
    let reported = ''
    await until(
      `SeiNodePool ${POOL}: ${what}`,
      async () => {
        pool = await this.get()
        const progress = progressOf(pool)
        if (progress !== reported) say(progress)
        reported = progress
        if (holds(pool)) return true
        // No patience helps here.
        if (pool?.status?.phase === 'Failed') throw new Error(`SeiNodePool ${POOL}: ${progress}`)
        return undefined
      },
      { deadlineMs, intervalMs: 500, found: () => pool?.status },
    )
    return pool
  }

  /** Halts the network at a height that no node has reached when it gets the setting. Resolves with the height. */
  async halt(observer: Observer): Promise<number> {
    const haltHeight = (await observer.height()) + BLOCKS_TO_HALT
    say(`the network halts at ${haltHeight}`)
    await this.patch({ spec: { nodeConfiguration: { haltHeight } } })
    await this.untilHalted()
    return haltHeight
  }

  /** No node makes a block any more: each is halted, or stands one block below those that are. */
  untilHalted(): Promise<SeiNodePool | undefined> {
    return this.until('halted', isHalted, HALT_MS)
  }

  untilRunning(): Promise<SeiNodePool | undefined> {
    return this.until('Running and Ready', isReady)
  }

  nodeNames(count = 4): readonly string[] {
    return Array.from({ length: count }, (_, index) => `${POOL}-${index}`)
  }

  host(node: string): string {
    return `${node}-0.${node}.${NAMESPACE}.svc.cluster.local`
  }

  observe(name: string, nodes: readonly string[]): Promise<Observer> {
    return Observer.start(this.cluster, {
      namespace: NAMESPACE,
      name,
      labels: { 'sei.io/nodepool': POOL },
      hosts: Object.fromEntries(nodes.map(node => [node, this.host(node)])),
    })
  }

  pod(node: string): Promise<Pod | undefined> {
    return this.cluster.client.get(pods, { namespace: NAMESPACE, name: `${node}-0` })
  }

  /** The pod of that node, once it meets the condition. */
  async untilPod(node: string, what: string, holds: (pod: Pod) => boolean): Promise<Pod> {
    let pod: Pod | undefined
    return until(
      `pod ${node}-0: ${what}`,
      async () => {
        pod = await this.pod(node)
        return pod && holds(pod) ? pod : undefined
      },
      { deadlineMs: START_MS, intervalMs: 200, found: () => pod?.status },
    )
  }

  /** SIGTERM to the sidecar of that node. */
  async endSidecar(node: string): Promise<void> {
    await this.cluster.signal(NAMESPACE, `${node}-0`, SIDECAR_CONTAINER, 'TERM')
  }

  /** Addresses of the chain's validators, sorted. */
  async validators(observer: Observer, node: string): Promise<readonly string[]> {
    const { validators } = await observer.rpc<Validators>(node, '/validators')
    return validators.map(({ address }) => address).toSorted()
  }

  /** Resolves when a block carries the signature of that node's validator, as another node knows the block. */
  async untilSigns(observer: Observer, node: string, other: string): Promise<void> {
    const { validator_info } = await observer.rpc<RpcStatus>(node, '/status')
    const { address } = validator_info
    let signers: readonly string[] = []
    await until(
      `a block that ${node} signed`,
      async () => {
        const height = (await observer.height()) - 1
        const { signed_header } = await observer.rpc<Commit>(other, `/commit?height=${height}`)
        signers = signed_header.commit.signatures.map(signature => signature.validator_address)
        return signers.includes(address) ? true : undefined
      },
      { deadlineMs: 60_000, intervalMs: 500, found: () => ({ address, signers }) },
    )
  }
}

/** In the output of the tests, so that somebody who waits knows for what. */
export function say(text: string): void {
  console.log(`    ${new Date().toISOString().slice(11, 19)} ${text}`)
}

function isHalted(pool: SeiNodePool | undefined): boolean {
  const ready = pool?.status?.conditions?.find(({ type }) => type === 'Ready')
  return ready?.reason === 'Halted' && ready.observedGeneration === pool?.metadata.generation
}

export function isReady(pool: SeiNodePool | undefined): boolean {
  const ready = pool?.status?.conditions?.find(({ type }) => type === 'Ready')
  return (
    pool?.status?.phase === 'Running' &&
    ready?.status === 'True' &&
    ready.observedGeneration === pool.metadata.generation
  )
}

function progressOf(pool: SeiNodePool | undefined): string {
  const { phase = 'Pending', readyNodes = 0, totalNodes = 0, conditions = [] } = pool?.status ?? {}
  const progressing = conditions.find(({ type }) => type === 'Reconciling')
  return pool
    ? `pool is ${phase}, ${readyNodes} of ${totalNodes} nodes Ready: ${progressing?.message ?? ''}`
    : 'pool is gone'
}
