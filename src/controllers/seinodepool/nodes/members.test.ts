/** What a pool's nodes are taken for, from what the caches hold. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { upgradeAnnotation } from '../../../build/upgrade-record.ts'
import { poolNames } from '../../../build/pool/names.ts'
import { buildPoolNode } from '../../../build/pool/node.ts'
import { seiNodePool } from '../../../build/testdata/pools.ts'
import { differences } from '../../../lib/subset.ts'
import type { KubeObject } from '../../../kube/types.ts'
import { Store } from '../../../runtime/store.ts'
import { VerifiedChildren } from '../../shared/children/verified-children.ts'
import { noChain } from '../../shared/chain/testdata/no-chain.ts'
import { membersOf, type PoolMember } from './members.ts'

const image = 'seid:v1'
const pool = seiNodePool('net', { nodeConfiguration: { nodeCount: 1, image, resources: { requests: { cpu: 1 } } } })
const [names] = poolNames(pool).nodes
assert.ok(names)
const desired = buildPoolNode(pool, names, undefined)

interface Facts {
  readonly node?: SeiNode
  readonly claim?: PersistentVolumeClaim
}

/** Ready with the spec that the pool gave it. */
const ready = {
  node: {
    ...desired,
    metadata: { ...desired.metadata, resourceVersion: '1', generation: 3 },
    status: {
      observedGeneration: 3,
      phase: 'Running',
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Ready',
          message: '',
          observedGeneration: 3,
          lastTransitionTime: '2026-05-01T12:00:00Z',
        },
      ],
    },
  },
} as const satisfies Facts

function storeOf<T extends KubeObject>(object: T | undefined): Store<T> {
  const store = new Store<T>()
  if (object) store.applied(object)
  return store
}

function memberOf(facts: Facts, verified = new VerifiedChildren()): PoolMember {
  const stores = { nodes: storeOf(facts.node), nodePods: new Store<Pod>(), volumes: storeOf(facts.claim) }
  const [member] = membersOf(pool, undefined, { stores, chain: noChain, verified })
  assert.ok(member)
  return member
}

const { node } = ready
const starting: SeiNode = { ...node, status: { ...node.status, phase: 'Initializing' } }
const [condition] = node.status.conditions
const changing: SeiNode = {
  ...node,
  status: { ...node.status, conditions: [{ ...condition, status: 'Unknown', reason: 'NewGeneration' }] },
}

const rows: readonly (readonly [title: string, facts: Facts, spec: PoolMember['spec'], state: PoolMember['state']])[] =
  [
    ['is as the pool wants it', ready, 'current', 'ready'],
    ['is not there', {}, 'missing', 'down'],
    [
      'has an earlier image',
      { ...ready, node: { ...node, spec: { ...node.spec, image: 'seid:v0' } } },
      'outdated',
      'ready',
    ],
    [
      'has a spec that its status does not speak of yet',
      { ...ready, node: { ...node, metadata: { ...node.metadata, generation: 4 } } },
      'current',
      'unknown',
    ],
    ['has a pod that is about to be replaced', { node: changing }, 'current', 'unknown'],
    ['does not run', { node: starting }, 'current', 'down'],
  ]

for (const [title, facts, spec, state] of rows) {
  test(`failure mode 29: a node that ${title} is ${spec} and ${state}`, () => {
    const member = memberOf(facts)
    assert.deepEqual([member.spec, member.state], [spec, state])
  })
}

test('failure mode 29: a node with a field that is wanted no more is outdated', () => {
  assert.ok(names)
  const nodeConfiguration = {
    nodeCount: 1,
    image,
    resources: { requests: { cpu: 1 } },
    entrypoint: { command: ['seid'] },
  }
  const made = buildPoolNode(seiNodePool('net', { nodeConfiguration }), names, undefined)
  const live = { ...node, ...made, metadata: { ...node.metadata, ...made.metadata } }
  assert.equal(memberOf({ node: live }).spec, 'outdated')
})

test('a node that admission rewrote is current while it is as its last apply left it', () => {
  const rewritten: SeiNode = { ...node, spec: { ...node.spec, image: 'mirror/seid:v1' } }
  const verified = new VerifiedChildren()
  verified.noteAnswer('SeiNode', 'net-0', differences(desired, rewritten))
  assert.equal(memberOf({ node: rewritten }, verified).spec, 'current')
  assert.equal(memberOf({ node: { ...node, spec: { ...node.spec, image: 'by-hand' } } }, verified).spec, 'outdated')
  assert.equal(memberOf({ node: rewritten }).spec, 'outdated')
})

test('a node whose claim says that its image is early is that, whatever its conditions say', () => {
  assert.ok(names)
  const { namespace } = node.metadata
  const record = { height: 0, image: 'seid:v0', earlier: [], early: { image, name: 'v1', instead: 'seid:v0' } }
  const annotations = { 'sei.io/upgrade': upgradeAnnotation(record) }
  const claim = {
    metadata: { name: names.dataVolume, resourceVersion: '1', annotations, ...(namespace && { namespace }) },
  }
  assert.equal(memberOf({ node, claim }).isEarly, true)
  assert.equal(memberOf({ node }).isEarly, false)
  assert.equal(memberOf({ node: { ...node, spec: { ...node.spec, image: 'seid:v0' } }, claim }).isEarly, false)
})
