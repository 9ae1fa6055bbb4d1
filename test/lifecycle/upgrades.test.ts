/** Upgrades of a chain at a height: a node stops for one, gets its image and goes on. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { statefulSets } from '../../src/kube/resources.ts'
import { DEADLINE_MS, imageOf, OLD, UpgradeFixture } from './upgrade-fixture.ts'

const NEXT = imageOf('v6.5.0')

suite('upgrades at a height', { concurrency: true }, () => {
  let fixture: UpgradeFixture

  before(async () => {
    fixture = await UpgradeFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('a node that stops for an upgrade of its spec gets the image at once, with its overrides', async () => {
    await fixture.running('upgraded')
    const before = await fixture.podOf('upgraded')
    const plan = await fixture.vote('upgraded', 'v6.5.0', 30)
    const overrides = { 'storage.pruning': 'nothing' }
    const upgrades = [{ height: plan.height, image: NEXT, name: 'v6.5.0', overrides }]
    await fixture.base.patch('upgraded', { spec: { upgrades } })
    const node = await fixture.untilUpgraded('upgraded', NEXT)
    assert.notEqual(await fixture.podOf('upgraded'), before)
    assert.deepEqual(node.status?.upgrade, { image: NEXT, height: plan.height, name: 'v6.5.0' })
    assert.deepEqual(await fixture.recordOf('upgraded'), {
      height: plan.height,
      name: 'v6.5.0',
      image: NEXT,
      overrides,
      earlier: [OLD],
    })
    assert.match(fixture.base.homeOf('data-upgraded')?.read('config/app.toml') ?? '', /^pruning = "nothing"$/m)
    await fixture.base.untilEvent('upgraded', 'UpgradeReached', /reached upgrade v6\.5\.0 at height \d+ and gets image/)
  })
})
