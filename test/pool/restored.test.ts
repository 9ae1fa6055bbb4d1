/** A pool that is restored from a backup: without statuses, with other UIDs, its objects in any order. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { Home } from '../../testing/fakes/sidecar/index.ts'
import { seiNodePools, seiNodes } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { isNotFound } from '../../src/kube/errors.ts'
import { jobs, persistentVolumeClaims, pods, statefulSets } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { conditionOf } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { PoolFixture } from './pool-fixture.ts'

const STATE = 'data/priv_validator_state.json'

let fixture: PoolFixture
before(async () => {
  fixture = await PoolFixture.open()
})
after(() => fixture[Symbol.asyncDispose]())

interface Backup {
  readonly claims: readonly PersistentVolumeClaim[]
  /** By path, of each claim. */
  readonly files: readonly ReadonlyMap<string, string>[]
  readonly node: SeiNode
}

/** Of a pool of one validator that ran, and of which nothing is left; the operator is down from then on. */
async function loseAll(name: string): Promise<Backup> {
  await fixture.create(name, 1, { chainId: `${name}-1` })
  await fixture.untilReady(name)
  const names = [`${name}-genesis-data`, `data-${name}-0`]
  const claims = await Promise.all(
    names.map(claim =>
      until(`${claim} to say what is on it`, async () => {
        const found = await fixture.base.get(persistentVolumeClaims, claim)
        return found?.metadata?.annotations?.['sei.io/claim-uid'] === found?.metadata?.uid ? found : undefined
      }),
    ),
  )
  const node = await fixture.seiNode(`${name}-0`)
  await fixture.base.operator.kill()
  const files = names.map(claim => new Map(filesOf(fixture.node.homeOf(fixture.base.key(claim)), '')))
  await remove(seiNodePools, name)
  await remove(seiNodes, `${name}-0`)
  await remove(jobs, `${name}-genesis`)
  await remove(jobs, `${name}-prep-0`)
  await remove(statefulSets, `${name}-0`)
  for (const claim of names) await remove(persistentVolumeClaims, claim, false)
  await remove(pods, `${name}-0-0`)
  for (const claim of names) await fixture.untilGone(persistentVolumeClaims, claim)
  return { claims, files, node }
}

async function remove<T extends KubeObject>(resource: Resource<T>, name: string, isReleased = true): Promise<void> {
  try {
    const body = { metadata: { finalizers: null } }
    if (isReleased) await fixture.client.patch(resource, fixture.base.key(name), body, { type: 'merge' })
    await fixture.delete(resource, name)
    if (isReleased) await fixture.untilGone(resource, name)
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

function filesOf(home: Home, path: string): readonly (readonly [string, string])[] {
  return home.list(path).flatMap(name => {
    const below = path === '' ? name : `${path}/${name}`
    if (home.isDirectory(below)) return filesOf(home, below)
    const text = home.read(below)
    return text === undefined ? [] : [[below, text] as const]
  })
}

/** As a backup tool does: labels, annotations and files as they were, no owner, another UID. */
async function restoreClaims({ claims, files }: Backup): Promise<readonly string[]> {
  return Promise.all(
    claims.map(async ({ metadata, spec }, index) => {
      const { name = '', labels = {}, annotations = {} } = metadata ?? {}
      const { volumeName: _, ...rest } = spec ?? {}
      const key = fixture.base.key(name)
      await fixture.client.create(persistentVolumeClaims, { metadata: { ...key, labels, annotations }, spec: rest })
      const uid = await until(`${name} to be bound`, async () => {
        const claim = await fixture.client.get(persistentVolumeClaims, key)
        return claim?.status?.phase === 'Bound' ? claim.metadata?.uid : undefined
      })
      for (const [path, text] of files[index] ?? []) fixture.node.homeOf(key).write(path, text)
      return uid
    }),
  )
}

async function restoreNode({ node: { metadata, spec } }: Backup): Promise<void> {
  const { name, labels = {}, annotations = {} } = metadata
  const restored = { metadata: { ...fixture.base.key(name), labels, annotations }, spec }
  await fixture.client.create(seiNodes, { apiVersion: 'sei.io/v1alpha1', kind: 'SeiNode', ...restored })
}

/** The pool blocks its validator until the claim is accepted, and then continues with the state on it. */
async function goesOnByConsent(name: string, backup: Backup, uid: string): Promise<void> {
  const blocked = await fixture.untilReason(name, 'NodesPrepared', 'VolumeReplaced')
  assert.match(blocked.message, new RegExp(`data-${name}-0 \\(uid ${uid}\\).*accept-volume of the pool to ${uid}:`))
  assert.equal(fixture.read(`data-${name}-0`, STATE), backup.files[1]?.get(STATE))
  await fixture.patch(name, { metadata: { annotations: { 'sei.io/accept-volume': uid } } })
  const { status } = await fixture.untilReady(name)
  assert.equal(status?.nodes?.[0]?.dataVolumeUID, uid)
  for (const path of ['config/priv_validator_key.json', 'config/node_key.json', 'config/genesis.json']) {
    assert.equal(fixture.read(`data-${name}-0`, path), backup.files[1]?.get(path), path)
  }
}

test('failure mode 15: a pool and its claims that are restored without the SeiNode, with the operator down, continue by consent', async () => {
  const backup = await loseAll('whole')
  await fixture.create('whole', 1, { chainId: 'whole-1' })
  const [, uid = ''] = await restoreClaims(backup)
  fixture.base.operator.start()
  await goesOnByConsent('whole', backup, uid)
})

test('failure mode 15: a validator’s SeiNode that is restored before its pool, with the operator running, does not start on the copy of its volume', async () => {
  const backup = await loseAll('parts')
  fixture.base.operator.start()
  const [, uid = ''] = await restoreClaims(backup)
  const earlier = fixture.base.executedBy('parts-0').length
  await restoreNode(backup)
  await fixture.base.untilNode('parts-0', 'to wait for consent', node =>
    (conditionOf(node, 'Initialized')?.message ?? '').includes(`sei.io/accept-volume to ${uid}:`),
  )
  assert.equal(await fixture.base.get(statefulSets, 'parts-0'), undefined)
  await fixture.create('parts', 1, { chainId: 'parts-1' })
  await goesOnByConsent('parts', backup, uid)
  assert.deepEqual(fixture.base.executedBy('parts-0').slice(earlier), ['config-apply', 'config-validate', 'mark-ready'])
})
