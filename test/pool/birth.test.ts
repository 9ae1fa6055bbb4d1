/** How a pool becomes a network: the ceremony, the volumes, the nodes. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { networkPolicies, podDisruptionBudgets, pods } from '../../src/kube/resources.ts'
import { assertQuiet } from '../support/quiet.ts'
import { PoolFixture, poolCondition } from './pool-fixture.ts'

let fixture: PoolFixture
before(async () => {
  fixture = await PoolFixture.open()
})
after(() => fixture[Symbol.asyncDispose]())

interface Genesis {
  readonly chain_id: string
  readonly validators: readonly { readonly power: string; readonly name: string }[]
  readonly app_state: {
    readonly gov: { readonly voting_params: { readonly voting_period: string } }
    readonly bank: { readonly balances: readonly { readonly address: string }[] }
  }
}

const ACCOUNT = `sei1${'q'.repeat(38)}`

test('R2: a pool goes through ceremony, volumes and nodes, and is Ready when its network makes blocks', async () => {
  await fixture.create('net', 4)
  const pool = await fixture.untilReady('net')

  assert.deepEqual(
    ['GenesisComplete', 'NodesPrepared', 'NodesReady', 'Reconciling'].map(type => poolCondition(pool, type)?.reason),
    ['Complete', 'Prepared', 'AllReady', 'Stable'],
  )
  const { status } = pool
  assert.deepEqual([status?.totalNodes, status?.readyNodes], [4, 4])
  const ids = status?.nodes?.map(({ nodeId }) => nodeId) ?? []
  assert.equal(new Set(ids).size, 4)
  assert.deepEqual(
    status?.nodes?.map(({ name, phase, ready }) => [name, phase, ready]),
    [0, 1, 2, 3].map(index => [`net-${index}`, 'Running', true]),
  )
  const reasons = ['GenesisComplete', 'NodesPrepared', 'NetworkReady']
  for (const reason of reasons) await fixture.untilEvent('net', reason)
  assert.deepEqual(await fixture.eventsOf('net'), reasons)

  // Each node knows the others, and by name, not by address.
  const peers = (await fixture.seiNode('net-1')).spec.overrides?.['network.p2p.persistent_peers']?.split(',') ?? []
  assert.deepEqual(
    peers,
    [0, 2, 3].map(
      index => `${ids[index]}@net-${index}-0.net-${index}.${fixture.base.namespace}.svc.cluster.local:26656`,
    ),
  )
  assert.deepEqual(fixture.base.executedBy('net-1'), ['config-apply', 'config-validate', 'mark-ready'])
})

test('R2: the genesis is one on all volumes, and carries a validator for each node', async () => {
  const texts = [0, 1, 2, 3].map(index => fixture.read(`data-net-${index}`, 'config/genesis.json'))
  assert.equal(new Set(texts).size, 1)
  const genesis: Genesis = JSON.parse(texts[0] ?? '')
  assert.equal(genesis.chain_id, 'devnet-1')
  assert.deepEqual(
    genesis.validators.map(({ power }) => power),
    ['10', '10', '10', '10'],
  )
  const keys = [0, 1, 2, 3].map(index => fixture.read(`data-net-${index}`, 'config/priv_validator_key.json'))
  assert.equal(new Set(keys).size, 4)
})

test('R2: pods of Jobs and nodes carry the pool label, which the NetworkPolicy and the budget select by', async () => {
  const { items } = await fixture.client.list(pods, {
    namespace: fixture.base.namespace,
    labelSelector: 'sei.io/nodepool=net',
  })
  assert.deepEqual(
    items
      .map(
        ({ metadata }) =>
          metadata?.labels?.['sei.io/pool-job'] ?? String(metadata?.labels?.['sei.io/nodepool-ordinal']),
      )
      .toSorted(),
    ['0', '1', '2', '3', 'genesis', 'prep-0', 'prep-1', 'prep-2', 'prep-3'],
  )
  assert.ok(items.every(({ spec }) => spec?.nodeName?.includes('sei')))
  const policy = await fixture.base.get(networkPolicies, 'net')
  assert.deepEqual(policy?.spec?.podSelector, { matchLabels: { 'sei.io/nodepool': 'net' } })
  const budget = await fixture.base.get(podDisruptionBudgets, 'net')
  assert.equal(budget?.spec?.maxUnavailable, 1)
})

test('failure mode 22: a network that is up to date causes no request except watches', async () => {
  await assertQuiet(fixture.base, 15_000)
})

test('R2: parameters and accounts of the spec are in the genesis', async () => {
  await fixture.create('params', 1, {
    chainId: 'params-1',
    genesis: {
      params: { 'app_state.gov.voting_params.voting_period': '30s' },
      accounts: [{ address: ACCOUNT, balance: '77usei' }],
    },
  })
  await fixture.untilReady('params')
  const genesis: Genesis = JSON.parse(fixture.read('data-params-0', 'config/genesis.json') ?? '')
  assert.equal(genesis.app_state.gov.voting_params.voting_period, '30s')
  assert.ok(genesis.app_state.bank.balances.some(({ address }) => address === ACCOUNT))
})

test('R2: two validators run and make no block until a third node connects, and the status says so', async () => {
  await fixture.create('two', 2, { chainId: 'two-1' })
  const ready = await fixture.untilReason('two', 'Ready', 'NoBlocks')
  assert.equal(ready.status, 'False')
  assert.match(ready.message, /two validators alone.*third node to both/)
  assert.equal((await fixture.pool('two'))?.status?.readyNodes, 0)
})
