/** What the operator says of real nodes: whether they follow their chain, sign, and have space left. */
import assert from 'node:assert/strict'
import { before } from 'node:test'

import { SIDECAR_CONTAINER } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { findCondition, type StatusCondition } from '../../src/lib/conditions.ts'
import { percentOf } from '../../src/volumes/space.ts'
import type { Amount } from '../../src/volumes/track.ts'
import { until } from '../support/until.ts'
import { addOperatorFlag } from './install.ts'
import { joinChain, serveGenesis, untilNode, untilNodeReady } from './joining-nodes.ts'
import type { Observer } from './observer.ts'
import { type Metrics, operatorMetrics } from './operator-metrics.ts'
import { part, partFromPeers } from './parted.ts'
import { isReady, NAMESPACE, type PoolFixture, say } from './pool-fixture.ts'
import { poolSuite } from './pool-suite.ts'
import { runToolPod, type SeidSignal, signalSeid } from './tool-pods.ts'

const RISE_MS = 90_000
/** From the last block to the status that says so. */
const REPORT_MS = 60_000
const MACHINE = { namespace: NAMESPACE, name: 'machine' }
/** A full node of the pool's chain that belongs to no pool. */
const LATE = 'late'
/** More than the 200 blocks that a node may be behind without a word about it. */
const FAR_BLOCKS = 300
const SIGNING_STATE = '/sei/data/priv_validator_state.json'

const { step, open } = poolSuite()
let fixture: PoolFixture
let nodes: readonly string[]
let observer: Observer

before(async () => {
  fixture = await open()
  nodes = fixture.nodeNames()
})

step('four validators run', async () => {
  await fixture.create(false)
  await fixture.untilRunning()
  observer = await fixture.observe('observer', nodes)
  await observer.untilAllRise(5, RISE_MS)
  await runToolPod(fixture.cluster, { ...MACHINE, hostPID: true })
})

step('R8: two of four validators hang: no node is Ready within a minute, and all are when they go on', async () => {
  const [running, hung] = [nodes.slice(0, 2), nodes.slice(2)]
  const stoppedAt = Date.now()
  for (const node of hung) await signal(node, 'STOP')
  await Promise.all([
    ...running.map(node => untilReadyIs(node, 'ChainHalted')),
    ...hung.map(node => untilReadyIs(node, 'NoAnswer')),
  ])
  await fixture.until(
    'Ready ChainHalted',
    pool => findCondition(pool?.status?.conditions, 'Ready')?.reason === 'ChainHalted',
  )
  const reportedAt = Math.max(...(await transitionsOf(nodes)).map(time => Date.parse(time ?? '')))
  say(`the halted chain was reported after ${((reportedAt - stoppedAt) / 1000).toFixed(0)} s`)
  assert.ok(reportedAt - stoppedAt <= REPORT_MS, `reported after ${reportedAt - stoppedAt} ms`)
  for (const node of hung) await signal(node, 'CONT')
  await fixture.until('Ready again', isReady)
  await observer.untilAllRise(3, RISE_MS)
})

step('R8: a validator that follows the chain and signs nothing is NotSigning until it signs again', async () => {
  const [refusing = '', ...others] = nodes
  const earlier = await transitionsOf(others)
  // seid never signs below what its state says it signed last.
  await restartSeid(refusing, `cp $0 $0.kept; sed 's/"height": *"[0-9]*"/"height": "999999999"/' $0.kept >$0`)
  const found = await untilReadyIs(refusing, 'NotSigning')
  assert.match(messageOf(found), /did not sign \d+ of the last \d+ sampled blocks/)
  assert.ok(((await operatorMetrics(fixture.cluster))('sei_node_missed_blocks_ratio', refusing) ?? 0) > 0.5)
  assert.deepEqual(await transitionsOf(others), earlier, 'a Ready of another node changed')
  await restartSeid(refusing, 'mv $0.kept $0')
  await fixture.until('Ready again', isReady)
  await fixture.untilSigns(observer, refusing, others[0] ?? '')
})

step('R8: a full node far behind is CatchingUp with the blocks that are left, and Ready once it follows', async () => {
  const { cluster } = fixture
  await serveGenesis(fixture)
  await until(
    `the chain to have ${FAR_BLOCKS} blocks`,
    async () => ((await observer.height()) > FAR_BLOCKS ? true : undefined),
    { deadlineMs: 5 * 60_000, intervalMs: 1000, found: () => observer.height() },
  )
  // With peers it would catch up before it is queried a second time.
  const connect = await partFromPeers(cluster, LATE)
  await joinChain(fixture, LATE, { mode: 'full' })
  const behind = await untilNode(fixture, LATE, 'far behind', node => blocksLeft(node) !== undefined)
  assert.ok((blocksLeft(behind) ?? 0) > FAR_BLOCKS, messageOf(behind))
  assert.equal(behind.status?.chain?.state, 'CatchingUp')
  assert.ok(((await operatorMetrics(cluster))('sei_node_blocks_behind', LATE) ?? 0) > FAR_BLOCKS)
  await connect()
  const following = await untilNodeReady(fixture, LATE)
  assert.equal(following.status?.chain?.state, 'Following')
  const all = await fixture.observe('observer-of-all', [...nodes, LATE])
  await all.untilAllRise(5, RISE_MS)
})

