/** Which validators of a pool get a change while their chain stands still, and what proves one that has it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { NodeRollout } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import { answered } from '../../chain/track.ts'
import { keyOf } from '../../runtime/object-key.ts'
import { ManualClock } from '../../runtime/manual-clock.ts'
import { Store } from '../../runtime/store.ts'
import { proveChange } from '../seinode/rollout/proof.ts'
import { NOW, podOf, seen, statefulSetOf } from '../seinode/testdata/objects.ts'
import type { ChainView } from './chain/observer.ts'
import { noChain } from './chain/testdata/no-chain.ts'
import { poolGroup, RolloutGate } from './rollout-gate.ts'

const GROUP = poolGroup('sei', 'devnet')
const MINUTE = 60_000
const CHANGED = NOW - 5 * MINUTE

type Phase = NodeRollout['phase'] | 'none'

function nodeOf(name: string, phase: Phase): SeiNode {
  const owner = { apiVersion: 'sei.io/v1alpha1', kind: 'SeiNodePool', name: 'devnet', uid: 'pool-1', controller: true }
  const node = seiNode(name, {}, { generation: 1, ownerReferences: [owner] })
  const since = new Date(CHANGED).toISOString()
  const rollout: NodeRollout | undefined =
    phase === 'none' ? undefined : { phase, cause: 'Operator', revision: 'new', since }
  return { ...node, status: { observedGeneration: 1, ...(rollout && { rollout }) } }
}

interface Pool {
  readonly gate: RolloutGate
  readonly nodes: readonly SeiNode[]
  readonly pods: Store<Pod>
}

/** A pool of nodes 0, 1, ... that all run. */
function gateOf(phases: readonly Phase[], chain: Partial<ChainView>): Pool {
  const nodes = phases.map((phase, i) => nodeOf(String(i), phase))
  const pods = new Store<Pod>()
  for (const { metadata } of nodes) {
    const { status = {} } = podOf()
    pods.observeWrite({ metadata: { name: `${metadata.name}-0`, namespace: 'sei', resourceVersion: '1' }, status })
  }
  const view = { ...noChain, track: trackOf, ...chain }
  const gate = new RolloutGate({
    nodesInGroup: () => nodes,
    nodes: new Store(),
    pods,
    maxRestarting: 1,
    chain: view,
    now: () => NOW,
  })
  return { gate, nodes, pods }
}

function chosen(phases: readonly Phase[], chain: Partial<ChainView>, outdated: readonly string[] = []): string {
  const isOutdated = ({ metadata: { name } }: Readonly<SeiNode>): boolean => outdated.includes(name)
  const findings = { isBlocked: () => false, isOutdated, isEarly: () => false }
  return [...gateOf(phases, chain).gate.advance(GROUP, findings).approved].map(key => key.replace('sei/', '')).join()
}

const haltedBefore: Partial<ChainView> = { haltedSince: () => CHANGED - MINUTE }
const haltedAfter: Partial<ChainView> = { haltedSince: () => CHANGED + MINUTE }

/** What node 2, which has no voting power, and the others said. */
function trackOf(key: string): ReturnType<ChainView['track']> {
  const answer = {
    nodeID: undefined,
    network: undefined,
    height: 1,
    blockTime: NOW,
    isCatchingUp: false,
    maxPeerHeight: 0,
    validatorAddress: undefined,
    votingPower: key === 'sei/2' ? 0 : 1,
    peers: 3,
  }
  return answered(undefined, 'containerd://seid-1', answer, { at: 0, wall: NOW }, MINUTE)
}

test('a chain that stood still before the change: all that wait get it', () => {
  assert.equal(chosen(['Underway', 'Waiting', 'Waiting', 'none'], haltedBefore), '1,2')
})

test('a chain that stopped after one node got the change: nobody else gets it', () => {
  assert.equal(chosen(['Underway', 'Waiting', 'Waiting', 'none'], haltedAfter), '')
})

test('a halt whose age is within the difference of clocks may come from the change', () => {
  for (const seconds of [-20, -5, 5]) {
    const chain: Partial<ChainView> = { haltedSince: () => CHANGED + seconds * 1000 }
    assert.equal(chosen(['Underway', 'Waiting', 'Waiting', 'none'], chain), '')
  }
})

