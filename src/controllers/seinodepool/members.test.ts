/** What a pool's nodes are taken for, from what the caches hold. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { TEMPLATE_ANNOTATION } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { podTemplateRevision } from '../../build/pod-template-revision.ts'
import { poolNames } from '../../build/pool/names.ts'
import { buildPoolNode } from '../../build/pool/node.ts'
import { platform } from '../../build/testdata/platform.ts'
import { seiNodePool } from '../../build/testdata/pools.ts'
import type { KubeObject } from '../../kube/types.ts'
import { Store } from '../../runtime/store.ts'
import type { PoolStores } from './dependencies.ts'
import { hasOtherTemplateAlone, membersOf, type PoolMember } from './members.ts'

const image = 'seid:v1'
const pool = seiNodePool('net', { nodeConfiguration: { nodeCount: 1, image, resources: { requests: { cpu: 1 } } } })
const [names] = poolNames(pool).nodes
assert.ok(names)
const REVISION = podTemplateRevision(platform)
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
  const [member] = membersOf(pool, undefined, { stores, platform })
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

const { resources: _, ...lessSpec } = node.spec
const changes: readonly (readonly [title: string, live: SeiNode, isTemplateAlone: boolean])[] = [
  ['only another pod template', annotated(node, 'earlier'), true],
  ['another image too', annotated({ ...node, spec: { ...node.spec, image: 'seid:v0' } }, 'earlier'), false],
  ['a field that is wanted no more', { ...node, spec: { ...node.spec, entrypoint: { command: ['seid'] } } }, false],
  ['a field less', { ...node, spec: lessSpec }, false],
  ['a label less', { ...node, metadata: { ...node.metadata, labels: {} } }, false],
]

for (const [title, live, isTemplateAlone] of changes) {
  test(`failure mode 32: a node with ${title} is ${isTemplateAlone ? 'the' : 'not the'} operator's own change`, () => {
    assert.equal(hasOtherTemplateAlone({ live, desired }), isTemplateAlone)
  })
}
