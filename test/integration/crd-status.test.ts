/** R8: a status is kept whole, the one that the Go operator wrote included. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { assertHolds, node, pool } from './crd-cases.ts'
import { getObject, prepareNamespace, refusals, removeNamespace } from './crd-harness.ts'
import { kubectl, tryKubectl } from '../../testing/kubectl.ts'

let namespace = ''
before(async () => {
  namespace = await prepareNamespace()
  const manifests = [
    { kind: 'SeiNode', name: 'mine', spec: node() },
    { kind: 'SeiNodePool', name: 'mine', spec: pool() },
  ] as const
  assert.deepEqual(await refusals(namespace, ['create'], manifests), new Map())
})
after(() => removeNamespace(namespace))

const now = '2026-11-23T16:00:00Z'
const id = '0f0e3a52-6f0b-5b1e-9a53-1f2d7f0f6c11'

async function assertKept(kind: string, status: object): Promise<void> {
  const patch = JSON.stringify({ status })
  await kubectl(['patch', kind, 'mine', '-n', namespace, '--subresource=status', '--type=merge', '-p', patch])
  const stored = await getObject(namespace, kind, 'mine')
  assertHolds(stored.status, status, 'status')
}

function condition(type: string): object {
  return { type, status: 'True', observedGeneration: 1, lastTransitionTime: now, reason: 'Ready', message: '' }
}

it('R8: a plan of the Go operator, without ids or attempts, is kept', () =>
  assertKept('seinode', {
    phase: 'Running',
    initPlan: {
      phase: 'Complete',
      tasks: [
        { type: 'config-apply', taskID: id, status: 'Complete' },
        { type: 'mark-ready', taskID: '', status: 'Complete', error: '' },
      ],
    },
  }))

it('R8: every field of a SeiNode status is kept', () => {
  const plan = {
    id,
    phase: 'Failed',
    volumeUID: id,
    configHash: 'a'.repeat(64),
    retryHandled: '2',
    tasks: [
      {
        type: 'config-apply',
        taskID: id,
        status: 'Complete',
        attempt: 1,
        submittedAt: now,
        completedAt: now,
        note: 'n',
      },
      {
        type: 'discover-peers',
        taskID: id,
        status: 'Failed',
        attempt: 2,
        submittedAt: now,
        completedAt: now,
        error: 'e',
      },
      { type: 'mark-ready', status: 'Pending' },
    ],
  }
  return assertKept('seinode', {
    observedGeneration: 1,
    phase: 'Failed',
    mode: 'replayer',
    conditions: ['Ready', 'SpecValid', 'Initialized'].map(condition),
    dataVolume: { claimName: 'data-mine', uid: id },
    initPlan: plan,
    updatePlan: plan,
    stuckRestarts: [{ time: now, containerID: 'containerd://1', followedAt: now }],
    recurringTasks: [
      {
        type: 'snapshot-upload',
        schedule: '0 0 * * *',
        lastScheduleTime: now,
        nextScheduleTime: now,
        taskID: id,
        lastResult: { status: 'Failed', completedAt: now, error: 'e' },
      },
    ],
  })
})

it('every field of a SeiNodePool status is kept', () =>
  assertKept('seinodepool', {
    observedGeneration: 1,
    phase: 'Running',
    conditions: ['Ready', 'GenesisComplete'].map(condition),
    totalNodes: 4,
    readyNodes: 3,
    nodes: [{ name: 'mine-0', phase: 'Running', ready: true, nodeId: 'ab'.repeat(20) }],
    genesis: { hash: 'a'.repeat(64), completedAt: now },
  }))

it('R1: the columns show the status', async () => {
  assert.match(await kubectl(['get', 'snode', 'mine', '-n', namespace]), /mine +pacific-1 +replayer +Failed +True/)
  assert.match(await kubectl(['get', 'snp', 'mine', '-n', namespace]), /mine +devnet-1 +4 +3 +Running/)
})

it('two conditions of one type are refused', async () => {
  const patch = JSON.stringify({ status: { conditions: [condition('Ready'), condition('Ready')] } })
  const args = ['patch', 'seinode', 'mine', '-n', namespace, '--subresource=status', '--type=merge', '-p', patch]
  const { code, stderr } = await tryKubectl(args)
  assert.equal(code, 1)
  assert.match(stderr, /status\.conditions\[1\]: Duplicate value/)
})

it('a write of the whole object does not change the status', async () => {
  const patch = JSON.stringify({ status: { phase: 'Pending' } })
  await kubectl(['patch', 'seinode', 'mine', '-n', namespace, '--type=merge', '-p', patch])
  assert.equal(await kubectl(['get', 'seinode', 'mine', '-n', namespace, '-o', 'jsonpath={.status.phase}']), 'Failed')
})

it('R1: a name is refused although the manifest brings a status', async () => {
  const manifest = {
    apiVersion: 'sei.io/v1alpha1',
    kind: 'SeiNode',
    metadata: { name: 'no.label' },
    spec: node(),
    status: { phase: 'Running' },
  }
  const { code, stderr } = await tryKubectl(['create', '-n', namespace, '-f', '-'], { stdin: JSON.stringify(manifest) })
  assert.equal(code, 1)
  assert.match(stderr, /metadata\.name must have at most 52 characters/)
})