test('a validator that lost its power with the change is a vote that the chain has lost', () => {
  const chain: Partial<ChainView> = { follows: () => true }
  assert.equal(chosen(['Waiting', 'Waiting', 'Underway', 'Waiting'], chain), '')
  const { gate, nodes } = gateOf(['none', 'none', 'Underway', 'none'], chain)
  const changed = nodes[2] ?? nodeOf('2', 'Underway')
  const clock = new ManualClock(NOW)
  const view = { ...noChain, track: trackOf, ...chain }
  const prove = (node: SeiNode): boolean =>
    proveChange(node, statefulSetOf(seen('new')), podOf(), { gate, clock, chain: view }).isProven
  const state = {
    state: 'Following',
    since: new Date(CHANGED).toISOString(),
    containerID: 'containerd://seid-1',
  } as const
  assert.equal(prove({ ...changed, status: { ...changed.status, chain: state } }), true)
  assert.equal(prove({ ...changed, status: { ...changed.status, chain: { ...state, validatorAddress: 'AA' } } }), false)
})

test('a correction of the change that stopped the chain reaches the node that has it', () => {
  assert.equal(chosen(['Underway', 'none', 'none', 'none'], haltedAfter, ['0']), '0')
})

function isFirst({ metadata }: Readonly<SeiNode>): boolean {
  return metadata.name === '0'
}

function isOtherThanFirst(node: Readonly<SeiNode>): boolean {
  return !isFirst(node)
}

test('an image that came before its upgrade is tried on one validator, whatever else is said of that one', () => {
  const follows = { follows: () => true }
  const { gate, nodes } = gateOf(['none', 'none', 'none', 'none'], follows)
  const outdated = { isBlocked: () => false, isOutdated: isOtherThanFirst }
  assert.equal(gate.advance(GROUP, { ...outdated, isEarly: () => false }).approved.size, 1)
  const early = { ...outdated, isEarly: isFirst }
  const [first] = nodes
  assert.ok(first)
  for (const paused of [false, true]) {
    first.spec = { ...first.spec, paused }
    const view = gate.advance(GROUP, early)
    assert.deepEqual([view.approved.size, view.waitsFor], [0, 'sei/0'])
  }
  first.spec = { ...first.spec, paused: false }
  // Its own correction reaches it.
  assert.deepEqual([...gate.advance(GROUP, { ...early, isOutdated: isFirst }).approved], ['sei/0'])
})

test('a validator with an early image gets another change of its own, and nobody else gets one', () => {
  const findings = { isBlocked: () => false, isOutdated: isOtherThanFirst, isEarly: isFirst }
  const approved = (phases: readonly Phase[], follows: ChainView['follows'] = () => true): readonly string[] => [
    ...gateOf(phases, { follows }).gate.advance(GROUP, findings).approved,
  ]
  assert.deepEqual(approved(['Waiting', 'none', 'none', 'none']), ['sei/0'])
  assert.deepEqual(approved(['Waiting', 'none', 'none', 'none'], isOther), [])
  assert.deepEqual(approved(['Underway', 'none', 'none', 'none']), [])
  assert.deepEqual(approved(['Waiting', 'none', 'Underway', 'none']), [])
})

test('at the height of an early image, the validators that stopped for the upgrade get it too', () => {
  const { gate, nodes, pods } = gateOf(['Underway', 'none', 'none', 'none'], { haltedSince: () => CHANGED - 10_000 })
  for (const { metadata } of nodes.slice(1)) {
    const { status = {} } = podOf({ ready: false, seid: { state: { waiting: {} } } })
    pods.observeWrite({ metadata: { name: `${metadata.name}-0`, namespace: 'sei', resourceVersion: '2' }, status })
  }
  const { approved } = gate.advance(GROUP, {
    isBlocked: () => false,
    isOutdated: isOtherThanFirst,
    isEarly: () => false,
  })
  assert.deepEqual([...approved], ['sei/1', 'sei/2', 'sei/3'])
})

function isOther(key: string): boolean {
  return key !== 'sei/3'
}

test('nobody restarts before every validator that runs was queried often enough', () => {
  const chain: Partial<ChainView> = { follows: isOther, isEvaluable: isOther }
  assert.equal(chosen(['Waiting', 'Waiting', 'none', 'Waiting'], chain), '')
  assert.equal(chosen(['Waiting', 'Waiting', 'none', 'Waiting'], { follows: () => true }), '0')
})

test('a validator without voting power comes first', () => {
  const chain: Partial<ChainView> = { follows: () => true, track: trackOf }
  assert.equal(chosen(['Waiting', 'Waiting', 'Waiting', 'Waiting'], chain), '2')
  assert.equal(chosen(['Waiting', 'Waiting', 'none', 'Waiting'], chain), '0')
})