step('R8: nodes cut off from the chain are Stuck together and NoPeers alone, and the others stay Ready', async () => {
  const [validator = '', ...others] = nodes
  const parted = [validator, LATE]
  const earlier = await transitionsOf(others)
  const network = await part(fixture.cluster, parted)
  const stuck = await Promise.all(parted.map(name => untilReadyIs(name, 'Stuck')))
  for (const node of stuck) assert.match(messageOf(node), /while other nodes of chain \S+ are at \d+/)
  await network.separate()
  const alone = await Promise.all(parted.map(name => untilReadyIs(name, 'NoPeers')))
  for (const node of alone) assert.match(messageOf(node), /it is connected to no peer/)
  await observer.untilAllRise(5, RISE_MS, others)
  assert.deepEqual(await transitionsOf(others), earlier, 'a Ready of another node changed')
  await network.reconnect()
  await fixture.until('Ready again', isReady)
  await untilNodeReady(fixture, LATE)
  await fixture.untilSigns(observer, validator, others[0] ?? '')
})

step('R8: the operator reads from the kubelet how full each volume is', async () => {
  const { cluster } = fixture
  const all = [...nodes, LATE]
  const [first = ''] = all
  const found = await untilNode(fixture, first, 'told of its kubelet', node => spaceOf(node) !== undefined)
  const { reason, message = '' } = spaceOf(found) ?? {}
  if (reason === 'NotObserved') {
    // A kubelet with a certificate of its own gets no token, and the message says what to do.
    assert.match(message, /the certificate of the kubelet at \S+ is not verified .* --kubelet-insecure-tls$/)
    await addOperatorFlag(cluster, '--kubelet-insecure-tls=true')
  }
  for (const name of all) await untilNode(fixture, name, 'measured', isMeasured)
  const metrics = await operatorMetrics(cluster)
  for (const name of all) await assertVolumeUse(name, metrics)
})

/** Asserts that status and metrics say of the volume what a container sees of it. */
async function assertVolumeUse(name: string, metrics: Metrics): Promise<void> {
  const [blocks, inodes] = await Promise.all([fileSystemOf(name, '-k'), fileSystemOf(name, '-i')])
  assert.equal(metrics('sei_node_volume_capacity_bytes', name), blocks.total * 1024)
  const used = (metrics('sei_node_volume_used_bytes', name) ?? 0) / 1024
  const measured = percentOf({ ...blocks, used })
  assert.ok(Math.abs(measured - percentOf(blocks)) < 5, `${measured} %`)
  const node = await fixture.cluster.client.get(seiNodes, { namespace: NAMESPACE, name })
  const worst = Math.max(percentOf(blocks), inodes.total > 0 ? percentOf(inodes) : 0)
  const use = Number.parseInt(node?.status?.dataVolume?.use ?? '', 10)
  // Steps of 5 %, on a disk that others use too.
  assert.ok(worst > use - 5 && worst < use + 10, `${use} % of ${worst} %`)
  if (worst < 75) assert.equal(node && spaceOf(node)?.reason, 'Enough')
}

/** Of the node's data volume: kibibytes, or inodes with `-i`. */
async function fileSystemOf(name: string, option: '-k' | '-i'): Promise<Amount> {
  const text = await fixture.cluster.exec(NAMESPACE, `${name}-0`, SIDECAR_CONTAINER, ['df', '-P', option, '/sei'])
  const [, total, used] = text.trim().split('\n').at(-1)?.split(/\s+/) ?? []
  return { total: Number(total), used: Number(used) }
}

async function signal(node: string, name: SeidSignal): Promise<void> {
  const pod = await fixture.pod(node)
  await signalSeid(fixture.cluster, MACHINE, pod?.metadata?.uid ?? '', name)
}

/** Runs a script about the signing state, which is $0, while seid does nothing; then seid starts again. */
async function restartSeid(node: string, script: string): Promise<void> {
  await signal(node, 'STOP')
  await fixture.cluster.exec(NAMESPACE, `${node}-0`, SIDECAR_CONTAINER, ['sh', '-c', script, SIGNING_STATE])
  await signal(node, 'KILL')
}

function untilReadyIs(name: string, reason: string): Promise<SeiNode> {
  return untilNode(fixture, name, `Ready ${reason}`, node => readyOf(node)?.reason === reason)
}

function readyOf({ status }: SeiNode): StatusCondition | undefined {
  return findCondition(status?.conditions, 'Ready')
}

/** The message of Ready. */
function messageOf(node: SeiNode): string {
  return readyOf(node)?.message ?? ''
}

/** When Ready last changed, of each node. */
async function transitionsOf(names: readonly string[]): Promise<readonly (string | undefined)[]> {
  const found = await Promise.all(
    names.map(name => fixture.cluster.client.get(seiNodes, { namespace: NAMESPACE, name })),
  )
  return found.map(node => node && readyOf(node)?.lastTransitionTime)
}

/** Undefined if Ready does not say. */
function blocksLeft(node: SeiNode): number | undefined {
  const [, blocks] = /(\d+) blocks behind the chain/.exec(messageOf(node)) ?? []
  return blocks === undefined ? undefined : Number(blocks)
}

/** The condition VolumeSpace once the kubelet was queried. */
function spaceOf({ status }: SeiNode): StatusCondition | undefined {
  const space = findCondition(status?.conditions, 'VolumeSpace')
  return space?.message.endsWith('is not known yet') ? undefined : space
}

function isMeasured(node: SeiNode): boolean {
  return ['Enough', 'Filling'].includes(spaceOf(node)?.reason ?? '')
}
