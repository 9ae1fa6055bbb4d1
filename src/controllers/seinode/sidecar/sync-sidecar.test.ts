/** What a reconcile asks of a sidecar, by the state of the plan and of the pod. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeiNode } from '../../../api/seinode.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { platform } from '../../../build/testdata/platform.ts'
import { TARGET_HEIGHT_NOTE } from '../../../plan/ignored-location.ts'
import type { IdentifiedPlan } from '../../../plan/init-plan.ts'
import { snapshotHashOf } from '../../../plan/used-snapshot.ts'
import { VerifiedChildren } from '../../shared/children/verified-children.ts'
import type { NodeLocalState } from '../local-state.ts'
import { configState } from '../rollout/pod-change.ts'
import { dependenciesOf, type SidecarDependencies } from '../testdata/dependencies.ts'
import { ERAS, MemorySidecar } from '../testdata/memory-sidecar.ts'
import { failedPlan, NOW, planOf, podOf } from '../testdata/objects.ts'
import { TASKS } from '../testdata/observation.ts'
import { PlanCursor } from './plan-runner.ts'
import { type SidecarSync, syncSidecar } from './sync-sidecar.ts'

const [, , , database] = ERAS

interface Scene {
  readonly sidecar: MemorySidecar
  readonly local: NodeLocalState
  readonly dependencies: SidecarDependencies
  readonly syncWithSidecar: (plan: IdentifiedPlan, pod?: ReturnType<typeof podOf>) => Promise<SidecarSync>
}

function scene(node = seiNode('a'), block?: string): Scene {
  assert.ok(database)
  const sidecar = new MemorySidecar(database)
  const local: NodeLocalState = { cursor: new PlanCursor(), verified: new VerifiedChildren() }
  const dependencies = dependenciesOf(sidecar)
  const { signal } = new AbortController()
  const findReadyBlock = () => Promise.resolve(block)
  const syncWithSidecar = (plan: IdentifiedPlan, pod?: ReturnType<typeof podOf>): Promise<SidecarSync> =>
    syncSidecar(
      {
        node,
        plan,
        updatePlan: undefined,
        config: configState(node, pod, platform),
        change: undefined,
        pod,
        local,
        findReadyBlock,
      },
      dependencies,
      signal,
    )
  return { sidecar, local, dependencies, syncWithSidecar }
}

for (const [what, done, isStarted] of [
  ['the bootstrap stops before mark-ready', 2, false],
  ['a sidecar that started over gets no other mark-ready', TASKS.length, false],
] as const) {
  test(`while a validator may not run its key, ${what}`, async () => {
    const { syncWithSidecar, sidecar } = scene(seiNode('a', { mode: 'validator' }), 'the key is in use')
    const pod = podOf({ sidecar: { started: isStarted } })
    for (let turn = 0; turn < 5; turn += 1) {
      const { sidecar: found, requeue } = await syncWithSidecar(planOf(TASKS, done), pod)
      assert.deepEqual(
        [found, requeue],
        [{ kind: 'bootstrapping', block: 'the key is in use' }, { backoffMaxMs: 30_000 }],
      )
    }
    assert.deepEqual(sidecar.executed, [])
  })
}

test('without a sidecar that runs nothing is asked, and the plan stays', async () => {
  const { syncWithSidecar, dependencies } = scene()
  for (const pod of [undefined, podOf({ sidecar: null }), podOf({ terminating: true })]) {
    const { plan, sidecar } = await syncWithSidecar(planOf(TASKS), pod)
    assert.deepEqual([plan, sidecar], [planOf(TASKS), { kind: 'absent' }])
  }
  assert.deepEqual(dependencies.dialled, [])
})

test('the sidecar is spoken to at the address of its pod, and at the port of the spec', async () => {
  const { syncWithSidecar, dependencies } = scene(seiNode('a', { sidecar: { port: 7000 } }))
  await syncWithSidecar(planOf(TASKS), podOf())
  assert.deepEqual(dependencies.dialled, ['10.0.0.1:7000'])
})

test('a changed port is that of the next pod: the one that is there is spoken to where it listens', async () => {
  const { syncWithSidecar, dependencies } = scene(seiNode('a', { sidecar: { port: 7000 } }))
  const env = [{ name: 'SEI_SIDECAR_PORT', value: '7777' }]
  await syncWithSidecar(planOf(TASKS), {
    ...podOf(),
    spec: { containers: [], initContainers: [{ name: 'sei-sidecar', env }] },
  })
  assert.deepEqual(dependencies.dialled, ['10.0.0.1:7777'])
})

test('R8: the plan records what of the snapshot the sidecar was sent', async () => {
  const peers = [{ static: { addresses: [`${'ab'.repeat(20)}@a.example:26656`] } }]
  const node = seiNode('a', { peers, snapshot: { s3: { region: 'us-east-2' } } })
  const { plan } = await scene(node).syncWithSidecar(
    planOf(['snapshot-restore', 'config-apply', 'configure-state-sync']),
    podOf(),
  )
  assert.deepEqual(
    plan?.tasks.map(({ specHash }) => specHash),
    ['snapshot-restore', 'config-apply', 'configure-state-sync'].map(type => snapshotHashOf(type, node.spec)),
  )
  assert.ok(plan?.tasks[0]?.specHash)
})

test('targetHeight: a sidecar that does not say whether it knows it has a note, one that was not asked has none', async () => {
  const peers = [{ static: { addresses: [`${'ab'.repeat(20)}@a.example:26656`] } }]
  for (const [targetHeight, note] of [
    [5, TARGET_HEIGHT_NOTE],
    [undefined, undefined],
  ] as const) {
    const s3 = { region: 'us-east-2', ...(targetHeight === undefined ? {} : { targetHeight }) }
    const { plan } = await scene(seiNode('a', { peers, snapshot: { s3 } })).syncWithSidecar(
      planOf(['snapshot-restore']),
      podOf(),
    )
    assert.equal(plan?.tasks[0]?.note, note)
  }
})

for (const schedule of ['*/70 * * * *', '0 0 * * FRI-MON', '5/7 * * * *', '0 0 30 2 *']) {
  test(`R12: ${schedule}: a task that can never run keeps what is known of it, and everything else goes on`, async () => {
    const destination = { s3: { bucket: 'snapshots', region: 'us-east-2' } }
    const node = seiNode('a')
    const known = { type: 'snapshot-upload', schedule: '@daily', lastResult: { status: 'Complete' } } as const
    const stored: SeiNode = {
      ...node,
      spec: { ...node.spec, snapshotGeneration: { interval: 2000, keepRecent: 2, schedule, destination } },
      status: { recurringTasks: [known] },
    }
    const { recurring, sidecar } = await scene(stored).syncWithSidecar(planOf(TASKS, TASKS.length), podOf())
    assert.equal(sidecar.kind, 'ready')
    assert.deepEqual([recurring.wanted, recurring.tasks], [1, [known]])
    assert.match(recurring.problem ?? '', /^snapshot-upload: schedule /)
  })
}