for (const [what, chain, isProven] of [
  ['its node follows the chain', { follows: () => true }, true],
  ['its node does not', {}, false],
  ['the chain stood still before it', haltedBefore, true],
  ['the chain stopped after it', haltedAfter, false],
] as const) {
  test(`a change of a validator, where ${what}, is ${isProven ? '' : 'not '}proven`, () => {
    const { gate, nodes } = gateOf(['Underway', 'none', 'none', 'none'], chain)
    const [node = nodeOf('0', 'none')] = nodes
    const clock = new ManualClock(NOW)
    const proof = proveChange(node, statefulSetOf(seen('new')), podOf(), {
      gate,
      clock,
      chain: { ...noChain, ...chain },
    })
    assert.equal(proof.isProven, isProven, keyOf(node))
  })
}

const STUCK = '2'

interface StuckScene {
  readonly behind?: readonly string[]
  readonly chain?: Partial<ChainView>
  /** Name of the node, age of its restart in milliseconds, and whether it has followed the chain since. */
  readonly restarts?: readonly (readonly [name: string, ageMs: number, followedAt?: true])[]
  /** Of node 0, whose operator has observed 1. */
  readonly generation?: number
}

/** Node 2 is stuck, and the rest follows the chain, but for those that `behind` names. */
function approves(
  phases: readonly Phase[],
  { behind = [], chain = {}, restarts = [], generation = 1 }: StuckScene = {},
): boolean {
  const follows: ChainView['follows'] = key => ![STUCK, ...behind].includes(key.replace('sei/', ''))
  const { gate, nodes } = gateOf(phases, { follows, ...chain })
  for (const [name, ageMs, followedAt] of restarts) {
    const node = nodes.find(({ metadata }) => metadata.name === name)
    const time = new Date(NOW - ageMs).toISOString()
    if (node?.status) node.status.stuckRestarts = [{ time, containerID: 'c', ...(followedAt && { followedAt: time }) }]
  }
  const [first] = nodes
  if (first) first.metadata.generation = generation
  return gate.approveStuckRestart(nodes.find(({ metadata }) => metadata.name === STUCK) ?? nodeOf(STUCK, 'none'))
}

const four: readonly Phase[] = ['none', 'none', 'none', 'none']
const seven: readonly Phase[] = [...four, 'none', 'none', 'none']
const scenes: readonly (readonly [what: string, phases: readonly Phase[], scene: StuckScene, isApproved: boolean])[] = [
  ['all others follow', four, {}, true],
  ['another does not follow', four, { behind: ['1'] }, false],
  ['enough of seven follow', seven, { behind: ['1'] }, true],
  ['too few of seven follow', seven, { behind: ['1', '5'] }, false],
  ['nobody follows', four, { behind: ['0', '1', '3'] }, false],
  ['the chain stands still', four, { chain: haltedBefore }, false],
  ['another has a change', ['Underway', 'none', 'none', 'none'], {}, false],
  ['another waits for a change', ['Waiting', 'none', 'none', 'none'], {}, true],
  ['another was given a spec that it has not observed', four, { generation: 2 }, false],
  ['another restarts since it was stuck', seven, { restarts: [['1', MINUTE]], behind: ['1'] }, false],
  ['another restarted long ago and does not follow', seven, { restarts: [['1', 11 * MINUTE]], behind: ['1'] }, true],
  ['another restarted and follows', four, { restarts: [['1', MINUTE, true]] }, true],
  ['its own restart is in status', four, { restarts: [['2', MINUTE]] }, true],
]
for (const [what, phases, scene, isApproved] of scenes) {
  test(`a stuck validator of a pool, where ${what}, may ${isApproved ? '' : 'not '}restart`, () => {
    assert.equal(approves(phases, scene), isApproved)
  })
}

test('of two stuck validators that ask at the same time, one may restart', () => {
  const { gate, nodes } = gateOf(seven, { follows: key => !['sei/1', 'sei/2'].includes(key) })
  const [, one = nodeOf('1', 'none'), two = nodeOf('2', 'none')] = nodes
  assert.deepEqual([gate.approveStuckRestart(two), gate.approveStuckRestart(one)], [true, false])
  gate.recorded(two)
  assert.equal(gate.approveStuckRestart(one), true)
})

test('a stuck node that belongs to no pool may restart whatever the others do', () => {
  const { gate } = gateOf(four, haltedBefore)
  assert.equal(gate.approveStuckRestart(seiNode('rpc-0')), true)
})
