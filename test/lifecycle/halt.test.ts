/** Nodes that halt at spec.haltHeight: no block more, whatever restarts, until the height is raised or removed. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { HEIGHT_CONTAINER } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { persistentVolumeClaims, pods } from '../../src/kube/resources.ts'
import { writeHeight, writeUnreadable } from '../../testing/fakes/node/block-store.ts'
import { concerns } from '../support/api-call.ts'
import { containerOf } from '../support/fake-node-fixture.ts'
import { Killer } from '../support/killer.ts'
import { conditionOf, isReady, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { DEADLINE_MS, HaltingNode, IMAGE } from './halting-node.ts'

/** Four seconds of a fake chain. */
const HEIGHT = 10
/** Half a minute, in which a slow machine sees that seid runs. */
const LATER_HEIGHT = 75
/** An image whose seid has no command that tells the height of its volume. */
const SILENT_IMAGE = 'sei-protocol/seid:v9.0.0'

function fixtureOf(kubeconfig?: string): Promise<OperatorFixture> {
  return OperatorFixture.open({
    node: {
      runToCompletion: ({ container, image }) =>
        container === HEIGHT_CONTAINER && image === SILENT_IMAGE
          ? { exitCode: 0, message: 'height unknown\nError: unknown command "reindex-event"\n' }
          : undefined,
    },
    ...(kubeconfig !== undefined && { operator: { kubeconfig } }),
  })
}

/** The pod of that node once it meets the condition. */
function untilPod(fixture: OperatorFixture, name: string, what: string, isMet: (pod: Pod) => boolean): Promise<Pod> {
  return until(
    `pod ${name}-0: ${what}`,
    async () => {
      const pod = await fixture.get(pods, `${name}-0`)
      return pod && isMet(pod) ? pod : undefined
    },
    { deadlineMs: DEADLINE_MS, found: () => fixture.get(pods, `${name}-0`) },
  )
}

function runsSeid(pod: Pod): boolean {
  return containerOf(pod, 'seid')?.state?.running !== undefined
}

