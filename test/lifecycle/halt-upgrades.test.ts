/** Nodes that halt around the height of an upgrade of their chain. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { SeiNode } from '../../src/api/seinode.ts'
import { appliedUpgrades } from '../../testing/fakes/node/chain-upgrades.ts'
import { heightOf } from '../../testing/fakes/node/block-store.ts'
import type { Home } from '../../testing/fakes/sidecar/index.ts'
import { conditionOf } from '../support/operator-fixture.ts'
import { DEADLINE_MS, imageOf, OLD, UpgradeFixture } from './upgrade-fixture.ts'

const NEXT = imageOf('v6.5.0')
/** Some seconds of a fake chain. */
const UPGRADE = 12

suite('a node that halts around the height of an upgrade', { concurrency: true }, () => {
  let fixture: UpgradeFixture

  before(async () => {
    fixture = await UpgradeFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  async function create(name: string, haltHeight: number): Promise<void> {
    fixture.base.node.voteUpgrade(`upgrades-${name}`, { name: 'v6.5.0', height: UPGRADE })
    await fixture.create(name, { haltHeight, upgrades: [{ height: UPGRADE, name: 'v6.5.0', image: NEXT }] })
  }

  function homeOf(name: string): Home {
    const home = fixture.base.homeOf(`data-${name}`)
    assert.ok(home)
    return home
  }

  async function untilHalted(name: string, height: number): Promise<void> {
    const isHalted = ({ status }: SeiNode): boolean => status?.phase === 'Halted' && status.halt?.height === height
    const node = await fixture.base.untilNode(name, `Halted at ${height}`, isHalted, DEADLINE_MS)
    assert.equal(conditionOf(node, 'Stalled')?.status, 'False')
    assert.equal(heightOf(homeOf(name)), height)
  }

  test('one block below the upgrade: the image of before, and the upgrade when it continues', async () => {
    await create('below', UPGRADE - 1)
    await untilHalted('below', UPGRADE - 1)
    await fixture.untilImage('below', OLD)
    assert.equal(await fixture.recordOf('below'), undefined)
    await fixture.base.patch('below', { spec: { haltHeight: null } })
    await fixture.untilUpgraded('below', NEXT)
  })

  test('at the upgrade: its block is stored and not executed, and it continues with the upgrade', async () => {
    await create('at', UPGRADE)
    await untilHalted('at', UPGRADE)
    assert.deepEqual(appliedUpgrades(homeOf('at')), [])
    await fixture.base.patch('at', { spec: { haltHeight: UPGRADE + 3 } })
    await untilHalted('at', UPGRADE + 3)
    await fixture.untilImage('at', NEXT)
    assert.deepEqual(appliedUpgrades(homeOf('at')), ['v6.5.0'])
  })

  test('one block above the upgrade: the image of the upgrade', async () => {
    await create('above', UPGRADE + 1)
    await untilHalted('above', UPGRADE + 1)
    await fixture.untilImage('above', NEXT)
    assert.equal((await fixture.recordOf('above'))?.height, UPGRADE)
    assert.deepEqual(appliedUpgrades(homeOf('above')), ['v6.5.0'])
  })
})
