/** SeiNodePools with something wrong, and what the API server says of it. */
import { type InvalidCase, pool, poolOf, without } from './crd-cases.ts'
import { haltingUpgrades, upgradeCases } from './crd-invalid-upgrades.ts'

const address = `sei1${'q'.repeat(38)}`

function withAccounts(...accounts: unknown[]): unknown {
  return pool({ genesis: { accounts } })
}
function withParams(params: unknown): unknown {
  return pool({ genesis: { params } })
}

export const invalidPools: readonly InvalidCase[] = [
  { title: 'no chainId', spec: without(pool(), 'chainId'), says: ['spec.chainId', 'Required'] },
  { title: 'a chainId with a slash', spec: pool({ chainId: 'a/b' }), says: ['spec.chainId', 'must start with'] },
  { title: 'no nodeConfiguration', spec: { chainId: 'x' }, says: ['spec.nodeConfiguration', 'Required'] },
  {
    title: 'no nodeCount',
    spec: pool({ nodeConfiguration: { image: 'sei:v1' } }),
    says: ['spec.nodeConfiguration.nodeCount', 'Required'],
  },
  {
    title: 'no nodes',
    spec: poolOf({ nodeCount: 0 }),
    says: ['spec.nodeConfiguration.nodeCount', 'greater than or equal to 1'],
  },
  {
    title: '65 nodes',
    spec: poolOf({ nodeCount: 65 }),
    says: ['spec.nodeConfiguration.nodeCount', 'less than or equal to 64'],
  },
  {
    title: 'a node count in quotes',
    spec: poolOf({ nodeCount: '4' }),
    says: ['spec.nodeConfiguration.nodeCount', 'must be of type integer'],
  },
  {
    title: 'no image',
    spec: pool({ nodeConfiguration: { nodeCount: 4 } }),
    says: ['spec.nodeConfiguration.image', 'Required'],
  },
  {
    title: 'an empty entrypoint',
    spec: poolOf({ entrypoint: {} }),
    says: ['spec.nodeConfiguration.entrypoint', 'command, args or both'],
  },
  {
    title: 'an override key without a dot',
    spec: poolOf({ overrides: { pruning: 'x' } }),
    says: ['spec.nodeConfiguration.overrides', 'dotted snake_case'],
  },
  {
    title: "seid's port for the sidecar",
    spec: poolOf({ sidecar: { port: 8545 } }),
    says: ['spec.nodeConfiguration.sidecar.port', 'seid does not use'],
  },
  {
    title: 'a restart of stuck nodes after a minute',
    spec: poolOf({ healthPolicy: { restartStuckAfter: '1m' } }),
    says: ['spec.nodeConfiguration.healthPolicy.restartStuckAfter', 'at least 5 minutes'],
  },
  ...upgradeCases(upgrades => poolOf({ upgrades }), 'spec.nodeConfiguration.upgrades'),
  {
    title: 'a halt of the nodes at height 0',
    spec: poolOf({ haltHeight: 0 }),
    says: ['spec.nodeConfiguration.haltHeight', 'greater than or equal to 1'],
  },
  {
    title: "seid's own height to halt at beside haltHeight",
    spec: poolOf({ haltHeight: 100, overrides: { 'chain.halt_height': '100' } }),
    says: ['spec.nodeConfiguration.overrides', 'must not set chain.halt_height beside haltHeight'],
  },
  {
    title: "seid's own height to halt at in an upgrade, beside haltHeight",
    spec: poolOf({ haltHeight: 100, upgrades: haltingUpgrades }),
    says: [
      'spec.nodeConfiguration.upgrades',
      'overrides of an upgrade must not set chain.halt_height beside haltHeight',
    ],
  },
  {
    title: 'requests above limits',
    spec: poolOf({ resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }),
    says: ['spec.nodeConfiguration.resources', 'requests must not be above limits'],
  },
  {
    title: 'requests of Jobs above their limits',
    spec: pool({ jobs: { resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } } }),
    says: ['spec.jobs.resources', 'requests must not be above limits'],
  },
  {
    title: 'a label of the operator on the pods of Jobs',
    spec: pool({ jobs: { podMetadata: { labels: { 'sei.io/pool-job': 'x' } } } }),
    says: ['spec.jobs.podMetadata.labels', 'labels of the operator and of Kubernetes must not be set'],
  },
  {
    title: 'a parameter path with spaces',
    spec: withParams({ 'a b': 1 }),
    says: ['spec.genesis.params', 'dotted paths in genesis.json'],
  },
  {
    title: 'a parameter path that ends in a dot',
    spec: withParams({ 'a.': 1 }),
    says: ['spec.genesis.params', 'dotted paths in genesis.json'],
  },
  {
    title: 'a parameter that is an object',
    spec: withParams({ a: {} }),
    says: ['spec.genesis.params.a', 'must be of type integer,string'],
  },
  {
    title: 'an account on another chain',
    spec: withAccounts({ address: `cosmos1${'q'.repeat(38)}`, balance: '1usei' }),
    says: ['spec.genesis.accounts[0].address', 'must be a Sei address'],
  },
  {
    title: 'an account without a balance',
    spec: withAccounts({ address }),
    says: ['spec.genesis.accounts[0].balance', 'Required'],
  },
  {
    title: 'a balance without a denomination',
    spec: withAccounts({ address, balance: '100' }),
    says: ['spec.genesis.accounts[0].balance', 'such as 1000000usei'],
  },
  {
    title: 'the same account twice',
    spec: withAccounts({ address, balance: '1usei' }, { address, balance: '2usei' }),
    says: ['spec.genesis.accounts[1]', 'Duplicate value'],
  },
  {
    title: 'a size in an unknown unit',
    spec: pool({ storage: { size: '10GB' } }),
    says: ['spec.storage.size', 'at least 1Gi'],
  },
  {
    title: 'growth to less than the size of the volumes',
    spec: pool({ storage: { size: '100Gi', autoGrow: { maxSize: '50Gi' } } }),
    says: ['spec.storage.autoGrow.maxSize', 'must not be below size'],
  },
  {
    title: 'a name of 50 characters',
    name: 'p'.repeat(50),
    spec: pool(),
    says: ['metadata.name', 'at most 49 characters'],
  },
]
