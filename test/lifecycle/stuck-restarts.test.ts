/** Nodes whose seid stands still while their chain goes on, on an operator whose time passes ten times as fast. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { StuckRestart } from '../../src/api/seinode-status.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { pods } from '../../src/kube/resources.ts'
import { concerns } from '../support/api-call.ts'
import { Killer } from '../support/killer.ts'
import { conditionOf, GENESIS_SPEC, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'

const AFTER_5M = { ...GENESIS_SPEC, healthPolicy: { restartStuckAfter: '5m' } }
/** Five minutes of the operator, and what it does then. */
const DEADLINE_MS = 90_000

/** Running nodes of one chain: `head`, which never stands still, and those of `names`, whose stalls are handled. */
async function openNodes(names: readonly string[], kubeconfig?: string): Promise<OperatorFixture> {
  const operator = { clockRate: 10, ...(kubeconfig !== undefined && { kubeconfig }) }
  const fixture = await OperatorFixture.open({ operator })
  await Promise.all([fixture.create('head'), ...names.map(name => fixture.create(name, AFTER_5M))])
  await Promise.all(['head', ...names].map(name => fixture.untilRunning(name)))
  return fixture
}

async function podOf(fixture: OperatorFixture, name: string): Promise<string | undefined> {
  return (await fixture.get(pods, `${name}-0`))?.metadata?.uid
}

async function untilReplaced(fixture: OperatorFixture, name: string, uid: string | undefined): Promise<string> {
  return until(
    `another pod of ${name}`,
    async () => {
      const found = await podOf(fixture, name)
      return found === uid ? undefined : found
    },
    { deadlineMs: DEADLINE_MS, found: async () => (await fixture.get(seiNodes, name))?.status },
  )
}

async function untilReason(fixture: OperatorFixture, name: string, reason: string): Promise<string> {
  const isMet = (node: Parameters<typeof conditionOf>[0]): boolean => conditionOf(node, 'Ready')?.reason === reason
  const node = await fixture.untilNode(name, `Ready ${reason}`, isMet, DEADLINE_MS)
  return conditionOf(node, 'Ready')?.message ?? ''
}

async function restartsOf(fixture: OperatorFixture, name: string): Promise<readonly StuckRestart[]> {
  return (await fixture.get(seiNodes, name))?.status?.stuckRestarts ?? []
}

suite('a node that is stuck for the duration of its policy', { concurrency: true }, () => {
  const names = ['cured', 'incurable', 'spent', 'paused']
  let fixture: OperatorFixture

  before(async () => {
    fixture = await openNodes(names)
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('is restarted once, and follows its chain again', async () => {
    const uid = await podOf(fixture, 'cured')
    fixture.stall('cured')
    assert.match(await untilReason(fixture, 'cured', 'Stuck'), /The operator restarts it at \d{4}-/)
    const later = await untilReplaced(fixture, 'cured', uid)
    fixture.stall('cured', false)
    await fixture.untilRunning('cured', DEADLINE_MS)
    const [restart, ...others] = await restartsOf(fixture, 'cured')
    assert.ok(restart?.followedAt !== undefined && others.length === 0)
    assert.equal(await podOf(fixture, 'cured'), later)
    const reasons = ['StuckNodeRestarted', 'PodReplaced']
    for (const reason of reasons) await fixture.untilEvent('cured', reason)
    const told = (await fixture.eventsOf('cured')).map(({ reason }) => reason)
    assert.deepEqual(
      reasons.map(reason => told.filter(each => each === reason).length),
      [1, 1],
      told.join(),
    )
  })

  test('is not restarted again where the restart did not help', async () => {
    const uid = await podOf(fixture, 'incurable')
    fixture.stall('incurable')
    const later = await untilReplaced(fixture, 'incurable', uid)
    const message = await untilReason(fixture, 'incurable', 'RestartsExhausted')
    assert.match(message, /The operator restarted it at .*, and does not do so again until it has followed the chain$/)
    assert.equal(await podOf(fixture, 'incurable'), later)
    assert.equal((await restartsOf(fixture, 'incurable')).length, 1)
  })

  test('is not restarted where it was restarted three times in 24 h', async () => {
    const uid = await podOf(fixture, 'spent')
    const hoursAgo = [3, 2, 1].map(hours => new Date(Date.now() - hours * 3_600_000).toISOString())
    const stuckRestarts = hoursAgo.map(time => ({ time, containerID: `fake://${time}`, followedAt: time }))
    const body = { status: { stuckRestarts } }
    await fixture.client.patch(seiNodes, fixture.key('spent'), body, { type: 'merge', subresource: 'status' })
    fixture.stall('spent')
    const message = await untilReason(fixture, 'spent', 'RestartsExhausted')
    assert.match(message, /restarted it 3 times in 24 h, the last time at .*, and does not do so again before /)
    assert.equal(await podOf(fixture, 'spent'), uid)
    assert.deepEqual(await restartsOf(fixture, 'spent'), stuckRestarts)
  })

  test('is not restarted while it is paused', async () => {
    const uid = await podOf(fixture, 'paused')
    fixture.stall('paused')
    await untilReason(fixture, 'paused', 'Stuck')
    await fixture.patch('paused', { spec: { paused: true } })
    await untilReason(fixture, 'paused', 'Paused')
    // By then the operator has restarted the one that has been stuck since the same time.
    await fixture.untilNode('cured', 'restarted', ({ status }) => status?.stuckRestarts !== undefined, DEADLINE_MS)
    assert.equal(await podOf(fixture, 'paused'), uid)
    assert.deepEqual(await restartsOf(fixture, 'paused'), [])
  })
})

suite('the operator is killed with SIGKILL', { concurrency: true }, () => {
  for (const [effect, at] of [
    [1, 'PUT seinodes/status killed'],
    [2, 'DELETE pods killed-0'],
  ] as const) {
    test(`failure mode 42: at ${at}: the stuck node is restarted once`, async () => {
      await using killer = await Killer.start(
        call => concerns(call, 'killed') && ['seinodes/status', 'pods'].includes(call.resource),
      )
      await using fixture = await openNodes(['killed'], killer.kubeconfigPath)
      killer.operator = fixture.operator
      const uid = await podOf(fixture, 'killed')
      fixture.stall('killed')
      await untilReason(fixture, 'killed', 'Stuck')
      killer.arm(effect)
      const later = await untilReplaced(fixture, 'killed', uid)
      fixture.stall('killed', false)
      await fixture.untilRunning('killed', DEADLINE_MS)
      assert.deepEqual(await killer.disarm(), [at])
      assert.equal(await podOf(fixture, 'killed'), later)
      const [restart, ...others] = await restartsOf(fixture, 'killed')
      assert.ok(restart?.followedAt !== undefined && others.length === 0)
    })
  }
})
