/** Upgrades of a chain at a height: a node stops for one, gets its image and goes on. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { seiNodes } from '../../src/api/resources.ts'
import { upgradePodName } from '../../src/build/upgrade-pod.ts'
import { persistentVolumeClaims, pods } from '../../src/kube/resources.ts'
import { appliedUpgrades } from '../../testing/fakes/node/chain-upgrades.ts'
import { conditionOf } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { DEADLINE_MS, imageOf, OLD, UpgradeFixture } from './upgrade-fixture.ts'

const NEXT = imageOf('v6.5.0')
const LATER = imageOf('v6.6.0')
/** The chain makes two and a half in a second. */
const SOON = 20
const FAR = 1_000_000

suite('a node and the upgrades of its chain', { concurrency: true }, () => {
  let fixture: UpgradeFixture

  before(async () => {
    fixture = await UpgradeFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('one that stops for an upgrade of its spec gets the image at once, with its overrides', async () => {
    await fixture.running('upgraded')
    const pod = await fixture.podOf('upgraded')
    const plan = await fixture.vote('upgraded', 'v6.5.0', SOON)
    const overrides = { 'storage.pruning': 'nothing' }
    const upgrades = [{ height: plan.height, image: NEXT, name: 'v6.5.0', overrides }]
    await fixture.base.patch('upgraded', { spec: { upgrades } })
    const node = await fixture.untilUpgraded('upgraded', NEXT)
    assert.notEqual(await fixture.podOf('upgraded'), pod)
    const reached = { height: plan.height, name: 'v6.5.0', image: NEXT }
    assert.deepEqual(node.status?.upgrade, reached)
    assert.deepEqual(await fixture.recordOf('upgraded'), { ...reached, overrides, earlier: [OLD] })
    assert.match(fixture.base.homeOf('data-upgraded')?.read('config/app.toml') ?? '', /^pruning = "nothing"$/m)
    await fixture.base.untilEvent('upgraded', 'UpgradeReached', /reached upgrade v6\.5\.0 at height \d+ and gets image/)
  })

  test('an entry restarts nothing before its height, also where the chain has passed it', async () => {
    await fixture.running('ahead')
    const pod = await fixture.podOf('ahead')
    const height = await fixture.heightOf('ahead')
    const upgrades = [
      { height, image: NEXT },
      { height: FAR, image: LATER },
    ]
    await fixture.base.patch('ahead', { spec: { upgrades } })
    const message = await fixture.untilReason('ahead', 'UpgradesHealthy', 'UpgradesKnown')
    assert.match(message, /it is followed by \S+:v6\.5\.0 when seid stops for the upgrade at height \d+/)
    const node = await fixture.base.untilRunning('ahead')
    assert.equal(node.status?.observedGeneration, node.metadata.generation)
    assert.deepEqual([await fixture.podOf('ahead'), await fixture.imageOf('ahead')], [pod, OLD])
    assert.equal(await fixture.recordOf('ahead'), undefined)
  })

  test('one without an entry waits and says what to add, and goes on when it is added', async () => {
    await fixture.running('unnamed')
    const { height } = await fixture.vote('unnamed', 'v6.5.0', SOON)
    const message = await fixture.untilReason('unnamed', 'Ready', 'UpgradeNeeded')
    const stopped = `seid stopped for upgrade "v6.5.0" at height ${height}, which ${OLD} does not have`
    assert.ok(message.startsWith(stopped), message)
    assert.match(
      message,
      /spec\.upgrades has no entry of that height\. Add one: height: \d+, image: the one of v6\.5\.0$/,
    )
    assert.equal(await fixture.untilReason('unnamed', 'Stalled', 'UpgradeNeeded'), message)
    await fixture.base.untilEvent('unnamed', 'UpgradeNeeded', /Add one/)
    await fixture.base.patch('unnamed', { spec: { upgrades: [{ height, image: NEXT }] } })
    await fixture.untilUpgraded('unnamed', NEXT)
    await fixture.untilReason('unnamed', 'UpgradesHealthy', 'UpgradesKnown')
  })

  test('an entry of another name or height is not taken for the upgrade', async () => {
    await fixture.running('misnamed')
    const { height } = await fixture.vote('misnamed', 'v6.5.0', SOON)
    await fixture.base.patch('misnamed', { spec: { upgrades: [{ height, image: NEXT, name: 'v6.4.1' }] } })
    assert.match(
      await fixture.untilReason('misnamed', 'Ready', 'UpgradeNeeded'),
      /is for "v6\.4\.1"\. Correct its name/,
    )
    await fixture.base.patch('misnamed', { spec: { upgrades: [{ height: height + 1, image: NEXT, name: 'v6.5.0' }] } })
    const message = /Its entry of that name has height \d+: correct it$/
    await fixture.base.untilEvent('misnamed', 'UpgradeNeeded')
    await until('the message about the height', async () => {
      const node = await fixture.base.get(seiNodes, 'misnamed')
      return message.test((node && conditionOf(node, 'Ready')?.message) ?? '') || undefined
    })
    assert.equal(await fixture.imageOf('misnamed'), OLD)
    await fixture.base.patch('misnamed', { spec: { upgrades: [{ height, image: NEXT, name: 'v6.5.0' }] } })
    await fixture.untilUpgraded('misnamed', NEXT)
  })

  test('an image that does not have the upgrade is told, and corrected after the height', async () => {
    await fixture.running('lacking')
    const wrong = imageOf('v6.4.9')
    const { height } = await fixture.vote('lacking', 'v6.5.0', SOON)
    await fixture.base.patch('lacking', { spec: { upgrades: [{ height, image: wrong }] } })
    await fixture.untilImage('lacking', wrong)
    const message = await fixture.untilReason('lacking', 'Ready', 'UpgradeNeeded')
    assert.ok(message.startsWith(`${wrong} does not have upgrade "v6.5.0", for which spec.upgrades names it`), message)
    await fixture.base.patch('lacking', { spec: { upgrades: [{ height, image: NEXT }] } })
    await fixture.untilUpgraded('lacking', NEXT)
    await until('the image on record', async () => (await fixture.recordOf('lacking'))?.image === NEXT || undefined)
  })

  test('an image that cannot be pulled is known before, and corrected before the height', async () => {
    await fixture.running('missing')
    const missing = 'sei-protocol/does-not-exist:v6.5.0'
    const plan = await fixture.vote('missing', 'v6.5.0', 150)
    await fixture.base.patch('missing', { spec: { upgrades: [{ height: plan.height, image: missing }] } })
    const message = await fixture.untilReason('missing', 'UpgradesHealthy', 'UpgradeImageMissing')
    assert.match(
      message,
      /does-not-exist:v6\.5\.0 of the upgrade at height \d+ cannot be pulled \(.*not found.*\), expected/,
    )
    await fixture.base.untilEvent('missing', 'UpgradeImageMissing', /does-not-exist/)
    assert.equal(conditionOf(await fixture.base.untilRunning('missing'), 'Ready')?.reason, 'Ready')
    await fixture.base.patch('missing', { spec: { upgrades: [{ height: plan.height, image: NEXT }] } })
    await until(
      'the image on the machine',
      async () => {
        const node = await fixture.base.get(seiNodes, 'missing')
        return (
          (node && conditionOf(node, 'UpgradesHealthy')?.message)?.endsWith('on the machine of the node') || undefined
        )
      },
      { deadlineMs: DEADLINE_MS, found: () => fixture.base.get(seiNodes, 'missing') },
    )
    await fixture.untilUpgraded('missing', NEXT)
    const name = upgradePodName(await fixture.base.untilRunning('missing'))
    await until(`pod ${name} to be gone`, async () => ((await fixture.base.get(pods, name)) ? undefined : true))
  })

  test('an early image is undone and told, and used at the height', async () => {
    await fixture.running('early')
    const { height } = await fixture.vote('early', 'v6.5.0', 200)
    await fixture.base.patch('early', { spec: { image: NEXT } })
    await fixture.base.untilEvent('early', 'UpgradeTooEarly', /has upgrade "v6\.5\.0", which the chain has not reached/)
    await fixture.untilUpgraded('early', OLD)
    assert.deepEqual((await fixture.recordOf('early'))?.early, { image: NEXT, name: 'v6.5.0', instead: OLD })
    await fixture.untilUpgraded('early', NEXT)
    assert.deepEqual(await fixture.recordOf('early'), { height, name: 'v6.5.0', image: NEXT, earlier: [OLD] })
    await fixture.untilReason('early', 'UpgradesHealthy', 'UpgradesKnown')
  })

  test('a minor release runs early, and nothing is undone', async () => {
    await fixture.running('minor')
    await fixture.vote('minor', 'v6.4.1', 60, true)
    const minor = imageOf('v6.4.1')
    await fixture.base.patch('minor', { spec: { image: minor } })
    await fixture.untilUpgraded('minor', minor)
    const pod = await fixture.podOf('minor')
    await until(
      'the chain to apply it',
      () => appliedUpgrades(fixture.base.node.homeOf(fixture.base.key('data-minor'))).includes('v6.4.1') || undefined,
      { deadlineMs: DEADLINE_MS },
    )
    assert.equal(await fixture.podOf('minor'), pod)
    assert.equal(await fixture.recordOf('minor'), undefined)
  })

  test('a chain that votes for an upgrade that the spec does not have is a warning, and costs no restart', async () => {
    await fixture.running('warned')
    const pod = await fixture.podOf('warned')
    const { height } = await fixture.vote('warned', 'v6.5.0', FAR)
    const message = await fixture.untilReason('warned', 'UpgradesHealthy', 'UpgradeNotInSpec')
    assert.match(
      message,
      /^the chain has voted for upgrade "v6\.5\.0" at height \d+, expected about \d{4}-\d\d-\d\dT00:00:00Z, and/,
    )
    await fixture.base.untilEvent('warned', 'UpgradeNotInSpec', /voted for upgrade "v6\.5\.0"/)
    const node = await fixture.base.untilRunning('warned')
    assert.equal(node.status?.upgrade?.voted?.height, height)
    await fixture.base.patch('warned', { spec: { upgrades: [{ height, image: NEXT }] } })
    await fixture.untilReason('warned', 'UpgradesHealthy', 'UpgradesKnown')
    assert.equal(await fixture.podOf('warned'), pod)
  })

  test('tidying up restarts nothing: the image of the entry moves to the spec', async () => {
    await fixture.running('tidy')
    const { height } = await fixture.vote('tidy', 'v6.5.0', SOON)
    await fixture.base.patch('tidy', { spec: { upgrades: [{ height, image: NEXT }] } })
    await fixture.untilUpgraded('tidy', NEXT)
    const pod = await fixture.podOf('tidy')
    const { metadata } = await fixture.base.patch('tidy', { spec: { image: NEXT, upgrades: null } })
    const observed = await fixture.base.untilNode(
      'tidy',
      'its spec observed',
      ({ status }) => status?.observedGeneration === metadata.generation,
    )
    assert.equal(observed.status?.upgrade?.image, NEXT)
    await fixture.base.untilRunning('tidy')
    assert.equal(await fixture.podOf('tidy'), pod)
  })

  test('the old image does not come back with an entry that is dropped', async () => {
    await fixture.running('held')
    const { height } = await fixture.vote('held', 'v6.5.0', SOON)
    const upgrades = [{ height, image: NEXT }]
    await fixture.base.patch('held', { spec: { upgrades } })
    await fixture.untilUpgraded('held', NEXT)
    const pod = await fixture.podOf('held')
    await fixture.base.patch('held', { spec: { upgrades: null } })
    const message = await fixture.untilReason('held', 'UpgradesHealthy', 'UpgradeHeld')
    assert.match(
      message,
      /names \S+:v6\.4\.0, which stopped for an upgrade .* \S+:v6\.5\.0 runs\. Put the upgrade back/,
    )
    await fixture.base.untilEvent('held', 'UpgradeHeld')
    await fixture.base.patch('held', { spec: { upgrades } })
    await fixture.untilReason('held', 'UpgradesHealthy', 'UpgradesKnown')
    assert.deepEqual([await fixture.podOf('held'), await fixture.imageOf('held')], [pod, NEXT])
  })

  test('a node that is made again on its volume begins with the upgrade that it reached', async () => {
    await fixture.running('again', { storage: { retainOnDelete: true } })
    const { height } = await fixture.vote('again', 'v6.5.0', SOON)
    const upgrades = [{ height, image: NEXT }]
    await fixture.base.patch('again', { spec: { upgrades } })
    await fixture.untilUpgraded('again', NEXT)
    await fixture.base.base.remove(seiNodes, 'again')
    await until(
      'SeiNode again to be gone',
      async () => ((await fixture.base.get(seiNodes, 'again')) ? undefined : true),
      {
        deadlineMs: DEADLINE_MS,
      },
    )
    const images: (string | undefined)[] = []
    await fixture.create('again', { storage: { retainOnDelete: true }, upgrades })
    await fixture.untilImage('again', NEXT, image => images.push(image))
    await fixture.base.untilRunning('again', DEADLINE_MS)
    assert.deepEqual(
      [...new Set(images)].filter(image => image !== undefined),
      [NEXT],
    )
  })

  test('a node whose state is from after the upgrades steps on until it has its image', async () => {
    await fixture.create('restored', {
      upgrades: [
        { height: 10, image: NEXT, name: 'v6.5.0' },
        { height: 20, image: LATER },
        { height: FAR, image: imageOf('v6.7.0') },
      ],
    })
    fixture.base.node.voteUpgrade('upgrades-restored', { name: 'v6.5.0', height: 10 })
    fixture.base.node.voteUpgrade('upgrades-restored', { name: 'v6.6.0', height: 20 })
    const home = await until('its volume', () => fixture.base.homeOf('data-restored'))
    home.write('data/fake-applied-upgrades.json', '["v6.5.0","v6.6.0"]')
    const node = await fixture.untilUpgraded('restored', LATER)
    assert.deepEqual(await fixture.recordOf('restored'), { height: 20, image: LATER, earlier: [OLD, NEXT] })
    assert.equal(node.status?.upgrade?.next?.height, FAR)
  })

  test('a node from genesis walks through all upgrades', async () => {
    for (const [name, height] of [
      ['v6.5.0', 10],
      ['v6.6.0', 40],
    ] as const)
      fixture.base.node.voteUpgrade('upgrades-walker', { name, height })
    await fixture.create('walker', {
      upgrades: [
        { height: 10, image: NEXT },
        { height: 40, image: LATER },
      ],
    })
    const node = await fixture.untilUpgraded('walker', LATER)
    assert.deepEqual(node.status?.upgrade, { image: LATER, height: 40, name: 'v6.6.0' })
    assert.deepEqual((await fixture.recordOf('walker'))?.earlier, [OLD, NEXT])
  })

  test('a record that is ahead of the state steps back when seid says so, and the height is reached as ever', async () => {
    await fixture.running('older')
    const { height } = await fixture.vote('older', 'v6.5.0', 200)
    await fixture.base.patch('older', { spec: { upgrades: [{ height, image: NEXT }] } })
    // As on a volume that was filled with an older state.
    const reached = { height, name: 'v6.5.0', image: NEXT, earlier: [OLD] }
    const annotations = { 'sei.io/upgrade': JSON.stringify(reached) }
    const claim = fixture.base.key('data-older')
    await fixture.base.client.patch(persistentVolumeClaims, claim, { metadata: { annotations } }, { type: 'merge' })
    await fixture.untilImage('older', NEXT)
    await fixture.untilUpgraded('older', OLD)
    const early = { image: NEXT, name: 'v6.5.0', instead: OLD }
    assert.deepEqual(await fixture.recordOf('older'), { height: 0, image: OLD, earlier: [], early })
    await fixture.untilUpgraded('older', NEXT)
    assert.deepEqual(await fixture.recordOf('older'), reached)
  })

  test('a paused node waits at the height, and is upgraded when it is resumed', async () => {
    await fixture.running('paused')
    const pod = await fixture.podOf('paused')
    const { height } = await fixture.vote('paused', 'v6.5.0', SOON)
    await fixture.base.patch('paused', { spec: { paused: true, upgrades: [{ height, image: NEXT }] } })
    await fixture.untilStopped('paused')
    assert.equal(await fixture.podOf('paused'), pod)
    assert.equal(await fixture.recordOf('paused'), undefined)
    await fixture.base.patch('paused', { spec: { paused: false } })
    await fixture.untilUpgraded('paused', NEXT)
  })

  test('an annotation that cannot be read is no upgrade that was reached', async () => {
    await fixture.running('garbled')
    const pod = await fixture.podOf('garbled')
    const annotations = { 'sei.io/upgrade': '{"height":' }
    await fixture.base.client.patch(
      persistentVolumeClaims,
      fixture.base.key('data-garbled'),
      { metadata: { annotations } },
      { type: 'merge' },
    )
    const { height } = await fixture.vote('garbled', 'v6.5.0', SOON)
    await fixture.base.patch('garbled', { spec: { upgrades: [{ height, image: NEXT }] } })
    assert.equal(await fixture.podOf('garbled'), pod)
    await fixture.untilUpgraded('garbled', NEXT)
    assert.equal((await fixture.recordOf('garbled'))?.height, height)
  })
})
