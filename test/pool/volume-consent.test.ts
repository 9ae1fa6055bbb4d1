/** Another volume for a pool's validator: neither the pool nor its SeiNode continues without a user's consent. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { jobs, persistentVolumeClaims, pods, statefulSets } from '../../src/kube/resources.ts'
import { conditionOf } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { PoolFixture } from './pool-fixture.ts'

let fixture: PoolFixture
before(async () => {
  fixture = await PoolFixture.open()
})
after(() => fixture[Symbol.asyncDispose]())

const FILES = ['config/genesis.json', 'config/priv_validator_key.json', 'config/node_key.json', '.prep-done']
const STATE = 'data/priv_validator_state.json'
const OLD_STATE = '{"height":"1","round":0,"step":3}'

/** Takes the claim of a pool's only validator away, with all that holds it; the operator is down from then on. */
async function lose(pool: string): Promise<PersistentVolumeClaim> {
  await fixture.base.operator.kill()
  const claim = await fixture.base.get(persistentVolumeClaims, `data-${pool}-0`)
  await fixture.delete(persistentVolumeClaims, `data-${pool}-0`)
  await fixture.delete(jobs, `${pool}-prep-0`)
  await fixture.delete(statefulSets, `${pool}-0`)
  // No operator is there to let a validator's pod go.
  await fixture.client.patch(
    pods,
    fixture.base.podKey(`${pool}-0`),
    { metadata: { finalizers: null } },
    { type: 'merge' },
  )
  await fixture.untilGone(persistentVolumeClaims, `data-${pool}-0`)
  return claim ?? assert.fail('there is no claim')
}

/** As a backup brings it back: the validator's key, an older signing state, and another UID. */
async function restore({ metadata, spec }: PersistentVolumeClaim, files: ReadonlyMap<string, string>): Promise<string> {
  const { name = '', namespace = '', labels = {}, annotations = {} } = metadata ?? {}
  const { volumeName: _, ...rest } = spec ?? {}
  await fixture.client.create(persistentVolumeClaims, {
    metadata: { name, namespace, labels, annotations },
    spec: rest,
  })
  const uid = await until(`${name} to be bound`, async () => {
    const claim = await fixture.base.get(persistentVolumeClaims, name)
    return claim?.status?.phase === 'Bound' ? claim.metadata?.uid : undefined
  })
  const home = fixture.node.homeOf(fixture.base.key(name))
  for (const [path, text] of files) home.write(path, text)
  home.write(STATE, OLD_STATE)
  return uid
}

function filesOf(claim: string): ReadonlyMap<string, string> {
  return new Map(FILES.map(path => [path, fixture.read(claim, path) ?? assert.fail(path)]))
}

async function accept(kind: 'pool' | 'node', name: string, value: string): Promise<void> {
  const body = { metadata: { annotations: { 'sei.io/accept-volume': value } } }
  await (kind === 'pool' ? fixture.patch(name, body) : fixture.base.patch(name, body))
}

/** Resolves when the SeiNode waits for consent and its sidecar runs. */
async function untilNodeIsBlocked(name: string): Promise<void> {
  await fixture.base.untilNode(name, 'to wait for consent beside a sidecar that runs', node => {
    const isBlocked = conditionOf(node, 'Initialized')?.reason === 'VolumeReplaced'
    return isBlocked && conditionOf(node, 'SidecarReady')?.reason === 'AwaitingMarkReady'
  })
}

for (const kind of ['pool', 'node'] as const) {
  test(`failure mode 15: a validator does not start on its key with an older signing state until a user names the claim on the ${kind}`, async () => {
    const name = `older-${kind}`
    await fixture.create(name, 1, { chainId: `${name}-1` })
    await fixture.untilReady(name)
    const files = filesOf(`data-${name}-0`)
    const lost = await lose(name)
    const earlier = fixture.base.executedBy(`${name}-0`).length
    const uid = await restore(lost, files)
    const { annotations, labels, ownerReferences } =
      (await fixture.base.get(persistentVolumeClaims, `data-${name}-0`))?.metadata ?? {}
    fixture.base.operator.start()
    const replaced = await fixture.untilReason(name, 'NodesPrepared', 'VolumeReplaced')
    assert.match(
      replaced.message,
      new RegExp(
        `data-${name}-0 \\(uid ${uid}\\) is not the claim that ${name}-0 signed with.*accept-volume of the pool to ${uid}:`,
      ),
    )
    await untilNodeIsBlocked(`${name}-0`)
    await fixture.untilEvent(name, 'VolumeReplaced')
    // Consent to another claim, and to the loss of this one, are none; nor is a retry.
    await fixture.patch(name, { metadata: { annotations: { 'sei.io/retry-plan': 'again' } } })
    await accept('pool', name, `${lost.metadata?.uid},lost:${uid},lost:${lost.metadata?.uid}`)
    await accept('node', `${name}-0`, `${lost.metadata?.uid}`)
    await fixture.until(name, 'the retry to be dealt with', ({ status }) => status?.retryHandled === 'again')
    await untilNodeIsBlocked(`${name}-0`)
    const claim = await fixture.base.get(persistentVolumeClaims, `data-${name}-0`)
    assert.deepEqual(
      [claim?.metadata?.annotations, claim?.metadata?.labels, claim?.metadata?.ownerReferences],
      [annotations, labels, ownerReferences],
    )
    assert.equal(fixture.read(`data-${name}-0`, STATE), OLD_STATE)
    assert.deepEqual(fixture.base.executedBy(`${name}-0`).slice(earlier), [])
    const pod = await fixture.base.get(pods, `${name}-0-0`)
    assert.equal(pod?.status?.containerStatuses?.find(({ name: each }) => each === 'seid')?.state?.running, undefined)

    await accept(kind, kind === 'pool' ? name : `${name}-0`, uid)
    const { status } = await fixture.untilReady(name)
    assert.equal(status?.nodes?.[0]?.dataVolumeUID, uid)
    const node = await fixture.seiNode(`${name}-0`)
    assert.equal(node.metadata.annotations?.['sei.io/accept-volume'], uid)
    assert.deepEqual(fixture.base.executedBy(`${name}-0`).slice(earlier), [
      'config-apply',
      'config-validate',
      'mark-ready',
    ])
  })
}

test('failure mode 15: a claim that is given up on the SeiNode is recreated by the pool and filled, and the node starts on it', async () => {
  await fixture.create('given', 1, { chainId: 'given-1' })
  await fixture.untilReady('given')
  const lost = (await lose('given')).metadata?.uid ?? ''
  fixture.base.operator.start()
  await fixture.untilReason('given', 'NodesPrepared', 'VolumeReplaced')
  await accept('node', 'given-0', `lost:${lost}`)
  const { status } = await fixture.untilReady('given')
  const claim = await fixture.base.get(persistentVolumeClaims, 'data-given-0')
  assert.equal(claim?.metadata?.annotations?.['sei.io/replaces'], lost)
  assert.equal(status?.nodes?.[0]?.dataVolumeUID, claim?.metadata?.uid)
  // What was said of that claim says nothing of the next loss.
  await lose('given')
  fixture.base.operator.start()
  const next = await fixture.untilReason('given', 'NodesPrepared', 'VolumeReplaced')
  assert.match(next.message, new RegExp(`lost:${claim?.metadata?.uid}`))
  assert.equal(await fixture.uidOf('data-given-0'), undefined)
  assert.ok((await fixture.base.get(seiNodes, 'given-0')) !== undefined)
})
