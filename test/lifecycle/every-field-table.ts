/** For every field of a SeiNode's spec: a change of it, and where the change shows. The rows of every-field.test.ts. */
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import type { SpecInput } from './living-node.ts'
import { placementRows } from './every-field-placement.ts'
import type { FieldChange } from './field-change.ts'
import { PEER_A, PEER_B } from './specs.ts'

const peers = [{ static: { addresses: [PEER_A] } }]
const tagged = [{ ec2Tags: { region: 'us-east-2', tags: { Network: 'arctic-1' } } }]
const s3 = { uri: 's3://snapshots/arctic-1/', region: 'us-east-2', targetHeight: 200_000_000 }
const schedule = '@yearly'

const FULL: SpecInput = {
  ...GENESIS_SPEC,
  mode: 'full',
  entrypoint: { command: ['seid'], args: ['start', '--home', '/sei'] },
  peers,
  snapshot: { s3, trustPeriod: '100h', backfillBlocks: 10 },
  overrides: { 'evm.max_trace_lookback_blocks': '8545' },
  snapshotGeneration: {
    interval: 2000,
    keepRecent: 2,
    schedule,
    destination: { s3: { bucket: 'uploads', prefix: 'arctic-1/', region: 'us-east-2' } },
  },
  sidecar: {
    image: 'ghcr.io/sei-protocol/seictl:v0.0.25',
    port: 7777,
    resources: { limits: { memory: '2Gi' }, requests: { memory: '1Gi' } },
  },
  resources: { limits: { memory: '64Gi' }, requests: { memory: '32Gi' } },
  storage: { retainOnDelete: false, size: '100Gi', storageClassName: 'gp3' },
  paused: false,
}
/** The chains of these tests get nowhere near. */
const FAR = 1_000_000_000
const UPGRADE = {
  height: FAR,
  image: 'sei-protocol/seid:v99.0.0',
  name: 'v99.0.0',
  overrides: { 'evm.max_trace_lookback_blocks': '8546' },
}
/** What is to come at a height changes nothing of a node before. */
function upgrades(change: Partial<typeof UPGRADE>): FieldChange {
  return { base: { ...FULL, upgrades: [UPGRADE] }, change: { upgrades: [{ ...UPGRADE, ...change }] }, shows: [] }
}
/** Two Secrets with one key, which the test makes. */
export const NODE_KEY_SECRETS = ['node-key', 'node-key-renamed'] as const
const WITH_KEYS: SpecInput = {
  ...GENESIS_SPEC,
  mode: 'validator',
  validator: { signingKey: { secretName: 'signing-key' }, nodeKey: { secretName: NODE_KEY_SECRETS[0] } },
}
const WITH_NODE_KEY: SpecInput = { ...WITH_KEYS, validator: { nodeKey: { secretName: NODE_KEY_SECRETS[0] } } }
const GROWING: SpecInput = { ...GENESIS_SPEC, storage: { size: '100Gi', autoGrow: { maxSize: '200Gi' } } }
const SYNCED: SpecInput = { ...GENESIS_SPEC, peers, snapshot: { stateSync: {} } }
const TAGGED: SpecInput = { ...GENESIS_SPEC, peers: tagged }
const WITH_GENESIS: SpecInput = {
  ...GENESIS_SPEC,
  chainId: 'devnet-7',
  genesis: { s3: { uri: 's3://genesis/devnet-7.json', region: 'us-east-2' } },
}
const PREPARED: SpecInput = { ...GENESIS_SPEC, chainId: 'devnet-7', genesis: { pvc: { dataPVC: 'prepared' } } }
const REPLAYER: SpecInput = {
  ...GENESIS_SPEC,
  replayer: {
    peers,
    snapshot: { s3, trustPeriod: '100h', backfillBlocks: 10 },
    resultExport: { bucket: 'results', region: 'us-east-2', prefix: 'arctic-1/', schedule },
  },
}
const SYNCED_REPLAYER: SpecInput = { ...GENESIS_SPEC, replayer: { peers: tagged, snapshot: { stateSync: {} } } }

