/** What a pool's nodes are taken for, from what the caches hold. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { TEMPLATE_ANNOTATION } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { poolNames } from '../../build/pool/names.ts'
import { buildPoolNode } from '../../build/pool/node.ts'
import { seiNodePool } from '../../build/testdata/pools.ts'
import type { KubeObject } from '../../kube/types.ts'
import { Store } from '../../runtime/store.ts'
import type { PoolStores } from './dependencies.ts'
import { membersOf, type PoolMember } from './members.ts'

const image = 'seid:v1'
const pool = seiNodePool('net', { nodeConfiguration: { nodeCount: 1, image, resources: { requests: { cpu: 1 } } } })
const [names] = poolNames(pool).nodes
assert.ok(names)
const REVISION = 'now'
const desired = buildPoolNode(pool, names, undefined, REVISION)

interface Facts {
  readonly node?: SeiNode
  readonly statefulSet?: StatefulSet
  readonly pod?: Pod
}

/** Ready, and its pod of the template that the pool has let it have. */
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
  statefulSet: {
    metadata: {
      name: 'net-0',
      namespace: 'sei',
      resourceVersion: '2',
      generation: 5,
      annotations: { [TEMPLATE_ANNOTATION]: REVISION },
    },
    status: { replicas: 1, observedGeneration: 5, updateRevision: 'net-0-b' },
  },
  pod: {
    metadata: {
      name: 'net-0-0',
      namespace: 'sei',
      resourceVersion: '3',
      labels: { 'controller-revision-hash': 'net-0-b' },
    },
  },
} as const satisfies Facts

function storeOf<T extends KubeObject>(object: T | undefined): Store<T> {
  const store = new Store<T>()
  if (object) store.applied(object)
  return store
}

function memberOf(facts: Facts): PoolMember {
  const stores: Pick<PoolStores, 'nodes' | 'statefulSets' | 'nodePods'> = {
    nodes: storeOf(facts.node),
    statefulSets: storeOf(facts.statefulSet),
    nodePods: storeOf(facts.pod),
  }
  const [member] = membersOf(pool, undefined, { stores, templateRevision: REVISION })
  assert.ok(member)
  return member
}

function annotated<T extends KubeObject>(object: T, revision: string): T {
  return { ...object, metadata: { ...object.metadata, annotations: { [TEMPLATE_ANNOTATION]: revision } } }
}

const { node, statefulSet, pod } = ready
const starting: SeiNode = { ...node, status: { ...node.status, phase: 'Initializing' } }
const oldPod: Pod = { metadata: { ...pod.metadata, labels: { 'controller-revision-hash': 'net-0-a' } } }

const rows: readonly (readonly [title: string, facts: Facts, spec: PoolMember['spec'], state: PoolMember['state']])[] =
  [
    ['is as it shall be', ready, 'current', 'ready'],
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
    [
      'was given a pod template that its StatefulSet does not have yet',
      { ...ready, statefulSet: annotated(statefulSet, 'earlier') },
      'current',
      'unknown',
    ],
    [
      'has a StatefulSet that its controller has not looked at yet',
      { ...ready, statefulSet: { ...statefulSet, metadata: { ...statefulSet.metadata, generation: 6 } } },
      'current',
      'unknown',
    ],
    ['has a pod that is about to be replaced', { ...ready, pod: oldPod }, 'current', 'unknown'],
    [
      'runs what it was given before, and is given another pod template now',
      { ...ready, node: annotated(node, 'earlier'), statefulSet: annotated(statefulSet, 'earlier') },
      'outdated',
      'ready',
    ],
    [
      'went back in the middle of a rollout, to what its StatefulSet has no more',
      { ...ready, node: annotated(node, 'earlier') },
      'outdated',
      'unknown',
    ],
    ['does not run, and never had a StatefulSet', { node: starting }, 'current', 'down'],
  ]

for (const [title, facts, spec, state] of rows) {
  test(`failure mode 29: a node that ${title} is ${spec} and ${state}`, () => {
    const member = memberOf(facts)
    assert.deepEqual([member.spec, member.state], [spec, state])
  })
}

/** As the pool made it when it had another spec, or the operator another template. */
function madeBy(spec: typeof pool, revision: string): SeiNode {
  assert.ok(names)
  const made = buildPoolNode(spec, names, undefined, revision)
  return { ...node, ...made, metadata: { ...node.metadata, ...made.metadata } }
}

const nodeConfiguration = { nodeCount: 1, image, resources: { requests: { cpu: 1 } } }
const withEntrypoint = seiNodePool('net', {
  nodeConfiguration: { ...nodeConfiguration, entrypoint: { command: ['seid'] } },
})
const changes: readonly (readonly [title: string, live: SeiNode, isTemplateAlone: boolean])[] = [
  ['an earlier pod template', madeBy(pool, 'earlier'), true],
  ['an earlier pod template and an earlier image', madeBy(seiNodePool('net'), 'earlier'), false],
  ['an earlier pod template and a field that is wanted no more', madeBy(withEntrypoint, 'earlier'), false],
  [
    'an earlier pod template and a label less',
    { ...madeBy(pool, 'earlier'), metadata: { ...madeBy(pool, 'earlier').metadata, labels: {} } },
    false,
  ],
  ['a field that is wanted no more', madeBy(withEntrypoint, REVISION), false],
  ['no mark of a pod template', { ...node, metadata: { ...node.metadata, annotations: {} } }, false],
]

for (const [title, live, isTemplateAlone] of changes) {
  test(`failure mode 32: a node with ${title} is ${isTemplateAlone ? 'the' : 'not the'} operator's own change alone`, () => {
    const member = memberOf({ ...ready, node: live })
    assert.deepEqual([member.spec, member.isTemplateAlone], ['outdated', isTemplateAlone])
  })
}
