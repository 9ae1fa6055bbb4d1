/** Upgrades under trouble: an operator that is killed at each of its writes, logs and messages that are lost, an earlier operator. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { statefulSets } from '../../src/kube/resources.ts'
import { concerns } from '../support/api-call.ts'
import { Killer } from '../support/killer.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { until } from '../support/until.ts'
import { DEADLINE_MS, imageOf, OLD, UpgradeFixture } from './upgrade-fixture.ts'

const NEXT = imageOf('v6.5.0')
const SOON = 20
const WRITES = new Set(['persistentvolumeclaims', 'seinodes/status', 'statefulsets', 'pods'])

suite('the operator is killed with SIGKILL at an upgrade', () => {
  for (const effect of [1, 2, 3, 4, 5, 6]) {
    test(`failure mode 42: at its write ${effect}: the node gets the image in one restart`, async () => {
      await using killer = await Killer.start(call => concerns(call, 'killed') && WRITES.has(call.resource))
      await using fixture = await UpgradeFixture.open({ operator: { kubeconfig: killer.kubeconfigPath } })
      killer.operator = fixture.base.operator
      await fixture.running('killed')
      await using view = await NamespaceView.open(fixture.base.client, fixture.base.namespace)
      const upgraded = new Set<string>()
      view.pods.subscribe(({ object: { metadata, spec } }) => {
        const isNext = spec?.containers.some(({ image }) => image === NEXT) === true
        if (isNext && metadata?.name === 'killed-0') upgraded.add(metadata.uid ?? '')
      })
      const { height } = await fixture.vote('killed', 'v6.5.0', SOON)
      const overrides = { 'storage.pruning': 'nothing' }
      const upgrades = [{ height, image: NEXT, overrides }]
      await fixture.base.patch('killed', { spec: { upgrades } })
      const isAhead = await fixture.base.untilNode(
        'killed',
        'the entry in status',
        ({ status }) => status?.upgrade !== undefined,
      )
      assert.ok(isAhead)
      killer.arm(effect)
      await fixture.untilUpgraded('killed', NEXT)
      await killer.disarm()
      await fixture.base.untilRunning('killed', DEADLINE_MS)
      assert.deepEqual(await fixture.recordOf('killed'), {
        height,
        name: 'v6.5.0',
        image: NEXT,
        overrides,
        earlier: [OLD],
      })
      const now = (await fixture.podOf('killed')) ?? ''
      await until('the watch to have seen its pod', () => upgraded.has(now) || undefined)
      assert.deepEqual([...upgraded], [now])
    })
  }
})

suite('what seid said is lost', { concurrency: true }, () => {
  test('where neither message nor log tells, the plan and the height at which it stops do', async () => {
    await using fixture = await UpgradeFixture.open({}, false)
    await fixture.running('silent')
    const { height } = await fixture.vote('silent', 'v6.5.0', 100)
    await fixture.base.patch('silent', { spec: { upgrades: [{ height, image: NEXT }] } })
    await fixture.base.untilNode(
      'silent',
      'the plan',
      ({ status }) => status?.upgrade?.voted?.height === height,
      DEADLINE_MS,
    )
    await fixture.untilUpgraded('silent', NEXT)
    assert.equal((await fixture.recordOf('silent'))?.height, height)
  })

  test('a seid that stops elsewhere without a word is in a crash loop, not at an upgrade', async () => {
    let isBroken = false
    const seidEnds = () => (isBroken ? { exitCode: 2, message: 'panic: out of luck' } : undefined)
    await using fixture = await UpgradeFixture.open({ node: { seidEnds } }, false)
    await fixture.running('broken')
    const { height } = await fixture.vote('broken', 'v6.5.0', 100_000)
    await fixture.base.patch('broken', { spec: { upgrades: [{ height, image: NEXT }] } })
    await fixture.base.untilNode(
      'broken',
      'the plan',
      ({ status }) => status?.upgrade?.voted?.height === height,
      DEADLINE_MS,
    )
    isBroken = true
    fixture.base.node.killSeid(fixture.base.podKey('broken'), 2)
    await fixture.untilReason('broken', 'Stalled', 'CrashLooping')
    assert.equal(await fixture.recordOf('broken'), undefined)
    assert.equal(await fixture.imageOf('broken'), OLD)
  })
})

suite('an earlier operator between', () => {
  test('the old image that it puts back is replaced at once, by the record on the claim', async () => {
    await using fixture = await UpgradeFixture.open()
    await fixture.running('downgraded')
    const { height } = await fixture.vote('downgraded', 'v6.5.0', SOON)
    await fixture.base.patch('downgraded', { spec: { upgrades: [{ height, image: NEXT }] } })
    await fixture.untilUpgraded('downgraded', NEXT)
    await fixture.base.operator.kill()
    // It knows no upgrades, and its CRD drops them.
    await fixture.base.patch('downgraded', { spec: { upgrades: null } })
    const set = await fixture.base.get(statefulSets, 'downgraded')
    const template = set?.spec?.template
    assert.ok(set?.spec && template?.spec)
    const withOld = (containers: NonNullable<typeof template.spec>['containers'] = []) =>
      containers.map(each => (each.image === NEXT ? { ...each, image: OLD } : each))
    const { initContainers = [], containers } = template.spec
    const spec = { ...template.spec, containers: withOld(containers), initContainers: withOld(initContainers) }
    await fixture.base.client.replace(statefulSets, {
      ...set,
      spec: {
        ...set.spec,
        template: { ...template, spec },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      },
    })
    await fixture.untilImage('downgraded', OLD)
    fixture.base.operator.start()
    await fixture.untilUpgraded('downgraded', NEXT)
    await fixture.untilReason('downgraded', 'UpgradesHealthy', 'UpgradeHeld')
    // The status from before the operator was killed says so too.
    await fixture.untilReason('downgraded', 'Ready', 'Ready')
    assert.equal(await fixture.imageOf('downgraded'), NEXT)
  })
})