/** The environment of sidecars that read locations there. */
const RELOCATED = { shows: ['statefulSet', 'conditions'] } as const
const UPDATED = { shows: ['statefulSet', 'sent'] } as const
const RESTARTED = { shows: ['statefulSet'] } as const
const TOLD = { shows: ['conditions'] } as const
const upload = (change: object): Pick<FieldChange, 'base' | 'change'> => ({
  base: FULL,
  change: { snapshotGeneration: { destination: { s3: change } } },
})
const result = (change: object): Pick<FieldChange, 'base' | 'change'> => ({
  base: REPLAYER,
  change: { replayer: { resultExport: change } },
})

/** Another source for the sidecar's port. */
const admits = (...sidecarFrom: readonly object[]): FieldChange => ({
  base: FULL,
  change: { networkPolicy: { sidecarFrom } },
  shows: ['networkPolicy'],
})
const selects = (selector: object): FieldChange => admits({ podSelector: selector, namespaceSelector: selector })
const inTeam = { matchExpressions: [{ key: 'team', operator: 'In', values: ['a', 'b'] }] }

/** By the path of the field in the CRD's schema. */
export const FIELDS: Readonly<Record<string, FieldChange>> = {
  chainId: { base: FULL, change: { chainId: 'atlantic-2' }, shows: /chainId is immutable/ },
  image: { base: FULL, change: { image: 'sei-protocol/seid:v6.5.0' }, ...RESTARTED },
  mode: { base: FULL, change: { mode: 'archive' }, shows: /mode is immutable/ },
  'validator.signingKey.secretName': {
    base: WITH_KEYS,
    change: { validator: { signingKey: { secretName: 'another-key' } } },
    shows: /validator\.signingKey\.secretName is immutable/,
  },
  'validator.nodeKey.secretName': {
    base: WITH_NODE_KEY,
    change: { validator: { nodeKey: { secretName: NODE_KEY_SECRETS[1] } } },
    ...RESTARTED,
  },
  'entrypoint.command[]': { base: FULL, change: { entrypoint: { command: ['/usr/bin/seid'] } }, ...RESTARTED },
  'entrypoint.args[]': {
    base: FULL,
    change: { entrypoint: { args: ['start', '--home', '/sei', '--trace'] } },
    ...RESTARTED,
  },
  'genesis.s3.uri': {
    base: WITH_GENESIS,
    change: { genesis: { s3: { uri: 's3://genesis/other.json' } } },
    shows: /genesis is immutable/,
  },
  'genesis.s3.region': {
    base: WITH_GENESIS,
    change: { genesis: { s3: { region: 'eu-west-1' } } },
    shows: /genesis is immutable/,
  },
  'genesis.s3.sha256': {
    base: WITH_GENESIS,
    change: { genesis: { s3: { sha256: '0'.repeat(64) } } },
    shows: /genesis is immutable/,
  },
  'genesis.pvc.dataPVC': {
    base: PREPARED,
    change: { genesis: { pvc: { dataPVC: 'other' } } },
    shows: /genesis is immutable/,
  },
  'snapshot.s3.uri': { base: FULL, change: { snapshot: { s3: { uri: 's3://others/arctic-1/' } } }, ...RELOCATED },
  'snapshot.s3.region': { base: FULL, change: { snapshot: { s3: { region: 'eu-west-1' } } }, ...RELOCATED },
  'snapshot.s3.targetHeight': { base: FULL, change: { snapshot: { s3: { targetHeight: 300_000_000 } } }, ...TOLD },
  'snapshot.stateSync': { base: SYNCED, change: { snapshot: { stateSync: undefined, s3 } }, ...RELOCATED },
  'snapshot.trustPeriod': { base: FULL, change: { snapshot: { trustPeriod: '200h' } }, ...TOLD },
  'snapshot.rpcServers[]': { base: FULL, change: { snapshot: { rpcServers: ['rpc.example.com:26657'] } }, ...TOLD },
  'snapshot.backfillBlocks': { base: FULL, change: { snapshot: { backfillBlocks: 20 } }, ...TOLD },
  'peers[].ec2Tags.region': {
    base: TAGGED,
    change: { peers: [{ ec2Tags: { region: 'eu-west-1', tags: { Network: 'arctic-1' } } }] },
    ...UPDATED,
  },
  'peers[].ec2Tags.tags.*': {
    base: TAGGED,
    change: { peers: [{ ec2Tags: { region: 'us-east-2', tags: { Network: 'arctic-1', Role: 'peer' } } }] },
    ...UPDATED,
  },
  'peers[].static.addresses[]': { base: FULL, change: { peers: [{ static: { addresses: [PEER_B] } }] }, ...UPDATED },
  'overrides.*': { base: FULL, change: { overrides: { 'evm.max_trace_lookback_blocks': '8555' } }, ...UPDATED },
  'snapshotGeneration.interval': { base: FULL, change: { snapshotGeneration: { interval: 500 } }, ...UPDATED },
  'snapshotGeneration.keepRecent': { base: FULL, change: { snapshotGeneration: { keepRecent: 5 } }, ...UPDATED },
  'snapshotGeneration.schedule': {
    base: FULL,
    change: { snapshotGeneration: { schedule: '@monthly' } },
    // The interval of sidecars that upload in a loop of their own.
    shows: ['schedule', 'statefulSet'],
  },
  'snapshotGeneration.destination.s3.bucket': { ...upload({ bucket: 'elsewhere' }), shows: ['sent'], isPeriodic: true },
  'snapshotGeneration.destination.s3.prefix': {
    ...upload({ prefix: 'deep/down/' }),
    shows: ['sent'],
    isPeriodic: true,
  },
  'snapshotGeneration.destination.s3.region': { ...upload({ region: 'eu-west-1' }), shows: ['sent'], isPeriodic: true },
  'replayer.peers[].ec2Tags.region': {
    base: SYNCED_REPLAYER,
    change: { replayer: { peers: [{ ec2Tags: { region: 'eu-west-1', tags: { Network: 'arctic-1' } } }] } },
    ...UPDATED,
  },
  'replayer.peers[].ec2Tags.tags.*': {
    base: SYNCED_REPLAYER,
    change: { replayer: { peers: [{ ec2Tags: { region: 'us-east-2', tags: { Network: 'atlantic-2' } } }] } },
    ...UPDATED,
  },
  'replayer.peers[].static.addresses[]': {
    base: REPLAYER,
    change: { replayer: { peers: [{ static: { addresses: [PEER_A, PEER_B] } }] } },
    ...UPDATED,
  },
  'replayer.snapshot.s3.uri': {
    base: REPLAYER,
    change: { replayer: { snapshot: { s3: { uri: 's3://others/arctic-1/' } } } },
    ...RELOCATED,
  },
  'replayer.snapshot.s3.region': {
    base: REPLAYER,
    change: { replayer: { snapshot: { s3: { region: 'eu-west-1' } } } },
    ...RELOCATED,
  },
  'replayer.snapshot.s3.targetHeight': {
    base: REPLAYER,
    change: { replayer: { snapshot: { s3: { targetHeight: 300_000_000 } } } },
    ...TOLD,
  },
  'replayer.snapshot.stateSync': {
    base: SYNCED_REPLAYER,
    change: { replayer: { snapshot: { stateSync: undefined, s3 } } },
    ...RELOCATED,
  },
  'replayer.snapshot.trustPeriod': {
    base: REPLAYER,
    change: { replayer: { snapshot: { trustPeriod: '200h' } } },
    ...TOLD,
  },
  'replayer.snapshot.rpcServers[]': {
    base: REPLAYER,
    change: { replayer: { snapshot: { rpcServers: ['rpc.example.com:26657'] } } },
    ...TOLD,
  },
  'replayer.snapshot.backfillBlocks': {
    base: REPLAYER,
    change: { replayer: { snapshot: { backfillBlocks: 20 } } },
    ...TOLD,
  },
  'replayer.resultExport.bucket': { ...result({ bucket: 'elsewhere' }), shows: ['sent'], isPeriodic: true },
  'replayer.resultExport.region': { ...result({ region: 'eu-west-1' }), shows: ['sent'], isPeriodic: true },
  'replayer.resultExport.prefix': { ...result({ prefix: 'deep/down/' }), shows: ['sent'], isPeriodic: true },
  'replayer.resultExport.schedule': { ...result({ schedule: '@monthly' }), shows: ['schedule'] },
  'sidecar.image': { base: FULL, change: { sidecar: { image: 'ghcr.io/sei-protocol/seictl:v0.0.40' } }, ...RESTARTED },
  'sidecar.port': {
    base: FULL,
    change: { sidecar: { port: 7000 } },
    shows: ['service', 'networkPolicy', 'statefulSet'],
  },
  'sidecar.resources.limits.*': {
    base: FULL,
    change: { sidecar: { resources: { limits: { memory: '4Gi' } } } },
    ...RESTARTED,
  },
  'sidecar.resources.requests.*': {
    base: FULL,
    change: { sidecar: { resources: { requests: { memory: '512Mi' } } } },
    ...RESTARTED,
  },
  'resources.limits.*': { base: FULL, change: { resources: { limits: { memory: '128Gi' } } }, ...RESTARTED },
  'resources.requests.*': { base: FULL, change: { resources: { requests: { memory: '16Gi' } } }, ...RESTARTED },
  'storage.retainOnDelete': { base: FULL, change: { storage: { retainOnDelete: true } }, shows: ['claim'] },
  'storage.size': {
    base: FULL,
    change: { storage: { size: '200Gi' } },
    shows: ['claim'],
    isForGood: 'DataVolumeTooSmall',
  },
  'storage.storageClassName': {
    base: FULL,
    change: { storage: { storageClassName: 'gp3-10k-750' } },
    shows: /storageClassName is immutable/,
  },
  // At 100Gi the volume has its largest size.
  'storage.autoGrow.maxSize': {
    base: GROWING,
    change: { storage: { autoGrow: { maxSize: '100Gi' } } },
    shows: ['conditions'],
  },
  // auto-growth.test.ts has what they do, which needs a kubelet that reports the use of volumes.
  'storage.autoGrow.whenUsedPercent': { base: GROWING, change: growing({ whenUsedPercent: 60 }), shows: [] },
  'storage.autoGrow.by': { base: GROWING, change: growing({ by: '20Gi' }), shows: [] },
  'storage.autoGrow.coolDown': { base: GROWING, change: growing({ coolDown: '1h' }), shows: [] },
  'networkPolicy.sidecarFrom[].podSelector.matchLabels.*': selects({ matchLabels: { team: 'a' } }),
  'networkPolicy.sidecarFrom[].podSelector.matchExpressions[].key': selects(inTeam),
  'networkPolicy.sidecarFrom[].podSelector.matchExpressions[].operator': selects(inTeam),
  'networkPolicy.sidecarFrom[].podSelector.matchExpressions[].values[]': selects(inTeam),
  'networkPolicy.sidecarFrom[].namespaceSelector.matchLabels.*': selects({ matchLabels: { team: 'a' } }),
  'networkPolicy.sidecarFrom[].namespaceSelector.matchExpressions[].key': selects(inTeam),
  'networkPolicy.sidecarFrom[].namespaceSelector.matchExpressions[].operator': selects(inTeam),
  'networkPolicy.sidecarFrom[].namespaceSelector.matchExpressions[].values[]': selects(inTeam),
  'networkPolicy.sidecarFrom[].ipBlock.cidr': admits({ ipBlock: { cidr: '10.0.0.0/16' } }),
  'networkPolicy.sidecarFrom[].ipBlock.except[]': admits({ ipBlock: { cidr: '10.0.0.0/16', except: ['10.0.1.0/24'] } }),
  ...placementRows(FULL),
  'upgrades[].height': upgrades({ height: FAR + 1 }),
  'upgrades[].image': upgrades({ image: 'sei-protocol/seid:v99.0.1' }),
  'upgrades[].name': upgrades({ name: 'v99.0.1' }),
  'upgrades[].overrides.*': upgrades({ overrides: { 'evm.max_trace_lookback_blocks': '8556' } }),
  'healthPolicy.restartStuckAfter': {
    base: FULL,
    change: { healthPolicy: { restartStuckAfter: '10m' } },
    shows: [],
  },
  haltHeight: { base: FULL, change: { haltHeight: 1_000_000_000 }, shows: ['statefulSet'] },
  paused: { base: FULL, change: { paused: true }, ...TOLD },
}

function growing(autoGrow: object): object {
  return { storage: { autoGrow } }
}
