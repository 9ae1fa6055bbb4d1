/** An operator that asks the kubelet for the use of volumes, which a test sets: `GrowingVolumes`. Its time passes faster than the machine's. */
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { storageClasses, persistentVolumeClaims } from '../../src/kube/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { conditionOf, GENESIS_SPEC, OperatorFixture, type OperatorFixtureOptions } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { API_VERSION } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import type { SpecInput } from './living-node.ts'

const GIB = 1024 ** 3
export const DEADLINE_MS = 180_000

/** The API server fills in the defaults. */
const manifests: Resource<KubeObject & { readonly spec: SpecInput }> = seiNodes

/** Kubelets of the fake node have certificates of their own. */
export const KUBELET_ARGS = ['--volume-interval=10', '--kubelet-insecure-tls', '--metrics-bind-address=127.0.0.1:0']
export const CLOCK_RATE = 6

export type StorageInput = NonNullable<SpecInput['storage']>

/** What a claim has on record, and what it asks for. */
export interface ClaimSizes {
  readonly request: string | undefined
  readonly capacity: string | undefined
  readonly grownAt: string | undefined
  readonly growths: number
}

interface Measure {
  readonly inodesUsed?: number
  /** When the kubelet measured it, RFC 3339. Default: whenever it is asked. */
  readonly time?: string
}

export class GrowingVolumes implements AsyncDisposable {
  readonly base: OperatorFixture
  /** Names of SeiNodes whose seid ends at once, as on a full disk. */
  readonly full: Set<string>

  private constructor(base: OperatorFixture, full: Set<string>) {
    this.base = base
    this.full = full
  }

  static async open({ operator, node, ...rest }: OperatorFixtureOptions = {}): Promise<GrowingVolumes> {
    const full = new Set<string>()
    const base = await OperatorFixture.open({
      ...rest,
      node: {
        servesStats: true,
        crashBackoff: { initialMs: 200, maxMs: 1000 },
        seidEnds: ({ pod }) =>
          full.has(pod.replace(/-0$/, '')) ? { exitCode: 1, message: 'write: no space left on device' } : undefined,
        ...node,
      },
      operator: { args: KUBELET_ARGS, clockRate: CLOCK_RATE, ...operator },
    })
    return new GrowingVolumes(base, full)
  }

  /** A SeiNode whose kubelet reports nothing of its volume yet. */
  create(name: string, storage: StorageInput): Promise<unknown> {
    return this.base.client.create(manifests, {
      apiVersion: API_VERSION,
      kind: 'SeiNode',
      metadata: this.base.key(name),
      spec: { ...GENESIS_SPEC, storage },
    })
  }

  /** Merges into `spec.storage`. */
  async change(name: string, storage: object): Promise<void> {
    await this.base.patch(name, { spec: { storage } })
  }

  /** What the kubelet reports from now on; the file system has the size of the volume. */
  use(claim: string, usedGiB: number, capacityGiB: number, { inodesUsed = 5, ...time }: Measure = {}): void {
    const [usedBytes, capacityBytes] = [usedGiB * GIB, capacityGiB * GIB]
    this.base.node.setVolumeUse(this.base.key(claim), { usedBytes, capacityBytes, inodesUsed, inodes: 1000, ...time })
  }

  /** As a person does with kubectl. */
  async request(claim: string, size: string): Promise<void> {
    const body = { spec: { resources: { requests: { storage: size } } } }
    await this.base.client.patch(persistentVolumeClaims, this.base.key(claim), body, { type: 'merge' })
  }

  async sizesOf(claim: string): Promise<ClaimSizes> {
    const found = await this.base.get(persistentVolumeClaims, claim)
    const annotations = found?.metadata?.annotations ?? {}
    return {
      request: found?.spec?.resources?.requests?.['storage'],
      capacity: found?.status?.capacity?.['storage'],
      grownAt: annotations['sei.io/grown-at'],
      growths: Number(annotations['sei.io/growths'] ?? 0),
    }
  }

  /** Resolves when the volume has that size. */
  untilCapacity(claim: string, capacity: string): Promise<ClaimSizes> {
    return this.#untilSizes(claim, `capacity ${capacity}`, sizes => sizes.capacity === capacity)
  }

  untilRequest(claim: string, request: string): Promise<ClaimSizes> {
    return this.#untilSizes(claim, `request ${request}`, sizes => sizes.request === request)
  }

  /** Resolves when the node's volume has grown, and its kubelet reports as much. */
  async untilGrown(name: string, capacityGiB: number, usedGiB: number): Promise<ClaimSizes> {
    const sizes = await this.untilCapacity(`data-${name}`, `${capacityGiB}Gi`)
    this.use(`data-${name}`, usedGiB, capacityGiB)
    return sizes
  }

  /** Ends a growth that waits for a mount, of a class with `file-system-growth: on-mount`, as the kubelet does. */
  async mountAgain(claim: string, size: string): Promise<void> {
    await until(`claim ${claim}: its growth to ${size} to wait for a mount`, async () => {
      const found = await this.base.get(persistentVolumeClaims, claim)
      return found?.status?.allocatedResources?.['storage'] === size || undefined
    })
    const growth = { conditions: null, allocatedResources: null, allocatedResourceStatuses: null }
    const status = { capacity: { storage: size }, ...growth }
    const options = { type: 'merge', subresource: 'status' } as const
    await this.base.client.patch(persistentVolumeClaims, this.base.key(claim), { status }, options)
  }

  untilReason(name: string, type: string, reason: string, message = /./): Promise<SeiNode> {
    return this.base.untilNode(
      name,
      `${type} ${reason} ${message}`,
      node => {
        const condition = conditionOf(node, type)
        const isCurrent = condition?.observedGeneration === node.metadata.generation
        return isCurrent && condition?.reason === reason && message.test(condition.message)
      },
      DEADLINE_MS,
    )
  }

  async createClass(name: string, settings: Partial<StorageClass> = {}): Promise<string> {
    const metadata = { name: `${this.base.namespace}-${name}` }
    await this.base.client.create<StorageClass>(storageClasses, {
      metadata,
      provisioner: 'sei.io/fake',
      allowVolumeExpansion: true,
      ...settings,
    })
    return metadata.name
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.base[Symbol.asyncDispose]()
  }

  #untilSizes(claim: string, what: string, isMet: (sizes: ClaimSizes) => boolean): Promise<ClaimSizes> {
    const read = async (): Promise<ClaimSizes | undefined> => {
      const sizes = await this.sizesOf(claim)
      return isMet(sizes) ? sizes : undefined
    }
    return until(`claim ${claim}: ${what}`, read, {
      deadlineMs: DEADLINE_MS,
      found: async () => ({
        claim: await this.base.get(persistentVolumeClaims, claim),
        operator: this.base.operator.log.slice(-4000),
      }),
    })
  }
}
