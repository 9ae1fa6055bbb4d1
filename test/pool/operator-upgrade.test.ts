/** An operator of another version, or with other settings, makes other pods of the same nodes: what becomes of pools. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { pods } from '../../src/kube/resources.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { conditionOf } from '../support/operator-fixture.ts'
import { isPodReady } from '../support/fake-node-fixture.ts'
import { until } from '../support/until.ts'
import { downTogether } from './down-together.ts'
import { PoolFixture, poolCondition } from './pool-fixture.ts'

const NAMES = ['net-0', 'net-1', 'net-2', 'net-3']

let fixture: PoolFixture
let operator: OperatorProcess
before(async () => {
  fixture = await PoolFixture.open()
  operator = fixture.base.operator
  await Promise.all([fixture.create('net', 4, { chainId: 'net-1' }), fixture.create('calm', 1, { chainId: 'calm-1' })])
  await Promise.all([fixture.untilReady('net'), fixture.untilReady('calm')])
})
after(async () => {
  await operator.stop()
  await fixture[Symbol.asyncDispose]()
})

/** Ends the operator that works, and starts one whose nodes get another sidecar where their spec names none. */
async function succeedWith(sidecarImage: string): Promise<void> {
  await operator.kill()
  operator = new OperatorProcess({
    kubeconfig: attachedControlPlane(process.env).operatorKubeconfigPath,
    namespaces: [fixture.base.namespace],
    env: { SEI_SIDECAR_IMAGE: sidecarImage },
  })
  operator.start()
}

async function podOf(node: string): Promise<Pod | undefined> {
  return fixture.base.get(pods, `${node}-0`)
}

function sidecarOf(pod: Pod | undefined): string | undefined {
  return pod?.spec?.initContainers?.find(({ name }) => name === 'sei-sidecar')?.image
}

async function untilAllHave(nodes: readonly string[], sidecarImage: string): Promise<void> {
  await until(
    `the pods of ${nodes.join(', ')} to have ${sidecarImage}`,
    async () => {
      const images = await Promise.all(nodes.map(async node => sidecarOf(await podOf(node))))
      return images.every(image => image === sidecarImage) || undefined
    },
    { deadlineMs: 120_000, found: () => operator.log },
  )
}

test('failure mode 32: an operator with other settings restarts the nodes of a pool one after the other, and those of a paused pool not at all', async () => {
  await fixture.patch('calm', { spec: { paused: true } })
  await fixture.until('calm', 'paused', pool => poolCondition(pool, 'Paused')?.status === 'True')
  const calm = await fixture.podUIDs(['calm-0'])
  await using view = await NamespaceView.open(fixture.client, fixture.base.namespace)
  const together = downTogether(
    view,
    NAMES.map(name => `${name}-0`),
  )
  const waited = new Set<string>()
  view.nodes.subscribe(({ object }) => {
    const { reason, message = '' } = conditionOf(object, 'Reconciling') ?? {}
    if (reason === 'AwaitingTurn') waited.add(`${object.metadata.name}: ${message}`)
  })
  await succeedWith('seictl:other')
  await untilAllHave(NAMES, 'seictl:other')
  await fixture.untilReady('net')
  assert.deepEqual([...together], [])
  assert.match(
    [...waited].join('\n'),
    /^net-\d: .*The nodes of SeiNodePool net restart in turn; this node waits for the rollout/m,
  )
  await fixture.untilEvent('net', 'RolledOut')

  await fixture.base.untilNode('calm-0', 'AwaitingTurn', awaitsTurn)
  assert.deepEqual(await fixture.podUIDs(['calm-0']), calm)
  // A pod that is recreated meanwhile has the old template.
  const [old = ''] = calm
  await fixture.client.delete(pods, fixture.base.podKey('calm-0'), { uid: old })
  const again = await until('another pod of calm-0', async () => {
    const pod = await podOf('calm-0')
    return pod && pod.metadata?.uid !== old && isPodReady(pod) ? pod : undefined
  })
  assert.notEqual(sidecarOf(again), 'seictl:other')
  await fixture.patch('calm', { spec: { paused: false } })
  await untilAllHave(['calm-0'], 'seictl:other')
  await fixture.untilReady('calm')
})

test('failure mode 32: settings that break a node break one of a pool, and going back mends it without touching the others', async () => {
  const uids = await fixture.podUIDs(NAMES)
  await succeedWith('seictl:does-not-exist')
  const halted = await fixture.untilReason('net', 'Reconciling', 'RolloutHalted')
  // The first that a new operator has not seen to follow the chain yet.
  const [, broken = ''] = /the rollout is halted at (net-\d)/.exec(halted.message) ?? []
  assert.match(halted.message, /halted at net-\d.*seictl:does-not-exist.*3 of 4 nodes.*earlier version/)
  const isOther = (_: unknown, index: number): boolean => NAMES[index] !== broken
  assert.deepEqual((await fixture.podUIDs(NAMES)).filter(isOther), uids.filter(isOther))
  await succeedWith('seictl:other')
  await fixture.untilReady('net')
  await fixture.until('net', 'Stable', pool => poolCondition(pool, 'Reconciling')?.reason === 'Stable')
  assert.deepEqual((await fixture.podUIDs(NAMES)).filter(isOther), uids.filter(isOther))
})

function awaitsTurn(node: SeiNode): boolean {
  return conditionOf(node, 'Reconciling')?.reason === 'AwaitingTurn'
}
