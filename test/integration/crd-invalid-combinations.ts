/** SeiNodes whose fields are right one by one and wrong together, and what the API server says of them. */
import { generation, genesisPvc, genesisS3, type InvalidCase, node, peers, replayer, snapshot } from './crd-cases.ts'
import { haltingUpgrades } from './crd-invalid-upgrades.ts'

const stateSync = { stateSync: {} }

function replaying(fields: object): unknown {
  return node({ replayer: { ...replayer, ...fields } })
}

export const invalidCombinations: readonly InvalidCase[] = [
  {
    title: 'no genesis on an unknown chain',
    spec: node({ chainId: 'my-net' }),
    says: ['spec.genesis', 'pacific-1, atlantic-2, arctic-1'],
  },
  {
    title: 'a replayer without genesis on an unknown chain',
    spec: node({ chainId: 'my-net', replayer }),
    says: ['spec.genesis', 'pacific-1, atlantic-2, arctic-1'],
  },
  ...[{}, { mode: 'full' }, { mode: 'seed' }].map((mode): InvalidCase => ({
    title: `keys of a validator beside ${JSON.stringify(mode)}`,
    spec: node({ ...mode, validator: { signingKey: { secretName: 'a' } } }),
    says: ['spec.validator', 'unless mode is validator'],
  })),
  {
    title: 'a signing key from a Secret without a name',
    spec: node({ mode: 'validator', validator: { signingKey: {} } }),
    says: ['spec.validator.signingKey.secretName', 'Required'],
  },
  {
    title: 'a signing key from a Secret of another namespace',
    spec: node({ mode: 'validator', validator: { signingKey: { secretName: 'other/key' } } }),
    says: ['spec.validator.signingKey.secretName', 'must be an object name'],
  },
  { title: 'an empty genesis', spec: node({ genesis: {} }), says: ['spec.genesis', 'exactly one of s3 and pvc'] },
  {
    title: 'a genesis from S3 and from a volume',
    spec: node({ genesis: { ...genesisS3, ...genesisPvc } }),
    says: ['spec.genesis', 'exactly one of s3 and pvc'],
  },
  {
    title: 'an empty snapshot',
    spec: node({ peers, snapshot: {} }),
    says: ['spec.snapshot', 'exactly one of s3 and stateSync'],
  },
  {
    title: 'a snapshot from S3 and from peers',
    spec: node({ peers, snapshot: { ...snapshot, ...stateSync } }),
    says: ['spec.snapshot', 'exactly one of s3 and stateSync'],
  },
  {
    title: 'an empty source of peers',
    spec: node({ peers: [{}] }),
    says: ['spec.peers[0]', 'exactly one of ec2Tags and static'],
  },
  {
    title: 'peers by tags and by address in one source',
    spec: node({ peers: [{ ...peers[0], ec2Tags: { region: 'us-east-2', tags: { a: 'b' } } }] }),
    says: ['spec.peers[0]', 'exactly one of ec2Tags and static'],
  },
  { title: 'a snapshot without peers', spec: node({ snapshot }), says: ['spec.peers', 'at least one source'] },
  {
    title: 'state sync with no peer',
    spec: node({ snapshot: stateSync, peers: [] }),
    says: ['spec.peers', 'at least one source'],
  },
  {
    title: 'a snapshot on a prepared volume',
    spec: node({ snapshot, peers, genesis: genesisPvc }),
    says: ['spec.snapshot', 'must not be set beside genesis.pvc'],
  },
  {
    title: 'a snapshot without a uri where the chain id makes no bucket name',
    spec: node({ chainId: 'My_Net', genesis: genesisS3, peers, snapshot }),
    says: ['spec.snapshot.s3.uri', 'no bucket name'],
  },
  {
    title: 'a replayer without a uri where the chain id makes no bucket name',
    spec: node({ chainId: 'My_Net', genesis: genesisS3, replayer }),
    says: ['spec.replayer.snapshot.s3.uri', 'no bucket name'],
  },
  {
    title: 'a snapshot beside a replayer',
    spec: node({ replayer, snapshot, peers }),
    says: ['spec.snapshot', 'set replayer.snapshot'],
  },
  { title: 'peers beside a replayer', spec: node({ replayer, peers }), says: ['spec.peers', 'set replayer.peers'] },
  {
    title: 'generated snapshots beside a replayer',
    spec: node({ replayer, snapshotGeneration: generation }),
    says: ['spec.snapshotGeneration', 'a replayer makes no snapshots'],
  },
  {
    title: 'a health policy beside a replayer',
    spec: node({ replayer, healthPolicy: { restartStuckAfter: '10m' } }),
    says: ['spec.healthPolicy', 'restarts no replayer'],
  },
  {
    title: "seid's own height to halt at beside haltHeight",
    spec: node({ haltHeight: 100, overrides: { 'chain.halt_height': '100' } }),
    says: ['spec.overrides', 'must not set chain.halt_height beside haltHeight'],
  },
  {
    title: "seid's own height to halt at in an upgrade, beside haltHeight",
    spec: node({ haltHeight: 100, upgrades: haltingUpgrades }),
    says: ['spec.upgrades', 'overrides of an upgrade must not set chain.halt_height beside haltHeight'],
  },
  {
    title: 'a mode beside a replayer',
    spec: node({ replayer, mode: 'full' }),
    says: ['spec.mode', 'a replayer has its own'],
  },
  {
    title: 'a prepared volume beside a replayer',
    spec: node({ replayer, genesis: genesisPvc }),
    says: ['spec.genesis.pvc', 'must not be set beside replayer'],
  },
  {
    title: 'an empty replayer',
    spec: node({ replayer: {} }),
    says: ['spec.replayer.peers', 'spec.replayer.snapshot', 'Required'],
  },
  {
    title: 'a replayer without a snapshot',
    spec: node({ replayer: { peers } }),
    says: ['spec.replayer.snapshot', 'Required'],
  },
  {
    title: 'a replayer with no peer',
    spec: replaying({ peers: [] }),
    says: ['spec.replayer.peers', 'at least one source'],
  },
  {
    title: 'a replayer with an empty snapshot',
    spec: replaying({ snapshot: {} }),
    says: ['spec.replayer.snapshot', 'exactly one of s3 and stateSync'],
  },
  {
    title: 'a replayer that exports on no schedule',
    spec: replaying({ resultExport: { schedule: '' } }),
    says: ['spec.replayer.resultExport.schedule', 'cron expression'],
  },
  {
    title: 'a replayer that exports to a uri',
    spec: replaying({ resultExport: { bucket: 's3://results' } }),
    says: ['spec.replayer.resultExport.bucket', 'without s3://'],
  },
  {
    title: 'a seed that makes snapshots',
    spec: node({ mode: 'seed', snapshotGeneration: generation }),
    says: ['spec.snapshotGeneration', 'full, archive or validator'],
  },
  {
    title: 'a size for a volume that exists',
    spec: node({ genesis: genesisPvc, storage: { size: '10Gi' } }),
    says: ['spec.storage.size', 'must not be set beside genesis.pvc'],
  },
  {
    title: 'a StorageClass for a volume that exists',
    spec: node({ genesis: genesisPvc, storage: { storageClassName: 'gp3' } }),
    says: ['spec.storage.storageClassName', 'must not be set beside genesis.pvc'],
  },
  {
    title: 'growth of a volume that others made',
    spec: node({ genesis: genesisPvc, storage: { autoGrow: { maxSize: '4Ti' } } }),
    says: ['spec.storage.autoGrow', 'must not be set beside genesis.pvc'],
  },
]
