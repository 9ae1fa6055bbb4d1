/** Which object is below which, and what each line says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import type { KubeObject } from '../../kube/types.ts'
import type { Tree } from '../output/tree.ts'
import { objectTree, ofJob, ofPod, ofSei, type TreeObject } from './objects.ts'

function object(kind: TreeObject['kind'], name: string, owner?: string): TreeObject {
  const ownerReferences =
    owner === undefined ? [] : [{ apiVersion: 'x', kind: 'X', name: 'x', uid: owner, controller: true }]
  const found: KubeObject = { metadata: { name, uid: `uid-of-${kind}-${name}`, ownerReferences } }
  return { kind, object: found, state: '' }
}

function labels({ label, children }: Tree): unknown {
  return children.length === 0 ? label : [label, ...children.map(labels)]
}

test('objects are below their owners, claims below the node that mounts them', () => {
  const node = seiNode('a')
  const uid = node.metadata.uid ?? ''
  const root = ofSei('SeiNode', node)
  const tree = objectTree(
    root,
    [
      object('Service', 'a', uid),
      object('Pod', 'a-0', 'uid-of-StatefulSet-a'),
      object('StatefulSet', 'a', uid),
      object('PersistentVolumeClaim', 'data-a'),
      object('Pod', 'of-another', 'uid-of-nobody'),
    ],
    [node],
  )
  assert.deepEqual(labels(tree), [
    'SeiNode/a',
    'PersistentVolumeClaim/data-a',
    ['StatefulSet/a', 'Pod/a-0'],
    'Service/a',
  ])
})

const container = (name: string, ready: boolean, state: object) => ({
  name,
  ready,
  state,
  image: '',
  imageID: '',
  restartCount: 0,
})

test('a pod says why it waits, or how many of its lasting containers are ready', () => {
  const pod = (phase: string, ...containerStatuses: ReturnType<typeof container>[]): Pod => ({
    status: {
      phase,
      initContainerStatuses: [container('init', true, { terminated: { exitCode: 0 } })],
      containerStatuses,
    },
  })
  const running = container('seid', true, { running: {} })
  const waiting = (reason: string) => container('seid', false, { waiting: { reason } })
  const cases: readonly (readonly [Pod, unknown])[] = [
    [pod('Running', running), { text: 'Running, 1/1 containers ready', style: 'good' }],
    [pod('Running', waiting('CrashLoopBackOff')), { text: 'CrashLoopBackOff', style: 'bad' }],
    [pod('Pending', waiting('PodInitializing')), 'Pending'],
  ]
  for (const [found, state] of cases) assert.deepEqual(ofPod(found).state, state)
})

const ended = (type: string) => ({ status: { conditions: [{ type, status: 'True' }] } })

test('a Job is complete, failed, running or pending', () => {
  const states = [ended('Complete'), ended('Failed'), { status: { active: 1 } }, {}].map(job => ofJob(job).state)
  assert.deepEqual(states, [
    { text: 'Complete', style: 'good' },
    { text: 'Failed', style: 'bad' },
    { text: 'Running', style: 'warn' },
    { text: 'Pending', style: 'warn' },
  ])
})
