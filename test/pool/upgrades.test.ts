/** Upgrades of a pool's chain: validators stop together, and go on together. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNodePoolSpec } from '../../src/api/seinodepool.ts'
import type { Upgrade } from '../../src/api/upgrades.ts'
import { upgradeRecord } from '../../src/build/upgrade-record.ts'
import { persistentVolumeClaims } from '../../src/kube/resources.ts'
import { DEADLINE_MS, imageOf, OLD, UpgradeFixture } from '../lifecycle/upgrade-fixture.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { until } from '../support/until.ts'
import { downTogether } from './down-together.ts'
import { PoolFixture } from './pool-fixture.ts'

const NEXT = imageOf('v6.5.0')
const SOON = 40
const FAR = 1_000_000
const COUNT = 4

suite('a pool and the upgrades of its chain', { concurrency: 2 }, () => {
  let nodes: UpgradeFixture
  let fixture: PoolFixture

  before(async () => {
    nodes = await UpgradeFixture.open({ node: { runScripts: true } })
    fixture = PoolFixture.on(nodes.base)
  })
  after(() => nodes[Symbol.asyncDispose]())

  async function running(pool: string, upgrades: readonly Upgrade[] = []): Promise<readonly string[]> {
    const nodeConfiguration: SeiNodePoolSpec['nodeConfiguration'] = { nodeCount: COUNT, image: OLD }
    if (upgrades.length > 0) nodeConfiguration.upgrades = [...upgrades]
    await fixture.create(pool, COUNT, { chainId: pool, nodeConfiguration })
    await fixture.untilReady(pool)
    return namesOf(pool)
  }

  async function vote(pool: string, inBlocks: number): Promise<number> {
    const height = (await nodes.heightOf(`${pool}-0`)) + inBlocks
    nodes.base.node.voteUpgrade(pool, { name: 'v6.5.0', height })
    return height
  }

  function setUpgrades(pool: string, upgrades: readonly Upgrade[] | null, image?: string): Promise<unknown> {
    return fixture.patch(pool, { spec: { nodeConfiguration: { upgrades, ...(image && { image }) } } })
  }

  async function untilAll(pool: string, image: string): Promise<void> {
    for (const name of namesOf(pool)) await nodes.untilImage(name, image)
    await fixture.untilReady(pool)
  }

  test('all validators get the image together when they stop for it; the entry alone restarts nobody', async () => {
    const names = await running('together')
    const uids = await fixture.podUIDs(names)
    const height = await vote('together', 150)
    await setUpgrades('together', [{ height, image: NEXT, name: 'v6.5.0' }])
    for (const name of names)
      await nodes.base.untilNode(
        name,
        'the entry',
        ({ status }) => status?.upgrade?.next?.height === height,
        DEADLINE_MS,
      )
    assert.deepEqual(await fixture.podUIDs(names), uids)
    await untilAll('together', NEXT)
    for (const name of names) {
      const claim = await nodes.base.get(persistentVolumeClaims, `data-${name}`)
      assert.deepEqual(upgradeRecord(claim), { height, name: 'v6.5.0', image: NEXT, earlier: [OLD] })
    }
  })

  test('a pool without the entry says which validator needs it, and all go on when it is added', async () => {
    await running('unnamed')
    const height = await vote('unnamed', SOON)
    const { message } = await fixture.untilReason('unnamed', 'Ready', 'UpgradeNeeded')
    assert.match(message, /^unnamed-\d: seid stopped for upgrade "v6\.5\.0" at height \d+/)
    assert.match(message, /spec\.nodeConfiguration\.upgrades of SeiNodePool unnamed has no entry of that height/)
    await setUpgrades('unnamed', [{ height, image: NEXT }])
    await untilAll('unnamed', NEXT)
  })

  test('a wrong image of the height is corrected for all validators at once', async () => {
    const names = await running('corrected')
    const wrong = imageOf('v6.4.9')
    const height = await vote('corrected', SOON)
    await setUpgrades('corrected', [{ height, image: wrong }])
    for (const name of names) await nodes.untilImage(name, wrong)
    await fixture.untilReason('corrected', 'Ready', 'UpgradeNeeded')
    await setUpgrades('corrected', [{ height, image: NEXT }])
    await untilAll('corrected', NEXT)
  })

  test('after the height, tidying up restarts nobody, and another image goes from validator to validator', async () => {
    const names = await running('tidy')
    const height = await vote('tidy', SOON)
    await setUpgrades('tidy', [{ height, image: NEXT }])
    await untilAll('tidy', NEXT)
    const uids = await fixture.podUIDs(names)
    await setUpgrades('tidy', null, NEXT)
    for (const name of names)
      await nodes.base.untilNode(
        name,
        'its tidy spec observed',
        ({ spec, metadata, status }) =>
          spec.image === NEXT && spec.upgrades === undefined && status?.observedGeneration === metadata.generation,
        DEADLINE_MS,
      )
    await fixture.untilReady('tidy')
    assert.deepEqual(await fixture.podUIDs(names), uids)
    await using view = await NamespaceView.open(nodes.base.client, nodes.base.namespace)
    const together = downTogether(
      view,
      names.map(name => `${name}-0`),
    )
    const patched = imageOf('v6.5.1')
    await setUpgrades('tidy', [{ height, image: patched }])
    await untilAll('tidy', patched)
    assert.deepEqual([...together], [])
  })

  test('a validator that was behind does the upgrade when it gets there, by itself', async () => {
    await running('straggler')
    nodes.base.stall('straggler-3')
    const height = await vote('straggler', SOON)
    await setUpgrades('straggler', [{ height, image: NEXT }])
    for (const name of namesOf('straggler').slice(0, 3)) await nodes.untilImage(name, NEXT)
    // Its RPC is closed while seid starts.
    const isBeyond = async (): Promise<true | undefined> =>
      (await nodes.heightOf('straggler-0').catch(() => 0)) > height || undefined
    await until('the chain to go on', isBeyond, { deadlineMs: DEADLINE_MS })
    assert.equal(await nodes.imageOf('straggler-3'), OLD)
    nodes.base.stall('straggler-3', false)
    await untilAll('straggler', NEXT)
  })

  test('an early image stops at the validator that tries it, and is undone there', async () => {
    const names = await running('early')
    const height = await vote('early', FAR)
    await setUpgrades('early', null, NEXT)
    await nodes.untilReason('early-0', 'UpgradesHealthy', 'UpgradeTooEarly').catch(async () => {
      // Whichever of them was first.
      const found = await Promise.all(names.map(name => nodes.base.get(seiNodes, name)))
      assert.ok(found.some(node => node?.status?.conditions?.some(({ reason }) => reason === 'UpgradeTooEarly')))
    })
    await setUpgrades('early', [{ height, image: NEXT }], OLD)
    await untilAll('early', OLD)
  })

  test('an early image reaches all validators by itself when they stop for its upgrade', async () => {
    const names = await running('patient')
    const height = await vote('patient', 250)
    await setUpgrades('patient', null, NEXT)
    const { message } = await fixture.untilReason('patient', 'Reconciling', 'RolloutHalted')
    assert.match(message, /which runs the image of before/)
    const records = async () =>
      Promise.all(names.map(async name => upgradeRecord(await nodes.base.get(persistentVolumeClaims, `data-${name}`))))
    const early = { image: NEXT, name: 'v6.5.0', instead: OLD }
    assert.deepEqual(
      (await records()).filter(record => record !== undefined),
      [{ height: 0, image: OLD, earlier: [], early }],
    )
    await untilAll('patient', NEXT)
    const tried = (await records()).find(record => record !== undefined)
    assert.deepEqual(tried, { height, name: 'v6.5.0', image: NEXT, earlier: [OLD] })
  })
})

function namesOf(pool: string): readonly string[] {
  return Array.from({ length: COUNT }, (_, index) => `${pool}-${index}`)
}
