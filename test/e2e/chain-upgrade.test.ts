/** Upgrades at a height: real validators vote for them, and the pool and a node that joins later follow by `upgrades` of their specs. */
import assert from 'node:assert/strict'
import { before } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'

import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import type { Upgrade } from '../../src/api/upgrades.ts'
import { UPGRADE_ANNOTATION, type UpgradeRecord } from '../../src/build/upgrade-record.ts'
import { findCondition } from '../../src/lib/conditions.ts'
import { persistentVolumeClaims, pods, statefulSets } from '../../src/kube/resources.ts'
import { isPodReady } from '../support/fake-node-fixture.ts'
import { until } from '../support/until.ts'
import { images } from './cluster.ts'
import { voteForUpgrade, VOTING_BLOCKS, VOTING_PERIOD } from './governance.ts'
import { addOperatorFlag } from './install.ts'
import { joinChain, serveGenesis, untilNode, untilNodeReady } from './joining-nodes.ts'
import { longestStop, type Observer } from './observer.ts'
import { isReady, NAMESPACE, type PoolFixture, say } from './pool-fixture.ts'
import { poolSuite } from './pool-suite.ts'

/** Of the plans, in the order in which images have them: `IMAGES`. */
const [FIRST, SECOND] = ['v6.5.0', 'v6.6.0']
/** More than the chain makes while the tests run, and less than the time for which images are pulled ahead. */
const FAR_BLOCKS = 50_000
const RISE_MS = 120_000
/** From the height, or from the spec that has the upgrade, to blocks above it. */
const UPGRADE_MS = 60_000
/** From the vote, some blocks before the height, to blocks above it. */
const UPGRADE_DEADLINE_MS = 5 * 60_000
const MISSING_IMAGE = 'docker.io/sei-protocol/seid:does-not-exist'
const OVERRIDES = { 'mempool.size': '4000' }
const LATE = 'late'

const { step, open } = poolSuite()
let fixture: PoolFixture
let nodes: readonly string[]
let observer: Observer
/** Heights of the upgrades that the chain makes, by name. */
const heights: Record<string, number> = {}

before(async () => {
  fixture = await open()
  // What the chain voted for is asked for once in so many observations.
  await addOperatorFlag(fixture.cluster, '--chain-interval=3')
  nodes = fixture.nodeNames()
})

step('four validators run a release that has neither upgrade', async () => {
  await fixture.create(false, { genesis: { params: VOTING_PERIOD } })
  await fixture.untilRunning()
  observer = await fixture.observe('observer', nodes)
  await observer.untilAllRise(5, RISE_MS)
})

step('an upgrade that the chain voted for and the spec does not name is told on each node', async () => {
  const height = (await observer.height()) + FAR_BLOCKS
  await voteForUpgrade(fixture, { name: FIRST, height })
  for (const node of nodes) {
    const found = await untilUpgrades(node, 'UpgradeNotInSpec')
    assert.match(upgradesMessage(found), new RegExp(`${FIRST}.*${height}|${height}.*${FIRST}`))
    assert.deepEqual([found.status?.upgrade?.voted?.name, found.status?.upgrade?.voted?.height], [FIRST, height])
  }
  heights[FIRST] = height
})

step('an image that does not exist is told long before the height, and nothing restarts', async () => {
  const uids = await podUIDs()
  await setUpgrades([{ height: heightOf(FIRST), name: FIRST, image: MISSING_IMAGE }])
  for (const node of nodes) {
    const found = await untilUpgrades(node, 'UpgradeImageMissing')
    assert.match(upgradesMessage(found), new RegExp(MISSING_IMAGE))
  }
  assert.deepEqual(await podUIDs(), uids)
})

step('an image that comes before its height is told and undone, and the chain goes on', async () => {
  const started = Date.now()
  const uids = await podUIDs()
  await fixture.patch({ spec: { nodeConfiguration: { image: images.upgradedSeid, upgrades: null } } })
  const early = await until(
    'a node to be UpgradeTooEarly',
    async () => {
      const found = await Promise.all(nodes.map(seiNode))
      return found.find(node => upgradesReason(node) === 'UpgradeTooEarly')
    },
    {
      deadlineMs: RISE_MS,
      intervalMs: 500,
      found: async () => (await Promise.all(nodes.map(seiNode))).map(node => node?.status?.conditions),
    },
  )
  assert.match(upgradesMessage(early), new RegExp(FIRST))
  const name = early.metadata.name ?? ''
  await fixture.untilPod(name, 'the image of before, Ready', pod => runs(pod, images.seid) && isPodReady(pod))
  await observer.untilAllRise(5, RISE_MS)
  // The rollout stays at the node that tried it.
  await fixture.until(
    'RolloutHalted',
    pool => findCondition(pool?.status?.conditions, 'Reconciling')?.reason === 'RolloutHalted',
  )
  const others = nodes.map((node, index) => (node === name ? undefined : uids[index]))
  assert.deepEqual(
    (await podUIDs()).map((uid, index) => (nodes[index] === name ? undefined : uid)),
    others,
  )
  await fixture.patch({
    spec: {
      nodeConfiguration: {
        image: images.seid,
        upgrades: [{ height: heightOf(FIRST), name: FIRST, image: images.upgradedSeid }],
      },
    },
  })
  await fixture.until('Ready with the corrected spec', isReady)
  for (const node of nodes) {
    await untilUpgrades(node, 'UpgradesKnown')
    await fixture.untilPod(node, 'the image of before, Ready', pod => runs(pod, images.seid) && isPodReady(pod))
  }
  await observer.untilAllRise(3, RISE_MS)
  sayLongestStop(await observer.since(started))
})

