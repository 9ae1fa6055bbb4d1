/** Restarts of sidecar, seid, pod and machine: no work is repeated, and readiness comes back. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { persistentVolumeClaims, pods, services, statefulSets } from '../../src/kube/resources.ts'
import { postedTasks } from '../support/posted-tasks.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import { RESTORE_TASKS, restoreSpec, RETAINED, sidecarOf, stuckIn } from './specs.ts'

suite('restarts', { concurrency: 12 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  for (const profile of ['v0.0.16', 'v0.0.20', 'v0.0.22', 'v0.0.25', 'v0.0.40', 'v0.0.66', 'v0.0.70']) {
    test(`failure mode 1: a ${profile} that restarts gets one mark-ready, with a new id`, async () => {
      const name = `ready-again-${profile.replaceAll('.', '-')}`
      const node = await fixture.running(name, sidecarOf(profile))
      const ids = new Set(node.executions.map(({ id }) => id))
      await fixture.base.node.restartSidecar(node.pod)
      await node.becomes({ tasks: ['mark-ready'] })
      const [again] = node.executions.slice(-1)
      assert.ok(again && !ids.has(again.id), 'the id is a new one')
    })
  }

  test('failure mode 1: a sidecar that is killed twice gets two mark-ready tasks', async () => {
    const node = await fixture.running('killed')
    await fixture.base.node.killSidecar(node.pod)
    await node.becomes({ tasks: ['mark-ready'] })
    await fixture.base.node.killSidecar(node.pod)
    // The kubelet holds it back for 10 s.
    await node.becomes({ tasks: ['mark-ready'], events: ['CrashLooping'] })
  })

  for (const [profile, remembers] of [
    ['v0.0.16', false],
    ['v0.0.20', false],
    ['v0.0.22', false],
    ['v0.0.25', true],
    ['v0.0.40', true],
    ['v0.0.70', true],
  ] as const) {
    const what = remembers ? 'it goes on with it by itself' : 'the task is sent again'
    test(`failure mode 2: a ${profile} dies in a task: ${what}, and earlier ones are not repeated`, async () => {
      const name = `died-${profile.replaceAll('.', '-')}`
      fixture.behave(name, stuckIn('config-apply'))
      const node = await fixture.create(name, sidecarOf(profile))
      await node.untilTask('config-apply')
      fixture.behave(name, {})
      await fixture.base.node.killSidecar(node.pod)
      const { status } = await node.becomes({
        tasks: ['configure-genesis', 'config-apply', ...GENESIS_TASKS.slice(1)],
        events: ['PlanStarted', 'PlanComplete'],
      })
      const sent = postedTasks(fixture.base.node.sidecarOf(node.pod)).map(([type]) => type)
      assert.deepEqual(sent, GENESIS_TASKS.slice(remembers ? 2 : 1))
      const attempts = status?.initPlan?.tasks.map(({ attempt }) => attempt)
      assert.deepEqual(attempts, [1, 1, 1, 1])
    })
  }

  test('a task that a sidecar aborted because it was stopped is submitted again, and fails no plan', async () => {
    const error = 'snapshot-restore: downloading: context canceled'
    fixture.behave('canceled', {
      tasks: (type, _params, attempt) => (type === 'snapshot-restore' && attempt === 1 ? { fail: error } : undefined),
    })
    const node = await fixture.create('canceled', restoreSpec())
    await node.becomes({ tasks: ['snapshot-restore', ...RESTORE_TASKS], events: ['PlanStarted', 'PlanComplete'] })
  })

  test('a pod that is deleted while the node runs is recreated on the same volume, and gets only a mark-ready', async () => {
    const node = await fixture.running('moved')
    await node.deletePod()
    await node.becomes({ tasks: ['mark-ready'], parts: { pod: 'new' } })
  })

  test('a pod that is deleted in the middle of a restore: the restore runs again, and no later task runs twice', async () => {
    fixture.behave('moved-early', stuckIn('snapshot-restore'))
    const node = await fixture.create('moved-early', restoreSpec())
    await node.untilTask('snapshot-restore')
    fixture.behave('moved-early', {})
    await node.deletePod()
    await node.becomes({ tasks: ['snapshot-restore', ...RESTORE_TASKS], events: ['PlanStarted', 'PlanComplete'] })
  })

  test('a pod that is deleted by force, while its containers run on, is recreated', async () => {
    const node = await fixture.running('powerless')
    const { client } = fixture.base
    const pod = await client.get(pods, node.pod)
    await client.delete(pods, node.pod, { uid: pod?.metadata?.uid ?? '', gracePeriodSeconds: 0 })
    await node.becomes({ tasks: ['mark-ready'], parts: { pod: 'new' } })
  })

  test('seid dies: the kubelet starts it again, and the operator does nothing', async () => {
    const node = await fixture.running('panicked')
    fixture.base.node.killSeid(node.pod)
    await node.becomes({})
  })

  test('seid falls behind: the node is Running and not Ready until it has caught up', async () => {
    const node = await fixture.running('behind')
    fixture.base.node.setSeidReady(node.pod, false)
    await node.becomes({ conditions: { Ready: 'CatchingUp' } })
    fixture.base.node.setSeidReady(node.pod, true)
    await node.becomes({})
  })

  for (const [title, spec] of [
    ['v0.0.22', sidecarOf('v0.0.22')],
    ['v0.0.25', sidecarOf('v0.0.25')],
    ['v0.0.70', sidecarOf('v0.0.70')],
    ['node with retainOnDelete', RETAINED],
  ] as const) {
    test(`failure mode 15: another volume under a ${title} is bootstrapped, never only marked ready`, async () => {
      const name = `lost-${title.toLowerCase().replaceAll(/[^a-z0-9]/g, '-')}`
      const node = await fixture.running(name, spec)
      await remove(persistentVolumeClaims, `data-${name}`)
      await node.deletePod()
      await node.becomes({
        tasks: GENESIS_TASKS,
        events: ['VolumeReplaced', 'PlanComplete'],
        maybe: ['VolumeLeaving'],
        parts: { claim: 'new', pod: 'new' },
      })
    })
  }

  test('failure mode 15: the same in the middle of the bootstrap', async () => {
    fixture.behave('lost-early', stuckIn('config-apply'))
    const node = await fixture.create('lost-early')
    await node.untilTask('config-apply')
    fixture.behave('lost-early', {})
    await remove(persistentVolumeClaims, 'data-lost-early')
    await node.deletePod()
    await node.becomes({
      tasks: ['configure-genesis', 'config-apply', ...GENESIS_TASKS],
      events: ['PlanStarted', 'VolumeReplaced', 'PlanComplete'],
      maybe: ['VolumeLeaving'],
    })
  })

  test('a StatefulSet that someone deletes is recreated, and its pod runs on the same volume', async () => {
    const node = await fixture.running('no-set')
    await remove(statefulSets, 'no-set')
    await node.becomes({ tasks: ['mark-ready'], parts: { statefulSet: 'new', pod: 'new' } })
  })

  test('a Service that someone deletes is recreated, and nothing else happens', async () => {
    const node = await fixture.running('no-service')
    await remove(services, 'no-service')
    await node.becomes({ parts: { service: 'new' } })
  })

  test('failure mode 6: a sidecar that cannot be reached blocks the bootstrap, says so, and fails nothing', async () => {
    const { promise: block, resolve: unblock } = Promise.withResolvers()
    fixture.behave('cut-off', { tasks: type => (type === 'config-apply' ? { block } : undefined) })
    const node = await fixture.create('cut-off')
    await node.untilTask('config-apply')
    await fixture.base.node.partition(node.pod, true)
    await node.until('to say that the sidecar does not answer', ({ status }) =>
      Boolean(status?.conditions?.some(({ type, reason }) => type === 'SidecarReady' && reason === 'Unreachable')),
    )
    unblock(undefined)
    await fixture.base.node.partition(node.pod, false)
    await node.becomes({ tasks: GENESIS_TASKS, events: ['PlanStarted', 'Unreachable', 'PlanComplete'] })
  })

  async function remove(resource: Parameters<typeof fixture.base.base.remove>[0], name: string): Promise<void> {
    await fixture.base.base.remove(resource, name)
  }
})
