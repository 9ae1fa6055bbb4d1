/** Tests of reconcile.ts: what throws in one step is in a condition beside all else, and what has to follow at once does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeiNodeStatus } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { NODE_FINALIZER } from '../../api/names.ts'
import { buildDataVolume } from '../../build/data-claim.ts'
import { platform } from '../../build/testdata/platform.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { KubeObject } from '../../kube/types.ts'
import { refusingClient } from '../../kube/testdata/refusing-client.ts'
import { findCondition } from '../../lib/conditions.ts'
import type { Requeue } from '../shared/requeue.ts'
import { NodeLocalStates } from './local-state.ts'
import { reconcileNode } from './reconcile.ts'
import { dependenciesOf } from './testdata/dependencies.ts'
import { ERAS, MemorySidecar } from './testdata/memory-sidecar.ts'
import { planOf } from './testdata/objects.ts'

interface Outcome {
  readonly status: SeiNodeStatus | undefined
  readonly requeue?: Requeue | undefined
  readonly thrown: unknown
}

const uidOf = (object: KubeObject): string => object.metadata?.uid ?? `uid-of-${object.metadata?.name}`

/** One reconcile of a stored node whose volume is there already. */
async function reconciled(node: SeiNode): Promise<Outcome> {
  const [era] = ERAS
  assert.ok(era)
  let status: SeiNodeStatus | undefined
  const client: KubeClient = {
    ...refusingClient,
    apply: (_, object) => {
      const uid = object.kind === 'PersistentVolumeClaim' ? 'volume-1' : uidOf(object)
      return Promise.resolve({ ...object, metadata: { ...object.metadata, uid, resourceVersion: '2' } })
    },
    replace: (_, object) => {
      const written: SeiNode = JSON.parse(JSON.stringify(object))
      status = written.status
      return Promise.resolve(object)
    },
  }
  const dependencies = { ...dependenciesOf(new MemorySidecar(era)), client, events: { event: () => undefined } }
  const claim = buildDataVolume(seiNode('a'), platform, {
    live: undefined,
    initialized: undefined,
    resizing: { canGrow: true },
  })
  assert.ok(claim)
  dependencies.stores.dataVolumes.applied({
    ...claim,
    metadata: { ...claim.metadata, uid: 'volume-1', resourceVersion: '1' },
  })
  dependencies.stores.storageClasses.applied({
    metadata: { name: platform.storageClassPerf, resourceVersion: '1' },
    provisioner: 'ebs.csi.aws.com',
    allowVolumeExpansion: true,
  })
  dependencies.stores.nodes.applied({
    ...node,
    metadata: { ...node.metadata, finalizers: [NODE_FINALIZER], resourceVersion: '1', generation: 7 },
  })
  const { signal } = new AbortController()
  try {
    const requeue = await reconcileNode('sei/a', new NodeLocalStates(), dependencies, signal)
    return { status, requeue, thrown: undefined }
  } catch (thrown) {
    return { status, thrown }
  }
}

function withSpec(changes: object): SeiNode {
  const node = seiNode('a')
  return { ...node, spec: { ...node.spec, ...changes } }
}

test('a stored value that the objects cannot be made from is named, and the status says all else', async () => {
  const peers = [{ static: { addresses: [`${'ab'.repeat(20)}@a.example:26656`] } }]
  const node = withSpec({ peers, snapshot: { s3: { region: 'us-east-2', uri: 'http://one' }, trustPeriod: '1h' } })
  const { status, thrown } = await reconciled(node)
  assert.match(String(thrown), /making the node's objects failed/)
  assert.equal(status?.observedGeneration, 7)
  const progress = findCondition(status.conditions, 'Reconciling')
  assert.equal(progress?.reason, 'OperatorError')
  assert.match(progress.message, /making the node's objects: S3 URI: expected s3:\/\/bucket\/key, found "http:\/\/one"/)
  assert.equal(findCondition(status.conditions, 'SpecValid')?.reason, 'Valid')
  assert.equal(status.dataVolume?.uid, 'volume-1')
})

test('a stored value that cannot be checked is named, and the plan goes on', async () => {
  const { status, thrown } = await reconciled(withSpec({ storage: { size: 'many', retainOnDelete: false } }))
  assert.match(String(thrown), /checking the spec failed/)
  const valid = findCondition(status?.conditions, 'SpecValid')
  assert.deepEqual([valid?.status, valid?.reason], ['Unknown', 'CheckFailed'])
  assert.match(valid?.message ?? '', /could not be checked: .*"many"/)
  assert.equal(status?.initPlan?.phase, 'Active')
})

for (const [schedule, says] of [
  ['*/70 * * * *', /is no cron expression: CronPattern/],
  ['0 0 * * FRI-MON', /is no cron expression: CronPattern/],
  ['5/7 * * * *', /is no cron expression: CronPattern/],
  ['0 0 30 2 *', /schedule "0 0 30 2 \*" never comes due/],
] as const) {
  test(`R12: a stored schedule ${schedule} is named, and freezes nothing`, async () => {
    const destination = { s3: { bucket: 'snapshots', region: 'us-east-2' } }
    const node = withSpec({ snapshotGeneration: { interval: 2000, keepRecent: 2, schedule, destination } })
    const { status, thrown } = await reconciled(node)
    assert.equal(thrown, undefined)
    const tasks = findCondition(status?.conditions, 'RuntimeTasksHealthy')
    assert.deepEqual([tasks?.status, tasks?.reason], ['False', 'ScheduleRefused'])
    assert.match(tasks?.message ?? '', says)
    assert.match(tasks?.message ?? '', /^snapshot-upload: .*\. Correct it/)
    assert.equal(status?.initPlan?.phase, 'Active')
  })
}

test('a new update plan is in status, and is acted on at once though the node has no pod', async () => {
  const initPlan = { ...planOf(['mark-ready'], 1), volumeUID: 'volume-1' }
  const appliedConfig = { hash: 'of an earlier spec', overrideKeys: [] }
  const { status, requeue, thrown } = await reconciled({ ...seiNode('a'), status: { initPlan, appliedConfig } })
  assert.equal(thrown, undefined)
  assert.equal(status?.updatePlan?.phase, 'Active')
  assert.deepEqual(requeue, { requeueAfterMs: 0 })
})