step(
  'the chain stops at the height and makes blocks with the image of the upgrade within 60 s, without a hand',
  async () => {
    const height = await votedAhead(FIRST)
    await setUpgrades([{ height, name: FIRST, image: images.upgradedSeid, overrides: OVERRIDES }])
    const started = Date.now()
    await observer.untilAllReach(height + 5, UPGRADE_DEADLINE_MS)
    const stop = sayLongestStop(await observer.since(started))
    assert.ok(stop <= UPGRADE_MS, `the chain stood still for ${stop} ms`)
    await fixture.until('Ready after the upgrade', isReady)
    for (const node of nodes) {
      await assertUpgraded(node, images.upgradedSeid, FIRST)
      const config = await fixture.cluster.exec(NAMESPACE, `${node}-0`, 'seid', ['cat', '/sei/config/config.toml'])
      assert.match(config, /^size = "?4000"?$/m)
    }
  },
)

step('a validator whose pod is deleted comes back with the image of the upgrade', async () => {
  const [node = ''] = nodes
  const uid = (await fixture.pod(node))?.metadata?.uid ?? ''
  await fixture.cluster.client.delete(pods, { namespace: NAMESPACE, name: `${node}-0` }, { uid })
  const pod = await fixture.untilPod(node, 'another one, Ready', each => each.metadata?.uid !== uid && isPodReady(each))
  assert.ok(runs(pod, images.upgradedSeid))
  await observer.untilAllRise(3, RISE_MS)
})

step('an upgrade that is not in the spec stops the chain at its height until it is', async () => {
  const started = Date.now()
  const height = await votedAhead(SECOND)
  const halted = await fixture.until(
    'Ready=False, UpgradeNeeded',
    pool => findCondition(pool?.status?.conditions, 'Ready')?.reason === 'UpgradeNeeded',
  )
  const { message = '' } = findCondition(halted?.status?.conditions, 'Ready') ?? {}
  assert.match(message, new RegExp(`${SECOND}.*${height}|${height}.*${SECOND}`))
  const corrected = Date.now()
  for (const seen of await observer.since(started)) {
    // A block is stored before the upgrade that comes with it is looked for.
    for (const found of Object.values(seen.heights)) assert.ok(found <= height, `${found} is above ${height}`)
  }
  await setUpgrades(upgrades())
  await observer.untilAllReach(height + 5, UPGRADE_DEADLINE_MS)
  const stop = sayLongestStop(await observer.since(corrected))
  assert.ok(stop <= UPGRADE_MS, `the chain stood still for ${stop} ms`)
  await fixture.until('Ready after the upgrade', isReady)
  for (const node of nodes) await assertUpgraded(node, images.latestSeid, SECOND)
})

step('a full node that joins from genesis walks through both upgrades and follows the chain', async () => {
  await serveGenesis(fixture)
  await joinChain(fixture, LATE, { mode: 'full', image: images.seid, upgrades: upgrades() })
  await untilNodeReady(fixture, LATE)
  await assertUpgraded(LATE, images.latestSeid, SECOND)
  const events = await fixture.cluster.kubectl([
    'get',
    'events',
    `--namespace=${NAMESPACE}`,
    `--field-selector=involvedObject.name=${LATE},reason=UpgradeReached`,
    '--output=jsonpath={range .items[*]}{.message}{"\\n"}{end}',
  ])
  for (const name of [FIRST, SECOND]) assert.match(events, new RegExp(name))
  const all = await fixture.observe('observer-of-all', [...nodes, LATE])
  await all.untilAllRise(5, RISE_MS)
})

