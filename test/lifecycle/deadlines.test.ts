/** States that could last for ever have a deadline, after which the node is Stalled; it goes on by itself when the cause is gone. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { seiNodes } from '../../src/api/resources.ts'
import { pods } from '../../src/kube/resources.ts'
import { isPodReady } from '../support/fake-node-fixture.ts'
import { conditionOf, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { stuckIn } from './specs.ts'

/** The fixture's fakes and API server live in the present. */
const AHEAD_MS = 40 * 60_000
const HELD = ['sei.io/test']

let fixture: OperatorFixture
const behaviours = new Map([['hangs-0', stuckIn('config-apply')]])

before(async () => {
  fixture = await OperatorFixture.open({
    node: { sidecarFor: ({ pod }) => behaviours.get(pod) ?? {} },
    operator: { clockAheadMs: AHEAD_MS },
  })
})
after(() => fixture[Symbol.asyncDispose]())

async function untilStalled(name: string, reason: string): Promise<string> {
  const node = await fixture.untilNode(name, `Stalled ${reason}`, each => {
    const stalled = conditionOf(each, 'Stalled')
    return stalled?.status === 'True' && stalled.reason === reason
  })
  assert.notEqual(conditionOf(node, 'Ready')?.status, 'True')
  assert.equal(conditionOf(node, 'Reconciling')?.status, 'False')
  await fixture.untilEvent(name, reason)
  return conditionOf(node, 'Stalled')?.message ?? ''
}

async function untilNotStalled(name: string): Promise<void> {
  const node = await fixture.untilRunning(name)
  assert.equal(conditionOf(node, 'Stalled')?.status, 'False')
}

test('a pod that was deleted because its machine does not respond: the machine and the taint are named', async () => {
  await fixture.create('lost')
  await fixture.untilRunning('lost')
  const key = fixture.podKey('lost')
  const pod = await fixture.client.patch(pods, key, { metadata: { finalizers: HELD } }, { type: 'merge' })
  const machine = pod.spec?.nodeName ?? ''
  // As the controllers that watch over machines do it.
  const lastTransitionTime = new Date().toISOString()
  const conditions = [
    { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', lastTransitionTime },
  ]
  await fixture.client.patch(pods, key, { status: { conditions } }, { type: 'strategic', subresource: 'status' })
  await fixture.client.delete(pods, key, { uid: pod.metadata?.uid ?? '' })
  const message = await untilStalled('lost', 'PodStuck')
  assert.match(message, new RegExp(`pod lost-0 was deleted, and its cluster node ${machine} does not respond`))
  assert.match(
    message,
    new RegExp(`Power the machine off first.*kubectl taint nodes ${machine} node.kubernetes.io/out-of-service`),
  )
  await fixture.client.patch(pods, key, { metadata: { finalizers: null } }, { type: 'merge' })
  await until('another pod to be Ready', async () => {
    const found = await fixture.get(pods, 'lost-0')
    return (found && found.metadata?.uid !== pod.metadata?.uid && isPodReady(found)) || undefined
  })
  await untilNotStalled('lost')
})

test('a task that goes on without an end is named, with its age and what to do', async () => {
  await fixture.create('hangs')
  // The operator notes the time at which it submits the task, so the task is young by its own clock.
  const submittedAt = new Date(Date.now() + AHEAD_MS - 31 * 60_000).toISOString()
  await fixture.untilNode('hangs', 'to run its task', ({ status }) =>
    Boolean(status?.initPlan?.tasks.some(({ type, status: is }) => type === 'config-apply' && is === 'Submitted')),
  )
  await until('the task to be an old one', async () => {
    const { status, metadata } = (await fixture.get(seiNodes, 'hangs')) ?? {}
    const tasks = status?.initPlan?.tasks.map(each =>
      each.type === 'config-apply' ? Object.assign({}, each, { submittedAt }) : each,
    )
    const body = { metadata: { resourceVersion: metadata?.resourceVersion }, status: { initPlan: { tasks } } }
    const key = fixture.key('hangs')
    return fixture.client.patch(seiNodes, key, body, { type: 'merge', subresource: 'status' }).catch(() => undefined)
  })
  const message = await untilStalled('hangs', 'TaskStuck')
  assert.match(message, /task config-apply of the sidecar has run since .* without a result.*delete the pod/)
  behaviours.delete('hangs-0')
  const pod = await fixture.get(pods, 'hangs-0')
  await fixture.client.delete(pods, fixture.podKey('hangs'), { uid: pod?.metadata?.uid ?? '' })
  await untilNotStalled('hangs')
})
