/** An operator of another version, or with other settings, makes other pods of nodes that belong to no pool. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { FIELD_MANAGER } from '../../src/api/names.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { pods, statefulSets } from '../../src/kube/resources.ts'
import { downTogether } from '../pool/down-together.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { conditionOf, GENESIS_SPEC, isReady, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'

const NAMES = ['rpc-0', 'rpc-1', 'rpc-2']

let fixture: OperatorFixture
let operator: OperatorProcess
before(async () => {
  fixture = await OperatorFixture.open()
  operator = fixture.operator
  await Promise.all(NAMES.map(name => fixture.create(name)))
  await Promise.all(NAMES.map(name => fixture.untilRunning(name)))
})
after(async () => {
  await operator.stop()
  await fixture[Symbol.asyncDispose]()
})

/** Ends the operator that works, and starts one whose nodes get another sidecar where their spec names none. */
async function succeedWith(sidecarImage: string, args: readonly string[] = []): Promise<void> {
  await operator.kill()
  operator = new OperatorProcess({
    kubeconfig: attachedControlPlane(process.env).operatorKubeconfigPath,
    namespaces: [fixture.namespace],
    env: { SEI_SIDECAR_IMAGE: sidecarImage },
    args,
  })
  operator.start()
}

async function podOf(name: string): Promise<Pod | undefined> {
  return fixture.get(pods, `${name}-0`)
}

function sidecarOf(pod: Pod | undefined): string | undefined {
  return pod?.spec?.initContainers?.find(({ name }) => name === 'sei-sidecar')?.image
}

async function uids(): Promise<readonly (string | undefined)[]> {
  return Promise.all(NAMES.map(async name => (await podOf(name))?.metadata?.uid))
}

async function untilAllHave(names: readonly string[], sidecarImage: string): Promise<void> {
  await until(
    `the pods of ${names.join(', ')} to have ${sidecarImage}`,
    async () => {
      const images = await Promise.all(names.map(async name => sidecarOf(await podOf(name))))
      return images.every(image => image === sidecarImage) || undefined
    },
    { deadlineMs: 120_000, found: () => operator.log },
  )
  for (const name of names) await fixture.untilNode(name, 'Ready, and over with the change', isOver)
}

function isOver(node: SeiNode): boolean {
  return isReady(node) && node.status?.rollout === undefined
}

function isWaiting(node: SeiNode): boolean {
  return conditionOf(node, 'Reconciling')?.reason === 'AwaitingTurn'
}

test('nodes of one chain restart one after the other, the next when the one before follows the chain', async () => {
  await using view = await NamespaceView.open(fixture.client, fixture.namespace)
  const together = downTogether(
    view,
    NAMES.map(name => `${name}-0`),
  )
  const waited = new Map<string, string>()
  view.nodes.subscribe(({ object }) => {
    const { reason, message = '' } = conditionOf(object, 'Reconciling') ?? {}
    if (reason !== 'AwaitingTurn') return
    waited.set(object.metadata.name, message)
    // It runs on with what its spec says.
    assert.equal(conditionOf(object, 'Ready')?.status, 'True')
    assert.deepEqual(
      { phase: object.status?.rollout?.phase, cause: object.status?.rollout?.cause },
      { phase: 'Waiting', cause: 'Operator' },
    )
  })
  await succeedWith('seictl:other')
  await untilAllHave(NAMES, 'seictl:other')
  assert.deepEqual([...together], [])
  assert.ok(waited.size >= 2, 'all but one wait')
  assert.match(
    [...waited.values()][0] ?? '',
    /The nodes of chain arctic-1 restart in turn; this node waits for the rollout/,
  )
  for (const name of NAMES) {
    // Its controller writes the status later than the operator closes it.
    await until(`the StatefulSet of ${name} to be closed again, with one revision`, async () => {
      const { spec, status } = (await fixture.get(statefulSets, name)) ?? {}
      const isClosed = spec?.updateStrategy?.rollingUpdate?.partition === 1
      return (isClosed && status?.currentRevision === status?.updateRevision) || undefined
    })
  }
})

