/** Validators of a pool whose seid stands still, on an operator whose time passes ten times as fast. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { SeiNode } from '../../src/api/seinode.ts'
import { conditionOf } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { PoolFixture } from './pool-fixture.ts'

const POLICY = { restartStuckAfter: '5m' }
/** Five minutes of the operator, and what it does then. */
const DEADLINE_MS = 90_000
const CANNOT_SPARE = 'the other validators of its pool cannot spare it now'
const OTHER_IMAGE = 'sei-protocol/seid:v6.5.0'

function nodesOf(pool: string): readonly string[] {
  return [0, 1, 2, 3].map(index => `${pool}-${index}`)
}

suite('a validator of a pool that is stuck for the duration of its policy', { concurrency: true }, () => {
  let fixture: PoolFixture

  before(async () => {
    fixture = await PoolFixture.open({ operator: { clockRate: 10 } })
  })
  after(() => fixture[Symbol.asyncDispose]())

  function untilNode(name: string, what: string, isMet: (node: SeiNode) => boolean): Promise<SeiNode> {
    return fixture.base.untilNode(name, what, isMet, DEADLINE_MS)
  }

  function untilReplaced(name: string, earlier: string | undefined): Promise<string> {
    return until(
      `another pod of ${name}`,
      async () => {
        const [uid] = await fixture.podUIDs([name])
        return uid === earlier ? undefined : uid
      },
      { deadlineMs: DEADLINE_MS, found: async () => (await fixture.seiNode(name)).status },
    )
  }

  test('is restarted once while the others follow the chain; the policy alone restarts nobody', async () => {
    const names = nodesOf('spared')
    await fixture.create('spared', 4)
    await fixture.untilReady('spared')
    const uids = await fixture.podUIDs(names)
    await fixture.patch('spared', { spec: { nodeConfiguration: { healthPolicy: POLICY } } })
    for (const name of names) {
      await untilNode(name, 'to have the policy of its pool', ({ spec }) => spec.healthPolicy !== undefined)
    }
    await fixture.untilReady('spared')
    assert.deepEqual(await fixture.podUIDs(names), uids)

    fixture.base.stall('spared-1')
    const later = await untilReplaced('spared-1', uids[1])
    fixture.base.stall('spared-1', false)
    await fixture.untilReady('spared')
    assert.deepEqual(await fixture.podUIDs(names), uids.with(1, later))
    const { stuckRestarts = [] } = (await fixture.seiNode('spared-1')).status ?? {}
    assert.ok(stuckRestarts.length === 1 && stuckRestarts[0]?.followedAt !== undefined)
  })

  test('is not restarted while another has a change that is not seen to work', async () => {
    await fixture.create('needed', 4, {
      nodeConfiguration: { nodeCount: 4, image: 'sei-protocol/seid:v6.4.0', healthPolicy: POLICY },
    })
    await fixture.untilReady('needed')
    const earlier = (await fixture.seiNode('needed-0')).status?.chain?.containerID
    fixture.node.setSeidReady(fixture.base.podKey('needed-0'), false)
    await fixture.patch('needed', { spec: { nodeConfiguration: { image: OTHER_IMAGE } } })
    await untilNode('needed-0', 'to follow the chain with the other image', ({ status }) => {
      const { chain, rollout } = status ?? {}
      return rollout?.phase === 'Underway' && chain?.state === 'Following' && chain.containerID !== earlier
    })
    const uids = await fixture.podUIDs(nodesOf('needed'))
    fixture.base.stall('needed-3')
    const stuck = await untilNode('needed-3', 'a restart that is due', node =>
      /does not restart it/.test(conditionOf(node, 'Ready')?.message ?? ''),
    )
    assert.ok(conditionOf(stuck, 'Ready')?.message.endsWith(CANNOT_SPARE), conditionOf(stuck, 'Ready')?.message)
    assert.equal(stuck.status?.stuckRestarts, undefined)
    assert.deepEqual(await fixture.podUIDs(nodesOf('needed')), uids)
  })

  test('waits while another that was restarted does not follow the chain yet', async () => {
    await fixture.create('turns', 7, {
      nodeConfiguration: { nodeCount: 7, image: 'sei-protocol/seid:v6.4.0', healthPolicy: POLICY },
    })
    await fixture.untilReady('turns')
    const names = ['turns-1', 'turns-2']
    const uids = await fixture.podUIDs(names)
    for (const name of names) fixture.base.stall(name)
    const isFirst = await until(
      'one of the two to be restarted',
      async () => {
        const changed = (await fixture.podUIDs(names)).map((uid, i) => uid !== undefined && uid !== uids[i])
        return changed.includes(true) ? changed : undefined
      },
      { deadlineMs: DEADLINE_MS, found: () => fixture.podUIDs(names) },
    )
    assert.equal(isFirst.filter(Boolean).length, 1)
    const [first = '', second = ''] = isFirst[0] === true ? names : names.toReversed()
    await untilNode(
      second,
      'a restart that is due',
      node => conditionOf(node, 'Ready')?.message.endsWith(CANNOT_SPARE) === true,
    )
    assert.deepEqual(await fixture.podUIDs([second]), [uids[names.indexOf(second)]])
    fixture.base.stall(first, false)
    await untilReplaced(second, uids[names.indexOf(second)])
    fixture.base.stall(second, false)
    await fixture.untilReady('turns')
    const restarts = await Promise.all(names.map(async name => (await fixture.seiNode(name)).status?.stuckRestarts))
    assert.deepEqual(
      restarts.map(of => of?.length),
      [1, 1],
    )
  })
})
