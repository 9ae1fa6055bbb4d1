/** A node that halts at a height, and the tests' questions about it: `HaltingNode`. */
import assert from 'node:assert/strict'
import { HEIGHT_CONTAINER } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { pods } from '../../src/kube/resources.ts'
import { heightOf } from '../../testing/fakes/node/block-store.ts'
import type { Home } from '../../testing/fakes/sidecar/index.ts'
import { containerOf } from '../support/fake-node-fixture.ts'
import { conditionOf, type OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'

export const IMAGE = 'sei-protocol/seid:v6.4.0'
export const DEADLINE_MS = 120_000

/** The only node of a chain of its own, which begins at height 0. */
export class HaltingNode {
  readonly #fixture: OperatorFixture
  readonly name: string

  private constructor(fixture: OperatorFixture, name: string) {
    this.#fixture = fixture
    this.name = name
  }

  static async create(
    fixture: OperatorFixture,
    name: string,
    haltHeight?: number,
    image = IMAGE,
    prepare: (volume: Home) => void = () => {},
  ): Promise<HaltingNode> {
    const volume = await fixture.prepareVolume(`volume-of-${name}`)
    prepare(volume)
    volume.write('config/genesis.json', JSON.stringify({ chain_id: `chain-${name}` }))
    const node = new HaltingNode(fixture, name)
    await node.create(haltHeight, image)
    return node
  }

  async create(haltHeight?: number, image = IMAGE): Promise<void> {
    await this.#fixture.create(this.name, {
      chainId: `chain-${this.name}`,
      image,
      genesis: { pvc: { dataPVC: `volume-of-${this.name}` } },
      ...(haltHeight !== undefined && { haltHeight }),
    })
  }

  get home(): Home {
    const volume = this.#fixture.homeOf(`volume-of-${this.name}`)
    assert.ok(volume)
    return volume
  }

  /** Of the last block on its volume, while seid does not run. */
  get height(): number {
    return heightOf(this.home)
  }

  async podUID(): Promise<string | undefined> {
    return (await this.#fixture.get(pods, `${this.name}-0`))?.metadata?.uid
  }

  /** Halted by the status, on a pod that waits at its gate. */
  async untilHalted(notPod?: string): Promise<SeiNode> {
    await until(
      `${this.name}: a pod that does not start seid`,
      async () => {
        const pod = await this.#fixture.get(pods, `${this.name}-0`)
        if (!pod || pod.metadata?.uid === notPod || pod.metadata?.deletionTimestamp !== undefined) return undefined
        const [reported, sidecar] = [HEIGHT_CONTAINER, 'sei-sidecar'].map(name => containerOf(pod, name))
        const height = /^height (\d+)/.exec(reported?.state?.terminated?.message ?? '')?.[1]
        const target = (await this.#fixture.get(seiNodes, this.name))?.spec.haltHeight ?? Infinity
        return sidecar?.state?.running && Number(height ?? -1) >= target ? true : undefined
      },
      { deadlineMs: DEADLINE_MS, found: () => this.#fixture.get(seiNodes, this.name) },
    )
    return this.#fixture.untilNode(
      this.name,
      'Halted, and nothing is under way',
      node =>
        ['Ready', 'Reconciling'].every(type => conditionOf(node, type)?.reason === 'Halted') &&
        conditionOf(node, 'SidecarReady')?.reason === 'AwaitingMarkReady' &&
        node.status?.observedGeneration === node.metadata.generation,
      DEADLINE_MS,
    )
  }

  /** At the gate, as it was: nothing that happened since made a block. */
  async assertHalted(height: number, seen: SeiNode): Promise<void> {
    const pod = await this.#fixture.get(pods, `${this.name}-0`)
    assert.equal(pod && containerOf(pod, 'seid')?.state?.running, undefined)
    assert.equal(this.height, height)
    assert.equal(seen.status?.phase, 'Halted')
    assert.deepEqual(seen.status?.halt, { height, targetHeight: seen.spec.haltHeight })
    assert.equal(conditionOf(seen, 'Stalled')?.status, 'False')
    assert.equal(conditionOf(seen, 'Reconciling')?.status, 'False')
  }

  async set(haltHeight: number | null): Promise<void> {
    await this.#fixture.patch(this.name, { spec: { haltHeight } })
  }
}
