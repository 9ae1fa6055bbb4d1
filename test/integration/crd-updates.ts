/** Changes of a stored SeiNode or SeiNodePool, and whether the API server takes them. */
import {
  generation,
  genesisPvc,
  genesisS3,
  node,
  peers,
  pool,
  poolOf,
  replayer,
  snapshot,
  type UpdateCase,
} from './crd-cases.ts'

const otherGenesis = { s3: { uri: 's3://genesis/other.json', region: 'us-east-2' } }
const accounts = [{ address: `sei1${'q'.repeat(38)}`, balance: '1usei' }]

export const nodeUpdates: readonly UpdateCase[] = [
  {
    title: 'another chainId',
    before: node(),
    after: node({ chainId: 'atlantic-2' }),
    says: ['spec.chainId', 'chainId is immutable', 'create another SeiNode'],
  },
  {
    title: 'another mode',
    before: node({ mode: 'full' }),
    after: node({ mode: 'archive' }),
    says: ['spec.mode', 'mode is immutable'],
  },
  {
    title: 'a mode other than the default',
    before: node(),
    after: node({ mode: 'seed' }),
    says: ['spec.mode', 'absent means full'],
  },
  {
    title: 'the default mode instead',
    before: node({ mode: 'archive' }),
    after: node(),
    says: ['spec.mode', 'mode is immutable'],
  },
  {
    title: 'another Secret for the signing key',
    before: node({ mode: 'validator', validator: { signingKey: { secretName: 'a' } } }),
    after: node({ mode: 'validator', validator: { signingKey: { secretName: 'b' } } }),
    says: ['spec.validator.signingKey.secretName', 'is immutable', 'create another SeiNode for another key'],
  },
  {
    title: 'a Secret for the signing key, added',
    before: node({ mode: 'validator' }),
    after: node({ mode: 'validator', validator: { signingKey: { secretName: 'a' } } }),
    says: 'accepted',
  },
  {
    title: 'a Secret for the signing key, taken back',
    before: node({ mode: 'validator', validator: { signingKey: { secretName: 'a' } } }),
    after: node({ mode: 'validator' }),
    says: 'accepted',
  },
  {
    title: 'another Secret for the node key',
    before: node({ mode: 'validator', validator: { nodeKey: { secretName: 'a' } } }),
    after: node({ mode: 'validator', validator: { nodeKey: { secretName: 'b' } } }),
    says: 'accepted',
  },
  { title: 'the default mode, spelt out', before: node(), after: node({ mode: 'full' }), says: 'accepted' },
  {
    title: 'another genesis',
    before: node({ genesis: genesisS3 }),
    after: node({ genesis: otherGenesis }),
    says: ['spec.genesis', 'genesis is immutable'],
  },
  {
    title: 'a genesis added',
    before: node(),
    after: node({ genesis: genesisS3 }),
    says: ['spec.genesis', 'cannot be added or removed'],
  },
  {
    title: 'a genesis removed',
    before: node({ genesis: genesisS3 }),
    after: node(),
    says: ['spec.genesis', 'cannot be added or removed'],
  },
  {
    title: 'another prepared volume',
    before: node({ genesis: genesisPvc }),
    after: node({ genesis: { pvc: { dataPVC: 'other' } } }),
    says: ['spec.genesis', 'genesis is immutable'],
  },
  {
    title: 'a replayer added',
    before: node(),
    after: node({ replayer }),
    says: ['spec.replayer', 'cannot be added or removed'],
  },
  {
    title: 'a replayer removed',
    before: node({ replayer }),
    after: node(),
    says: ['spec.replayer', 'cannot be added or removed'],
  },
  {
    title: 'a smaller volume',
    before: node({ storage: { size: '2Ti' } }),
    after: node({ storage: { size: '2000Gi' } }),
    says: 'accepted',
  },
  {
    title: 'a size removed',
    before: node({ storage: { size: '2Ti' } }),
    after: node({ storage: { retainOnDelete: true } }),
    says: 'accepted',
  },
  {
    title: 'storage removed with its size',
    before: node({ storage: { size: '2Ti' } }),
    after: node(),
    says: 'accepted',
  },
  {
    title: 'a size in place of one that is no quantity',
    before: node({ storage: { size: '2Ti' } }),
    after: node({ storage: { size: 'more' } }),
    says: ['spec.storage.size', 'at least 1Gi'],
  },
  {
    title: 'a larger volume',
    before: node({ storage: { size: '1Ti' } }),
    after: node({ storage: { size: '1025Gi' } }),
    says: 'accepted',
  },
  {
    title: 'the same size in another unit',
    before: node({ storage: { size: '1Ti' } }),
    after: node({ storage: { size: '1024Gi' } }),
    says: 'accepted',
  },
  { title: 'a size added', before: node(), after: node({ storage: { size: '3Ti' } }), says: 'accepted' },
  {
    title: 'another StorageClass',
    before: node({ storage: { storageClassName: 'gp3' } }),
    after: node({ storage: { storageClassName: 'io2' } }),
    says: ['spec.storage.storageClassName', 'a volume keeps its class'],
  },
  {
    title: 'a StorageClass added',
    before: node(),
    after: node({ storage: { storageClassName: 'io2' } }),
    says: ['spec.storage.storageClassName', 'cannot be added or removed'],
  },
  {
    title: 'a StorageClass removed',
    before: node({ storage: { storageClassName: 'gp3', retainOnDelete: true } }),
    after: node({ storage: { retainOnDelete: true } }),
    says: ['spec.storage.storageClassName', 'cannot be added or removed'],
  },
  {
    title: 'what may change at any time',
    before: node({ peers, snapshot }),
    after: node({
      image: 'sei:v2',
      peers: [...peers, ...peers],
      snapshot: { s3: { region: 'us-east-2', uri: 's3://elsewhere/state' } },
      overrides: { 'chain.halt_height': '7' },
      snapshotGeneration: generation,
      sidecar: { port: 7778 },
      resources: { requests: { cpu: 2 } },
      entrypoint: { args: ['start'] },
      storage: { retainOnDelete: true },
      paused: true,
    }),
    says: 'accepted',
  },
]

