/** Pods that must get no task as they are: an earlier claim is mounted, or an interrupted download fills the volume. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { Home } from '../../testing/fakes/sidecar/index.ts'
import { persistentVolumeClaims, pods } from '../../src/kube/resources.ts'
import { containerStatus } from '../../src/controllers/shared/pods/pod-state.ts'
import { withLaterOperator } from '../support/later-operator.ts'
import { until } from '../support/until.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import type { LivingNode } from './living-node.ts'
import { restoreSpec, RESTORE_TASKS } from './specs.ts'

const DOWNLOAD = 'tmp/snapshot-1.tar.gz'

const RELEASES = ['v0.0.16', 'v0.0.25']

suite('pods that must get no task', () => {
  let fixture: NodesFixture
  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  async function podOf(node: LivingNode): Promise<Pod> {
    return (await fixture.base.client.get(pods, node.pod)) ?? assert.fail(`there is no pod of ${node.name}`)
  }

  test('a claim is replaced under a running pod: the bootstrap waits for a pod that mounts the new one', async () => {
    const node = await fixture.running('swapped')
    const pod = await podOf(node)
    await untilLaterThan(pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.lastTransitionTime)
    const { uid = '' } = (await fixture.base.get(persistentVolumeClaims, 'data-swapped'))?.metadata ?? {}
    const key = fixture.base.key('data-swapped')
    await fixture.base.client.delete(persistentVolumeClaims, key, { uid })
    await fixture.base.client.patch(persistentVolumeClaims, key, { metadata: { finalizers: null } }, { type: 'merge' })
    await node.becomes({
      tasks: GENESIS_TASKS,
      events: ['VolumeReplaced', 'PodReplaced', 'PlanComplete'],
      maybe: ['VolumeLeaving', 'PlanStarted'],
      parts: { claim: 'new', pod: 'new' },
    })
    const note = /^pod swapped-0 mounts an earlier PersistentVolumeClaim of the same name/
    await fixture.base.untilEvent('swapped', 'PodReplaced', note)
    assert.notEqual(fixture.homeOf('data-swapped')?.read('.sei-sidecar-genesis-done'), undefined)
  })

  test('sidecars are killed in snapshot-restore: what they downloaded is cleared before the task is complete', async () => {
    const killed = await Promise.all(RELEASES.map(killedInRestore))
    // By then every pod is old enough to be deleted.
    await withLaterOperator(fixture.base, 300_000, async () => {
      for (const { node, earlier, isFull } of killed) {
        await node.until('Running', ({ status }) => status?.phase === 'Running')
        assert.equal(isFull(), false)
        assert.notEqual((await podOf(node)).metadata?.uid, earlier.metadata?.uid)
        const rest = node.executions.map(({ type }) => type).filter(type => type !== 'snapshot-restore')
        assert.deepEqual(rest, RESTORE_TASKS.slice(1))
      }
    })
  })

  async function killedInRestore(release: string) {
    const name = `killed-${release.replaceAll('.', '-')}`
    // While the download is on the volume, none is complete.
    let interrupted: Home | undefined
    const isFull = (): boolean => !interrupted || interrupted.read(DOWNLOAD) !== undefined
    fixture.behave(name, {
      tasks: type => (type === 'snapshot-restore' && isFull() ? { durationMs: 3_600_000 } : undefined),
    })
    const node = await fixture.create(name, {
      ...restoreSpec(),
      sidecar: { image: `ghcr.io/sei-protocol/seictl:${release}` },
    })
    await node.untilTask('snapshot-restore')
    await node.until(
      'the task to be on record',
      ({ status }) =>
        status?.initPlan?.tasks.some(
          ({ type, submittedAt }) => type === 'snapshot-restore' && submittedAt !== undefined,
        ) === true,
    )
    const earlier = await podOf(node)
    await untilLaterThan(containerStatus(earlier, 'seid-init')?.state?.terminated?.finishedAt)
    fixture.homeOf(`data-${name}`)?.write(DOWNLOAD, 'half')
    interrupted = fixture.homeOf(`data-${name}`)
    await fixture.base.node.killSidecar(node.pod)
    return { node, earlier, isFull }
  }
})

/** Times of Kubernetes count in whole seconds: what happens from now on is later by them. */
async function untilLaterThan(time: string | undefined): Promise<void> {
  await until(`a second later than ${time}`, () => Date.now() >= Date.parse(time ?? '') + 1000 || undefined)
}