test('a node that does not become Ready stops the rollout, and the waiting nodes report it; reverting the change resolves it', async () => {
  const former = await uids()
  await succeedWith('seictl:does-not-exist')
  const broken = await until('one node to have got the change', async () => {
    const found = await Promise.all(NAMES.map(async name => ((await podOf(name))?.metadata?.uid ? name : undefined)))
    const now = await uids()
    return found.find((name, index) => name !== undefined && now[index] !== former[index])
  })
  const others = NAMES.filter(name => name !== broken)
  for (const name of others) await fixture.untilNode(name, 'to wait', isWaiting)
  await fixture.untilNode(broken, 'to complain', node => conditionOf(node, 'Reconciling')?.reason === 'ImagePullFailed')
  const now = await uids()
  for (const name of others) assert.equal(now[NAMES.indexOf(name)], former[NAMES.indexOf(name)], name)

  // A pod that is recreated meanwhile has the old template.
  const [first = ''] = others
  const old = await podOf(first)
  await fixture.client.delete(pods, fixture.podKey(first), { uid: old?.metadata?.uid ?? '' })
  await until('another pod with the former sidecar', async () => {
    const pod = await podOf(first)
    return (pod && pod.metadata?.uid !== old?.metadata?.uid && sidecarOf(pod) === 'seictl:other') || undefined
  })
  // A change of the user does not wait, and includes the operator's change.
  const [, second = ''] = others
  await fixture.patch(second, { spec: { image: 'sei-protocol/seid:v6.5.0' } })
  await until('the edited node to have both changes', async () => {
    const pod = await podOf(second)
    const image = pod?.spec?.containers.find(({ name }) => name === 'seid')?.image
    return (image === 'sei-protocol/seid:v6.5.0' && sidecarOf(pod) === 'seictl:does-not-exist') || undefined
  })
  await succeedWith('seictl:other')
  await untilAllHave(NAMES, 'seictl:other')
})

test('--max-restarting lets more nodes restart at once, and nodes that never were Ready do not wait', async () => {
  fixture.node.setSeidReady(fixture.podKey('young'), false)
  await fixture.create('young', GENESIS_SPEC)
  await fixture.untilNode('young', 'to catch up', node => conditionOf(node, 'Ready')?.reason === 'CatchingUp')
  for (const name of NAMES) fixture.stall(name)
  const former = await uids()
  await succeedWith('seictl:third', ['--max-restarting=2'])
  await untilChanged(['young'], 'seictl:third')
  const changed = await until('two nodes to have the change, which they do not get over', async () => {
    const now = await uids()
    const found = NAMES.filter((_, index) => now[index] !== former[index])
    return found.length === 2 ? found : undefined
  })
  const last = NAMES.find(name => !changed.includes(name)) ?? ''
  await fixture.untilNode(last, 'to wait', isWaiting)
  for (const name of NAMES) fixture.stall(name, false)
  await untilAllHave(NAMES, 'seictl:third')
})

async function untilChanged(names: readonly string[], sidecarImage: string): Promise<void> {
  await until(`${names.join(', ')} to have ${sidecarImage}`, async () => {
    const images = await Promise.all(names.map(async name => sidecarOf(await podOf(name))))
    return images.every(image => image === sidecarImage) || undefined
  })
}

test('a rollback to the earlier operator restarts no node that still waits', async () => {
  const sets = await Promise.all(NAMES.map(async name => fixture.get(statefulSets, name)))
  for (const name of NAMES) fixture.stall(name)
  const former = await uids()
  await succeedWith('seictl:fourth')
  for (const name of NAMES) {
    await fixture.untilNode(name, 'to wait, or to have the change', ({ status }) => status?.rollout !== undefined)
  }
  await until('one node to have the change', async () =>
    (await uids()).filter((uid, index) => uid !== former[index]).length === 1 ? true : undefined,
  )
  await operator.kill()
  const now = await uids()
  // As that operator applies it: its own template, and no partition.
  for (const set of sets) {
    const { name = '', namespace = '', labels, ownerReferences } = set?.metadata ?? {}
    assert.ok(set?.spec)
    const { minReadySeconds: _, persistentVolumeClaimRetentionPolicy: __, ...spec } = set.spec
    await fixture.client.apply(
      statefulSets,
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name, namespace, labels: labels ?? {}, ownerReferences: ownerReferences ?? [] },
        spec: { ...spec, updateStrategy: { type: 'RollingUpdate' } },
      },
      { fieldManager: FIELD_MANAGER, force: true },
    )
  }
  await until(
    'every StatefulSet to be back at its former revision',
    async () => {
      const found = await Promise.all(NAMES.map(async name => fixture.get(statefulSets, name)))
      const isBack = found.every(
        set =>
          set?.status?.observedGeneration === set?.metadata?.generation &&
          set?.spec?.updateStrategy?.rollingUpdate === undefined &&
          set?.status?.updatedReplicas === 1,
      )
      return isBack || undefined
    },
    {
      found: async () =>
        (await Promise.all(NAMES.map(async name => fixture.get(statefulSets, name)))).map(set => [
          set?.spec?.updateStrategy,
          set?.metadata?.generation,
          set?.status,
        ]),
    },
  )
  const changed = new Set(NAMES.filter((_, index) => now[index] !== former[index]))
  const restarted = await uids()
  for (const [index, name] of NAMES.entries()) {
    if (!changed.has(name)) assert.equal(restarted[index], former[index], `${name} runs on`)
  }
  for (const name of NAMES) fixture.stall(name, false)
  await succeedWith('seictl:fourth')
  await untilAllHave(NAMES, 'seictl:fourth')
})