export const poolUpdates: readonly UpdateCase[] = [
  {
    title: 'another chainId',
    before: pool(),
    after: pool({ chainId: 'other' }),
    says: ['spec.chainId', 'create another SeiNodePool'],
  },
  {
    title: 'failure mode 28: more nodes',
    before: pool(),
    after: poolOf({ nodeCount: 5 }),
    says: ['spec.nodeConfiguration.nodeCount', 'ceremony fixes the validators', 'a SeiNode to add a node'],
  },
  {
    title: 'fewer nodes',
    before: pool(),
    after: poolOf({ nodeCount: 3 }),
    says: ['spec.nodeConfiguration.nodeCount', 'is immutable'],
  },
  {
    title: 'a genesis added',
    before: pool(),
    after: pool({ genesis: { accounts } }),
    says: ['spec.genesis', 'cannot be added or removed'],
  },
  {
    title: 'a genesis removed',
    before: pool({ genesis: { accounts } }),
    after: pool(),
    says: ['spec.genesis', 'cannot be added or removed'],
  },
  {
    title: 'another parameter',
    before: pool({ genesis: { params: { 'app_state.gov.voting_params.voting_period': '30s' } } }),
    after: pool({ genesis: { params: { 'app_state.gov.voting_params.voting_period': '60s' } } }),
    says: ['spec.genesis', 'genesis is immutable'],
  },
  {
    title: 'smaller volumes',
    before: pool({ storage: { size: '10Gi' } }),
    after: pool({ storage: { size: '9Gi' } }),
    says: 'accepted',
  },
  {
    title: 'another StorageClass',
    before: pool({ storage: { storageClassName: 'gp3' } }),
    after: pool({ storage: { storageClassName: 'io2' } }),
    says: ['spec.storage.storageClassName', 'a volume keeps its class'],
  },
  {
    title: 'what may change at any time',
    before: pool({ storage: { size: '10Gi' } }),
    after: {
      ...poolOf({ image: 'sei:v2', overrides: { 'logging.level': 'debug' }, entrypoint: { args: ['start'] } }),
      storage: { size: '20Gi', retainOnDelete: true },
      paused: true,
    },
    says: 'accepted',
  },
]
