/** Nodes on machines whose logs can be read, and a chain that votes for upgrades: `UpgradeFixture`. */
import { randomUUID } from 'node:crypto'
import type { SeiNode, SeiNodeSpec } from '../../src/api/seinode.ts'
import { SEID_CONTAINER } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { previousImage, seidImage } from '../../src/build/seid-image.ts'
import { type UpgradeRecord, upgradeRecord } from '../../src/build/upgrade-record.ts'
import { persistentVolumeClaims, pods, statefulSets } from '../../src/kube/resources.ts'
import { seidClient } from '../../src/seid/rpc.ts'
import type { UpgradePlan } from '../../testing/fakes/node/chain-upgrades.ts'
import { conditionOf, GENESIS_SPEC, OperatorFixture, type OperatorFixtureOptions } from '../support/operator-fixture.ts'
import { containerOf } from '../support/fake-node-fixture.ts'
import { until } from '../support/until.ts'

/** The machine may be busy with other tests. */
export const DEADLINE_MS = 120_000

/** The release before all upgrades, in the fixture's specs. */
export const OLD = GENESIS_SPEC.image

export function imageOf(release: string): string {
  return OLD.replace('v6.4.0', release)
}

export class UpgradeFixture implements AsyncDisposable {
  readonly base: OperatorFixture

  private constructor(base: OperatorFixture) {
    this.base = base
  }

  /** @param hasLogs false: the API server does not reach the kubelet */
  static async open(
    { node, operator, ...options }: OperatorFixtureOptions = {},
    hasLogs = true,
  ): Promise<UpgradeFixture> {
    // Machines of its own, whose kubelet the API server reaches.
    const nodePool = `upgrades-${randomUUID().slice(0, 8)}`
    const crashBackoff = { initialMs: 1_000, maxMs: 2_000 }
    const base = await OperatorFixture.open({
      ...options,
      node: { ...(hasLogs && { nodePool }), crashBackoff, ...node },
      operator: {
        ...operator,
        env: { ...(hasLogs && { SEI_NODEPOOL_NAME: nodePool }), ...operator?.env },
      },
    })
    return new UpgradeFixture(base)
  }

  /** A node on a chain of its own, which makes blocks while it runs; resolves when it is Ready. */
  async running(name: string, spec: Partial<SeiNodeSpec> = {}): Promise<SeiNode> {
    await this.create(name, spec)
    return this.base.untilRunning(name, DEADLINE_MS)
  }

  async create(name: string, spec: Partial<SeiNodeSpec> = {}): Promise<void> {
    await this.base.create(name, { ...GENESIS_SPEC, ...spec, ...chainOf(name) })
  }

  /** Resolves when its seid has ended, and been started again, at least once. */
  async untilStopped(name: string): Promise<void> {
    await until(
      `seid of ${name} to stop`,
      async () => {
        const pod = await this.base.get(pods, `${name}-0`)
        return (pod && (containerOf(pod, SEID_CONTAINER)?.restartCount ?? 0) > 0) || undefined
      },
      { deadlineMs: DEADLINE_MS },
    )
  }

  /** The chain of the node votes for an upgrade that many blocks from now. Resolves with the plan. */
  async vote(name: string, release: string, inBlocks: number, isMinor = false): Promise<UpgradePlan> {
    const height = (await this.heightOf(name)) + inBlocks
    const plan = { name: release, height, ...(isMinor && { isMinor }) }
    this.base.node.voteUpgrade(`upgrades-${name}`, plan)
    return plan
  }

  /** As the RPC of its seid says; rejects if it does not run. */
  async heightOf(name: string): Promise<number> {
    const pod = await this.base.get(pods, `${name}-0`)
    const { height } = await seidClient.status(pod?.status?.podIP ?? '', AbortSignal.timeout(5_000))
    return height
  }

  /** @param onSeen called with each image that is found on the way */
  async untilImage(name: string, image: string, onSeen: (image: string | undefined) => void = () => {}): Promise<void> {
    await until(
      `pod ${name}-0 with image ${image}`,
      async () => {
        const found = await this.imageOf(name)
        onSeen(found)
        return found === image ? true : undefined
      },
      {
        deadlineMs: DEADLINE_MS,
        found: async () => ({ ...(await this.#found(name)), operator: this.base.operator.log }),
      },
    )
  }

  /** Resolves when the node runs that image and is Ready with it. */
  async untilUpgraded(name: string, image: string): Promise<SeiNode> {
    await this.untilImage(name, image)
    return this.base.untilRunning(name, DEADLINE_MS)
  }

  /** Resolves with the message of the condition when it has that reason. */
  async untilReason(name: string, type: string, reason: string): Promise<string> {
    const isMet = (node: SeiNode): boolean => conditionOf(node, type)?.reason === reason
    const node = await this.base.untilNode(name, `${type} ${reason}`, isMet, DEADLINE_MS)
    return conditionOf(node, type)?.message ?? ''
  }

  async imageOf(name: string): Promise<string | undefined> {
    return seidImage((await this.base.get(pods, `${name}-0`))?.spec)
  }

  async podOf(name: string): Promise<string | undefined> {
    return (await this.base.get(pods, `${name}-0`))?.metadata?.uid
  }

  async recordOf(name: string): Promise<UpgradeRecord | undefined> {
    return upgradeRecord(await this.base.get(persistentVolumeClaims, `data-${name}`))
  }

  async #found(name: string): Promise<object> {
    const [node, set] = [await this.base.get(seiNodes, name), await this.base.get(statefulSets, name)]
    return {
      status: node?.status,
      record: await this.recordOf(name),
      image: await this.imageOf(name),
      previous: previousImage(set),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.base[Symbol.asyncDispose]()
  }
}

/** Each node has a chain of its own, by a genesis that the fake sidecar reads from the fake S3. */
function chainOf(name: string): Pick<SeiNodeSpec, 'chainId' | 'genesis'> {
  return {
    chainId: `upgrades-${name}`,
    genesis: { s3: { uri: `s3://genesis/${name}/genesis.json`, region: 'us-east-2' } },
  }
}