test('R8: a bootstrap that goes through lets seid start, and needs no readiness check after it', async () => {
  const { syncWithSidecar, sidecar, local } = scene()
  const { plan, sidecar: found, requeue, appliedConfig } = await syncWithSidecar(planOf(TASKS), podOf())
  assert.equal(plan?.phase, 'Complete')
  assert.deepEqual([found, requeue], [{ kind: 'released' }, { requeueAfterMs: 5_000 }])
  assert.deepEqual(appliedConfig?.overrideKeys, ['chain.moniker'])
  assert.deepEqual(local.ready, { containerID: 'containerd://sei-sidecar-1', at: NOW })
  assert.deepEqual(sidecar.executed, TASKS)
})

test('R8: a bootstrap with a task that runs is reconciled again soon', async () => {
  const { syncWithSidecar, sidecar } = scene()
  sidecar.instant = false
  const { sidecar: found, requeue } = await syncWithSidecar(planOf(TASKS), podOf())
  assert.deepEqual([found, requeue], [{ kind: 'bootstrapping' }, { requeueAfterMs: 250 }])
})

test('R8: a failed bootstrap asks the sidecar nothing until it is retried', async () => {
  const { syncWithSidecar, sidecar } = scene()
  sidecar.faults.push('refused')
  const {
    plan,
    sidecar: found,
    requeue,
  } = await syncWithSidecar(failedPlan(TASKS, 'x'), podOf({ sidecar: { started: false } }))
  assert.deepEqual([plan?.phase, found, requeue], ['Failed', { kind: 'bootstrapping' }, undefined])
  assert.equal(sidecar.faults.length, 1)
})

test('failure mode 1: after the bootstrap a sidecar that is not ready is marked so', async () => {
  const { syncWithSidecar, sidecar } = scene()
  const { sidecar: found } = await syncWithSidecar(planOf(TASKS, TASKS.length), podOf())
  assert.deepEqual([found, sidecar.executed], [{ kind: 'ready' }, ['mark-ready']])
})

test('failure mode 7: a plan with a task of another operator fails and never lets seid start', async () => {
  const { syncWithSidecar, sidecar } = scene()
  const { plan, sidecar: found } = await syncWithSidecar(planOf(['warp-genesis', 'mark-ready']), podOf())
  assert.deepEqual([plan?.phase, found, sidecar.executed], ['Failed', { kind: 'bootstrapping' }, []])
  assert.match(plan?.tasks[0]?.error ?? '', /warp-genesis/)
})
