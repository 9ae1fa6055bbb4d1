/** Pools that halt at nodeConfiguration.haltHeight: every validator, not one block more, until it is raised or removed. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { seiNodePools } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import type { SeiNodePool } from '../../src/api/seinodepool.ts'
import { pods } from '../../src/kube/resources.ts'
import { heightOf } from '../../testing/fakes/node/block-store.ts'
import { until } from '../support/until.ts'
import { PoolFixture, poolCondition } from './pool-fixture.ts'

const IMAGE = 'sei-protocol/seid:v6.4.0'
/** Six seconds of a fake chain. */
const HEIGHT = 15
const INDEXES = [0, 1, 2, 3]
/** A rollout that takes the votes from a chain waits until the chain is known to stand still. */
const DEADLINE_MS = 240_000

suite('nodeConfiguration.haltHeight', { concurrency: true }, () => {
  let fixture: PoolFixture

  before(async () => {
    fixture = await PoolFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  async function create(name: string, haltHeight?: number): Promise<void> {
    await fixture.create(name, INDEXES.length, {
      chainId: `${name}-1`,
      nodeConfiguration: {
        nodeCount: INDEXES.length,
        image: IMAGE,
        ...(haltHeight !== undefined && { haltHeight }),
      },
      storage: { retainOnDelete: true },
    })
  }

  async function set(name: string, haltHeight: number | null): Promise<void> {
    await fixture.patch(name, { spec: { nodeConfiguration: { haltHeight } } })
  }

  function nodesOf(name: string): Promise<readonly SeiNode[]> {
    return Promise.all(INDEXES.map(index => fixture.seiNode(`${name}-${index}`)))
  }

  function heightsOf(name: string): readonly number[] {
    return INDEXES.map(index => {
      const home = fixture.base.homeOf(`data-${name}-${index}`)
      assert.ok(home)
      return heightOf(home)
    })
  }

  /** Each node has the height of the pool and halted at it, and no rollout is left. */
  async function untilHalted(name: string): Promise<SeiNodePool> {
    let found: unknown
    return until(
      `SeiNodePool ${name}: halted`,
      async () => {
        const pool = await fixture.pool(name)
        const nodes = await nodesOf(name).catch(() => [])
        const target = pool?.spec.nodeConfiguration.haltHeight
        const ready = pool && poolCondition(pool, 'Ready')
        found = [pool?.status, nodes.map(({ status }) => status)]
        const isHalted =
          ready?.reason === 'Halted' &&
          ready.observedGeneration === pool?.metadata.generation &&
          pool?.status?.rollout === undefined &&
          nodes.length === INDEXES.length &&
          nodes.every(
            ({ spec, status, metadata }) =>
              spec.haltHeight === target &&
              status?.halt?.targetHeight === target &&
              status?.observedGeneration === metadata.generation &&
              status?.rollout === undefined,
          )
        return isHalted ? pool : undefined
      },
      { deadlineMs: DEADLINE_MS, found: () => found },
    )
  }

  async function assertHalted(name: string, height: number, pool: SeiNodePool): Promise<void> {
    assert.deepEqual(
      heightsOf(name),
      INDEXES.map(() => height),
    )
    assert.equal(pool.status?.phase, 'Halted')
    assert.equal(poolCondition(pool, 'Stalled')?.status, 'False')
    const at = INDEXES.map(index => `${name}-${index} at ${height}`).join(', ')
    assert.equal(
      poolCondition(pool, 'Ready')?.message,
      `4 of 4 nodes are halted at nodeConfiguration.haltHeight ${height}: ${at}. To continue, raise or remove nodeConfiguration.haltHeight`,
    )
    for (const { status } of await nodesOf(name)) assert.equal(status?.phase, 'Halted')
  }

  test('all validators halt, stay so when their pods are deleted, go on to a raised height, and without one', async () => {
    await create('halts', HEIGHT)
    await assertHalted('halts', HEIGHT, await untilHalted('halts'))
    const names = INDEXES.map(index => `halts-${index}`)
    const uids = await fixture.podUIDs(names)
    for (const [index, name] of names.entries()) {
      await fixture.client.delete(pods, fixture.base.podKey(name), { uid: uids[index] ?? '' })
    }
    await until(
      'other pods of all nodes, with a sidecar that runs',
      async () => {
        const found = await Promise.all(names.map(name => fixture.base.get(pods, `${name}-0`)))
        return found.every(
          (pod, index) =>
            pod?.metadata?.uid !== undefined &&
            pod.metadata.uid !== uids[index] &&
            pod.status?.initContainerStatuses?.at(-1)?.state?.running !== undefined,
        )
          ? true
          : undefined
      },
      { deadlineMs: DEADLINE_MS },
    )
    await assertHalted('halts', HEIGHT, await untilHalted('halts'))
    await set('halts', HEIGHT + 10)
    await assertHalted('halts', HEIGHT + 10, await untilHalted('halts'))
    await set('halts', null)
    const ready = await fixture.untilReady('halts')
    assert.equal(ready.status?.phase, 'Running')
  })

  test('a network that is beyond the height stops, one validator after the other, and goes on when it is removed', async () => {
    await create('beyond')
    await fixture.untilReady('beyond')
    await set('beyond', 1)
    const halted = await untilHalted('beyond')
    const nodes = await nodesOf('beyond')
    assert.deepEqual(
      nodes.map(({ status }) => status?.halt?.height),
      heightsOf('beyond'),
    )
    assert.ok(heightsOf('beyond').every(height => height > 1))
    assert.equal(poolCondition(halted, 'Stalled')?.status, 'False')
    await set('beyond', null)
    await fixture.untilReady('beyond')
  })

  test('a halted network that is deleted and created again on its volumes stays halted, and goes on later', async () => {
    await create('kept', HEIGHT)
    await untilHalted('kept')
    await fixture.delete(seiNodePools, 'kept')
    await fixture.untilGone(seiNodePools, 'kept')
    await create('kept', HEIGHT)
    await assertHalted('kept', HEIGHT, await untilHalted('kept'))
    await set('kept', null)
    await fixture.untilReady('kept')
  })
})