suite('spec.haltHeight', { concurrency: true }, () => {
  let fixture: OperatorFixture

  before(async () => {
    fixture = await fixtureOf()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('a node halts at its height: Halted, not one block more, and nothing is Stalled', async () => {
    const node = await HaltingNode.create(fixture, 'halts', HEIGHT)
    const halted = await node.untilHalted()
    await node.assertHalted(HEIGHT, halted)
    assert.equal(
      conditionOf(halted, 'Ready')?.message,
      `seid is halted at height ${HEIGHT}. To continue, raise or remove spec.haltHeight`,
    )
    assert.match(conditionOf(halted, 'SidecarReady')?.message ?? '', /mark-ready is not sent: seid is halted/)
  })

  for (const [how, end] of [
    ['a person deletes', (name: string, uid: string) => fixture.client.delete(pods, fixture.podKey(name), { uid })],
    [
      'its machine evicts',
      (name: string, uid: string) => {
        const status = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }
        const body = { metadata: { uid }, status }
        return fixture.client.patch(pods, fixture.podKey(name), body, { type: 'merge', subresource: 'status' })
      },
    ],
  ] as const) {
    test(`a pod that ${how} is recreated, and stays at the height`, async () => {
      const name = how.split(' ').at(-1) ?? ''
      const node = await HaltingNode.create(fixture, name, HEIGHT)
      await node.untilHalted()
      for (const _ of [1, 2]) {
        const uid = await node.podUID()
        await end(name, uid ?? '')
        await node.assertHalted(HEIGHT, await node.untilHalted(uid))
      }
    })
  }

  test('a sidecar that restarts is not marked ready', async () => {
    const node = await HaltingNode.create(fixture, 'sidecar', HEIGHT)
    await node.untilHalted()
    await fixture.node.restartSidecar(fixture.podKey('sidecar'))
    await untilPod(
      fixture,
      'sidecar',
      'the second start of its sidecar',
      pod => containerOf(pod, 'sei-sidecar')?.restartCount === 1,
    )
    // The change of the spec is handled after the restart of the sidecar.
    await fixture.patch('sidecar', { spec: { healthPolicy: { restartStuckAfter: '1h' } } })
    await node.assertHalted(HEIGHT, await node.untilHalted())
  })

  test('a height that is raised: the node goes on, and halts there', async () => {
    const node = await HaltingNode.create(fixture, 'raised', HEIGHT)
    await node.untilHalted()
    await node.set(HEIGHT + 5)
    await fixture.untilNode(
      'raised',
      'its new height',
      ({ status }) => status?.halt?.height === HEIGHT + 5,
      DEADLINE_MS,
    )
    await node.assertHalted(HEIGHT + 5, await node.untilHalted())
  })

  test('a height that is removed: the node goes on, in a pod without the guard', async () => {
    const node = await HaltingNode.create(fixture, 'removed', HEIGHT)
    await node.untilHalted()
    await node.set(null)
    const running = await fixture.untilNode('removed', 'Ready', isReady, DEADLINE_MS)
    assert.equal(running.status?.halt, undefined)
    const pod = await fixture.get(pods, 'removed-0')
    assert.equal(pod && containerOf(pod, HEIGHT_CONTAINER), undefined)
  })

  test('a node that is beyond the height stops at once, and says by how many blocks', async () => {
    const node = await HaltingNode.create(fixture, 'beyond')
    await fixture.untilNode('beyond', 'Ready', isReady, DEADLINE_MS)
    await node.set(1)
    const halted = await node.untilHalted()
    const { height } = node
    assert.ok(height > 1)
    await node.assertHalted(height, halted)
    assert.ok(
      conditionOf(halted, 'Ready')?.message.startsWith(
        `seid is halted at height ${height}, ${height - 1} ${height === 2 ? 'block' : 'blocks'} beyond spec.haltHeight 1.`,
      ),
      conditionOf(halted, 'Ready')?.message,
    )
    await node.set(null)
    await fixture.untilNode('beyond', 'Ready', isReady, DEADLINE_MS)
  })

  test('the configuration of a halted node can be changed, and seid is not started for it', async () => {
    const node = await HaltingNode.create(fixture, 'changed', HEIGHT)
    await node.untilHalted()
    const uid = await node.podUID()
    await fixture.patch('changed', { spec: { overrides: { 'evm.max_trace_lookback_blocks': '77' } } })
    await fixture.untilNode(
      'changed',
      'the configuration is applied and nothing is due',
      ({ status, metadata }) =>
        status?.observedGeneration === metadata.generation &&
        status?.updatePlan?.phase === 'Complete' &&
        status.rollout === undefined,
      DEADLINE_MS,
    )
    await node.assertHalted(HEIGHT, await node.untilHalted(uid))
  })

  test('a node that is created again on its volume stays at the height', async () => {
    const node = await HaltingNode.create(fixture, 'again', HEIGHT)
    await node.untilHalted()
    const uid = (await fixture.get(seiNodes, 'again'))?.metadata.uid ?? ''
    await fixture.client.delete(seiNodes, fixture.key('again'), { uid })
    await until('its end', async () => ((await fixture.get(seiNodes, 'again')) ? undefined : true), {
      deadlineMs: DEADLINE_MS,
    })
    assert.ok(await fixture.get(persistentVolumeClaims, 'volume-of-again'))
    await node.create(HEIGHT)
    await node.assertHalted(HEIGHT, await node.untilHalted())
  })

  test('a paused node halts all the same, and its seid is not started again', async () => {
    const node = await HaltingNode.create(fixture, 'paused', HEIGHT)
    await node.untilHalted()
    await fixture.patch('paused', { spec: { paused: true } })
    const uid = await node.podUID()
    await fixture.client.delete(pods, fixture.podKey('paused'), { uid: uid ?? '' })
    await untilPod(
      fixture,
      'paused',
      'another one',
      pod => pod.metadata?.uid !== uid && containerOf(pod, 'sei-sidecar')?.state?.running !== undefined,
    )
    assert.equal(node.height, HEIGHT)
    await fixture.patch('paused', { spec: { paused: false } })
    await node.assertHalted(HEIGHT, await node.untilHalted(uid))
  })

  test('an image whose seid has no command that tells the height of its volume is told, and runs', async () => {
    await HaltingNode.create(fixture, 'unknown', 1_000_000, SILENT_IMAGE)
    const node = await fixture.untilNode('unknown', 'Ready', isReady, DEADLINE_MS)
    const valid = conditionOf(node, 'SpecValid')
    assert.equal(valid?.reason, 'HaltUnchecked')
    assert.match(valid?.message ?? '', /each later start commits one more block: Error: unknown command/)
  })

  test('a volume whose height cannot be read is told, and seid is started when it can', async () => {
    const node = await HaltingNode.create(fixture, 'unreadable', 1_000_000, IMAGE, writeUnreadable)
    const stalled = await fixture.untilNode(
      'unreadable',
      'Stalled: CrashLooping',
      each => conditionOf(each, 'Stalled')?.reason === 'CrashLooping',
      DEADLINE_MS,
    )
    assert.match(
      conditionOf(stalled, 'Stalled')?.message ?? '',
      /exit code 1: seid is not started: the height of its volume cannot be read and may be at spec\.haltHeight: event re-index failed/,
    )
    assert.equal(conditionOf(stalled, 'SpecValid')?.reason, 'Valid')
    writeHeight(node.home, 5)
    await fixture.untilNode('unreadable', 'Ready', isReady, DEADLINE_MS)
  })

  test('a halted node whose volume is damaged says so, and goes on when that is repaired', async () => {
    const node = await HaltingNode.create(fixture, 'damaged', HEIGHT)
    await node.untilHalted()
    writeUnreadable(node.home)
    await fixture.client.delete(pods, fixture.podKey('damaged'), { uid: (await node.podUID()) ?? '' })
    const stalled = await fixture.untilNode(
      'damaged',
      'Stalled: CrashLooping',
      each => conditionOf(each, 'Stalled')?.reason === 'CrashLooping',
      DEADLINE_MS,
    )
    const message = conditionOf(stalled, 'Stalled')?.message ?? ''
    assert.match(message, /height of its volume cannot be read .*: event re-index failed/)
    // Where it was halted is kept on record.
    const halt = { height: HEIGHT, targetHeight: HEIGHT }
    assert.deepEqual([stalled.status?.halt, stalled.status?.phase === 'Halted'], [halt, false])
    const uid = await node.podUID()
    writeHeight(node.home, HEIGHT - 5)
    await node.assertHalted(HEIGHT, await node.untilHalted(uid))
  })
})

suite('an operator that is not there when a node halts', { concurrency: true }, () => {
  test('finds it at its height: the kubelet has not started seid again', async () => {
    await using fixture = await fixtureOf()
    const node = await HaltingNode.create(fixture, 'alone', LATER_HEIGHT)
    await untilPod(fixture, 'alone', 'seid runs', runsSeid)
    await fixture.operator.kill()
    await untilPod(fixture, 'alone', 'its guard refused seid', pod => {
      const { state, lastState } = containerOf(pod, 'seid') ?? {}
      return (state?.terminated?.message ?? lastState?.terminated?.message)?.startsWith('halted') === true
    })
    assert.equal(node.height, LATER_HEIGHT)
    fixture.operator.start()
    await node.assertHalted(LATER_HEIGHT, await node.untilHalted())
  })

  for (const everyLife of [false, true]) {
    for (const effect of [1, 2, 3]) {
      const when = everyLife ? 'and at the first one of each life after it' : 'once'
      test(`is killed with SIGKILL at write ${effect} of a halt, ${when}: the node halts at its height`, async () => {
        await using killer = await Killer.start(
          call => concerns(call, 'killed') && ['seinodes/status', 'pods', 'statefulsets'].includes(call.resource),
        )
        await using fixture = await fixtureOf(killer.kubeconfigPath)
        killer.operator = fixture.operator
        const node = await HaltingNode.create(fixture, 'killed', HEIGHT)
        await untilPod(fixture, 'killed', 'seid runs, or has halted', pod => runsSeid(pod) || node.height >= HEIGHT)
        killer.arm(effect, everyLife)
        await until('the block of its height', async () => (node.height >= HEIGHT ? true : undefined), {
          deadlineMs: DEADLINE_MS,
        })
        const halted = await node.untilHalted()
        await killer.disarm()
        await node.assertHalted(HEIGHT, halted)
        await node.set(HEIGHT + 3)
        await fixture.untilNode(
          'killed',
          'its new height',
          ({ status }) => status?.halt?.height === HEIGHT + 3,
          DEADLINE_MS,
        )
        await node.assertHalted(HEIGHT + 3, await node.untilHalted())
      })
    }
  }
})