step(
  'a node whose volume has no record of the upgrades steps on to the one that its state has been through',
  async () => {
    const claim = { namespace: NAMESPACE, name: `data-${LATE}` }
    const record = async (): Promise<string | undefined> =>
      (await fixture.cluster.client.get(persistentVolumeClaims, claim))?.metadata?.annotations?.[UPGRADE_ANNOTATION]
    const kept = await record()
    await fixture.cluster.kubectl(['annotate', 'pvc', claim.name, `--namespace=${NAMESPACE}`, `${UPGRADE_ANNOTATION}-`])
    const after = await until('the record of the upgrades', record, {
      deadlineMs: UPGRADE_DEADLINE_MS,
      intervalMs: 500,
      found: () => seiNode(LATE),
    })
    await fixture.untilPod(
      LATE,
      'the image of the last upgrade, Ready',
      pod => runs(pod, images.latestSeid) && isPodReady(pod),
    )
    assert.deepEqual(heightIn(after), heightIn(kept))
    await assertUpgraded(LATE, images.latestSeid, SECOND)
  },
)

step('a spec that is tidied up after the upgrades restarts nothing', async () => {
  const uids = await podUIDs()
  assert.equal((await fixture.get())?.spec.nodeConfiguration.image, images.seid)
  await fixture.patch({ spec: { nodeConfiguration: { image: images.latestSeid, upgrades: null } } })
  for (const node of nodes) {
    await untilNode(
      fixture,
      node,
      'observed with the tidy spec',
      ({ metadata, spec, status }) =>
        spec.image === images.latestSeid &&
        spec.upgrades === undefined &&
        status?.observedGeneration === metadata.generation,
    )
  }
  await fixture.until('Ready with the tidy spec', isReady)
  assert.deepEqual(await podUIDs(), uids)
  for (const node of nodes) {
    const key = { namespace: NAMESPACE, name: node }
    const { spec, status } = (await fixture.cluster.client.get(statefulSets, key)) ?? {}
    const { metadata } = (await fixture.pod(node)) ?? {}
    assert.equal(spec?.template.spec?.containers[0]?.image, images.latestSeid)
    assert.equal(metadata?.labels?.['controller-revision-hash'], status?.updateRevision, `${node} waits for a restart`)
  }
})

/** Has the chain vote for the upgrade soon, in place of a plan before it. */
async function votedAhead(name: string): Promise<number> {
  const height = (await observer.height()) + VOTING_BLOCKS
  heights[name] = height
  await voteForUpgrade(fixture, { name, height })
  return height
}

function heightOf(name: string): number {
  const height = heights[name]
  assert.ok(height !== undefined)
  return height
}

/** As the spec has them in the end. */
function upgrades(): Upgrade[] {
  return [
    { height: heightOf(FIRST), name: FIRST, image: images.upgradedSeid, overrides: OVERRIDES },
    { height: heightOf(SECOND), name: SECOND, image: images.latestSeid },
  ]
}

async function setUpgrades(wanted: readonly Upgrade[]): Promise<void> {
  await fixture.patch({ spec: { nodeConfiguration: { upgrades: wanted } } })
}

async function assertUpgraded(node: string, image: string, name: string): Promise<void> {
  const pod = await fixture.pod(node)
  assert.ok(pod && runs(pod, image), `${node} runs ${pod?.spec?.containers[0]?.image}`)
  const { upgrade } = (await seiNode(node))?.status ?? {}
  assert.deepEqual([upgrade?.image, upgrade?.name, upgrade?.height], [image, name, heightOf(name)])
}

function heightIn(record: string | undefined): number {
  const { height }: UpgradeRecord = JSON.parse(record ?? '{}')
  return height
}

function runs(pod: Pod, image: string): boolean {
  return pod.spec?.containers.find(({ name }) => name === 'seid')?.image === image
}

async function podUIDs(): Promise<readonly (string | undefined)[]> {
  return Promise.all(nodes.map(async node => (await fixture.pod(node))?.metadata?.uid))
}

function seiNode(name: string): Promise<SeiNode | undefined> {
  return fixture.cluster.client.get(seiNodes, { namespace: NAMESPACE, name })
}

function untilUpgrades(node: string, reason: string): Promise<SeiNode> {
  return untilNode(fixture, node, `UpgradesHealthy ${reason}`, found => upgradesReason(found) === reason)
}

function upgradesReason(node: SeiNode | undefined): string | undefined {
  return findCondition(node?.status?.conditions, 'UpgradesHealthy')?.reason
}

function upgradesMessage({ status }: SeiNode): string {
  return findCondition(status?.conditions, 'UpgradesHealthy')?.message ?? ''
}

function sayLongestStop(seen: Parameters<typeof longestStop>[0]): number {
  const stop = longestStop(seen)
  say(`the chain stood still for ${(stop / 1000).toFixed(1)} s at most`)
  return stop
}
