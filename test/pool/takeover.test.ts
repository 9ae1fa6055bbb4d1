/** Pools that the first-generation operator made: taken over as they are. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { API_VERSION } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { jobs, persistentVolumeClaims, pods, services, statefulSets } from '../../src/kube/resources.ts'
import type { OwnerReference } from '../../src/kube/types.ts'
import type { ProcessExit } from '../../testing/fakes/node/container-process.ts'
import type { ContainerTask } from '../../testing/fakes/node/task-process.ts'
import { EARLIER_MANAGER, earlierMetadata, earlierService, earlierStatefulSet } from '../support/earlier-objects.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { isPodReady } from '../support/fake-node-fixture.ts'
import { until } from '../support/until.ts'
import { newKey, signingState } from '../support/validator-key.ts'
import { downTogether } from './down-together.ts'
import { PoolFixture, poolCondition } from './pool-fixture.ts'

const CREATOR = { fieldManager: 'manager' }
const CLAIM = {
  accessModes: ['ReadWriteOnce'],
  storageClassName: 'gp3-10k-750',
  resources: { requests: { storage: '1Gi' } },
}

/** Its init container had no part in what the ceremony made. */
function leaveFiles({ env, command }: ContainerTask): ProcessExit | undefined {
  return env['SEI_HOME'] === undefined && command.join(' ').includes('seid init') ? { exitCode: 0 } : undefined
}

let fixture: PoolFixture
before(async () => {
  fixture = await PoolFixture.open({ started: false, node: { runToCompletion: leaveFiles } })
})
after(() => fixture[Symbol.asyncDispose]())

/** What that operator left of a pool: no mode, peers in files alone, plans that are complete, and the Job of its ceremony. */
async function makeAsEarlier(pool: string, count: number): Promise<void> {
  const { metadata } = (await fixture.pool(pool)) ?? {}
  const owner = { apiVersion: API_VERSION, kind: 'SeiNodePool', name: pool, uid: metadata?.uid ?? '' }
  const ownerReferences = [{ ...owner, controller: true, blockOwnerDeletion: true }]
  for (let index = 0; index < count; index++) await makeNodeAsEarlier(pool, index, ownerReferences)
  const template = {
    spec: { restartPolicy: 'Never', containers: [{ name: 'genesis', image: 'seid:v1', command: ['/bin/true'] }] },
  }
  const job = { ...fixture.base.key(`${pool}-genesis`), ownerReferences, labels: { 'sei.io/nodepool': pool } }
  await fixture.client.create(jobs, { metadata: job, spec: { template } }, CREATOR)
}

async function makeNodeAsEarlier(pool: string, index: number, ownerReferences: OwnerReference[]): Promise<void> {
  const claim = `data-${pool}-${index}`
  await fixture.client.create(
    persistentVolumeClaims,
    { metadata: { ...fixture.base.key(claim), ownerReferences }, spec: CLAIM },
    CREATOR,
  )
  await until('the claim to be bound', async () =>
    (await fixture.base.get(persistentVolumeClaims, claim))?.status?.phase === 'Bound' ? true : undefined,
  )
  const home = fixture.node.homeOf(fixture.base.key(claim))
  home.write('config/genesis.json', `{"chain_id":"${pool}-1"}`)
  home.write('config/priv_validator_key.json', newKey().json)
  home.write('data/priv_validator_state.json', signingState(100))
  const spec = { chainId: `${pool}-1`, image: 'sei-protocol/seid:v6.4.0', genesis: { pvc: { dataPVC: claim } } }
  const key = fixture.base.key(`${pool}-${index}`)
  const node = await fixture.client.create(
    seiNodes,
    { apiVersion: API_VERSION, kind: 'SeiNode', metadata: { ...key, ownerReferences }, spec },
    CREATOR,
  )
  const tasks = ['config-apply', 'config-validate', 'mark-ready'].map(type => ({ type, status: 'Complete' }))
  const status = { phase: 'Running', initPlan: { phase: 'Complete', tasks } }
  await fixture.client.patch(seiNodes, key, { status }, { type: 'merge', subresource: 'status', ...CREATOR })
  const applied = { fieldManager: EARLIER_MANAGER, force: true }
  await fixture.client.apply(services, earlierService(earlierMetadata(node)), applied)
  await fixture.client.apply(statefulSets, earlierStatefulSet(earlierMetadata(node)), applied)
  await until(`pod of ${key.name} to be up`, async () => {
    const pod = await fixture.base.get(pods, `${key.name}-0`)
    return (pod && isPodReady(pod)) || undefined
  })
}

test('failure mode 27: a pool that an earlier operator made is adopted without ceremony and preparation, whatever happens to its nodes', async () => {
  await fixture.create('older', 2, { chainId: 'older-1' })
  await makeAsEarlier('older', 2)
  const uids = [await fixture.uidOf('data-older-0'), await fixture.uidOf('data-older-1')]
  const job = await fixture.jobUID('older-genesis')
  const key = fixture.read('data-older-0', 'config/priv_validator_key.json')
  fixture.base.operator.start()
  const pool = await fixture.untilReady('older')
  assert.match(poolCondition(pool, 'GenesisComplete')?.message ?? '', /an earlier operator ran the ceremony/)
  assert.deepEqual(
    pool.status?.nodes?.map(({ dataVolumeUID }) => dataVolumeUID),
    uids,
  )
  assert.equal((await fixture.seiNode('older-0')).spec.mode, 'validator')
  // Once for each start of the sidecar, and nothing of a bootstrap.
  assert.deepEqual(new Set(fixture.base.executedBy('older-0')), new Set(['mark-ready']))

  // A new bootstrap would lose the peers that only its files have.
  await fixture.delete(seiNodes, 'older-0')
  await fixture.untilGone(seiNodes, 'older-0')
  const unknown = await fixture.untilReason('older', 'Reconciling', 'PeersUnknown')
  assert.match(
    unknown.message,
    /older-0, which an earlier operator created, was deleted.*network\.p2p\.persistent_peers/,
  )
  assert.equal(await fixture.base.get(seiNodes, 'older-0'), undefined)
  assert.equal(await fixture.jobUID('older-genesis'), job)
  assert.equal(await fixture.jobUID('older-prep-0'), undefined)
  assert.ok(key !== undefined && fixture.read('data-older-0', 'config/priv_validator_key.json') === key)
})

test('failure mode 32: the nodes of a pool that an earlier operator made restart one after the other', async () => {
  await fixture.base.operator.kill()
  await fixture.create('rolling', 3, { chainId: 'rolling-1' })
  await makeAsEarlier('rolling', 3)
  const names = ['rolling-0', 'rolling-1', 'rolling-2']
  const uids = await fixture.podUIDs(names)
  await using view = await NamespaceView.open(fixture.client, fixture.base.namespace)
  const together = downTogether(
    view,
    names.map(name => `${name}-0`),
  )
  fixture.base.operator.start()
  await fixture.untilReady('rolling')
  const later = await fixture.podUIDs(names)
  assert.ok(
    later.every((uid, index) => uid !== uids[index]),
    'each pod is another',
  )
  assert.deepEqual([...together], [])
})
