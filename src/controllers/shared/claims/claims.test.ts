/** Sizes of claims that the API server refuses: how often they are asked for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { buildDataVolume } from '../../../build/data-claim.ts'
import { requestOf } from '../../../build/claim-spec.ts'
import { platform } from '../../../build/testdata/platform.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { answer, failure, scriptedServer } from '../../../kube/scripted-server.ts'
import { Store } from '../../../runtime/store.ts'
import { nodeOwner } from '../../seinode/owner.ts'
import { VerifiedChildren } from '../children/verified-children.ts'
import { type AppliedClaim, applyClaim } from './claims.ts'

const QUOTA = 'exceeded quota: disks'
const MINUTE_MS = 60_000
const { signal } = new AbortController()

function sized(size: string): SeiNode {
  const node = seiNode('a')
  return { ...node, spec: { ...node.spec, storage: { retainOnDelete: false, size } } }
}

/** An API server that refuses to raise requests until told otherwise, and an operator that reconciles when told. */
async function refusing() {
  const built = buildDataVolume(sized('1000Gi'), platform) ?? assert.fail()
  const claim: PersistentVolumeClaim = {
    ...built,
    metadata: { ...built.metadata, uid: 'claim', resourceVersion: '1' },
    status: { phase: 'Bound', capacity: { storage: '1000Gi' } },
  }
  const store = new Store<PersistentVolumeClaim>()
  const classes = new Store<StorageClass>()
  const className = claim.spec?.storageClassName ?? ''
  classes.applied({ metadata: { name: className, resourceVersion: '1' }, provisioner: 'x', allowVolumeExpansion: true })
  store.applied(claim)
  const state = { isAllowed: false, now: 0, size: '1200Gi' }
  const server = await scriptedServer(({ body }, response) => {
    const wanted: PersistentVolumeClaim = JSON.parse(body)
    const isRaise = requestOf(wanted) !== '1000Gi'
    const metadata = { ...claim.metadata, resourceVersion: '2' }
    if (isRaise && !state.isAllowed) failure(response, 403, 'Forbidden', { message: QUOTA })
    else answer(response, 200, { ...claim, metadata, spec: { ...claim.spec, resources: wanted.spec?.resources } })
  })
  const verified = new VerifiedChildren()
  const reconcile = (): Promise<AppliedClaim> =>
    applyClaim(
      server.client(),
      nodeOwner(sized('1000Gi')),
      {
        store,
        classes,
        name: 'data-a',
        verified,
        clock: { now: () => state.now },
        // As the time of a growth, which is another in every reconcile.
        inputs: { at: state.now },
        build: (live, resizing) => buildDataVolume(sized(state.size), platform, { live, resizing }) ?? claim,
      },
      signal,
    )
  const raises = (): number => server.requests.filter(({ body }) => body.includes(`"${state.size}"`)).length
  return { state, server, reconcile, raises, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('a size that is refused is asked for less and less often, and told in every reconcile', async () => {
  await using fixture = await refusing()
  const { state, reconcile, raises } = fixture
  const counts: number[] = []
  for (let minute = 0; minute < 60; minute++) {
    for (let second = 0; second < 60; second += 5) {
      state.now = minute * MINUTE_MS + second * 1000
      const { state: found, sizeRefusal } = await reconcile()
      assert.equal(found.kind, 'applied')
      assert.match(sizeRefusal ?? '', /exceeded quota: disks/)
    }
    counts.push(raises())
  }
  assert.deepEqual([counts[0], counts[9], counts.at(-1)], [2, 5, 10])
})

test('another size is asked for at once, and one that is accepted is no longer told as refused', async () => {
  await using fixture = await refusing()
  const { state, reconcile, raises } = fixture
  await reconcile()
  state.size = '1100Gi'
  await reconcile()
  assert.equal(raises(), 1)
  state.isAllowed = true
  assert.match((await reconcile()).sizeRefusal ?? '', /exceeded quota/)
  state.now += MINUTE_MS
  const { state: found, sizeRefusal } = await reconcile()
  assert.equal(sizeRefusal, undefined)
  assert.equal('object' in found && found.object && requestOf(found.object), '1100Gi')
  assert.equal(raises(), 2)
})
