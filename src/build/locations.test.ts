/** S3 locations are the spec's where it names them, else the chain's conventions. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { genesisLocation, sidecarBuckets, snapshotLocation } from './locations.ts'
import { sample, seiNode } from './testdata/nodes.ts'
import { platform } from './testdata/platform.ts'

const peers = [{ static: { addresses: ['0123456789abcdef0123456789abcdef01234567@peer.example:26656'] } }]
const region = 'us-east-2'

const sources = [
  { uri: 's3://sei-snapshots/pacific-1', bucket: 'sei-snapshots', prefix: 'pacific-1/' },
  { uri: 's3://sei-snapshots/pacific-1/', bucket: 'sei-snapshots', prefix: 'pacific-1/' },
  { uri: 's3://sei-snapshots/a/b', bucket: 'sei-snapshots', prefix: 'a/b/' },
  { uri: 's3://sei-snapshots', bucket: 'sei-snapshots', prefix: '' },
]

for (const { uri, bucket, prefix } of sources) {
  test(`failure mode 8: a snapshot from ${uri} has the prefix "${prefix}"`, () => {
    const node = seiNode('n', { snapshot: { s3: { uri, region } }, peers })
    assert.deepEqual(snapshotLocation(node), { bucket, prefix, region })
  })
}

test('R13: a replayer that names no snapshot restores from CHAINID-snapshots, prefix state-sync/', () => {
  assert.deepEqual(snapshotLocation(sample('seinode-shadow-replayer.yaml')), {
    bucket: 'pacific-1-snapshots',
    prefix: 'state-sync/',
    region: 'eu-central-1',
  })
})

test('a node that syncs its state from peers, or starts from genesis, has no snapshot in S3', () => {
  assert.equal(snapshotLocation(seiNode('n', { snapshot: { stateSync: {} }, peers })), undefined)
  assert.equal(snapshotLocation(seiNode('n')), undefined)
})

test('a genesis file has a location only where the spec names one', () => {
  const s3 = { uri: 's3://sei-genesis/pacific-1/genesis.json', region }
  assert.deepEqual(genesisLocation(sample('seinode-mainnet-0.yaml')), s3)
  assert.equal(genesisLocation(seiNode('n')), undefined)
  assert.equal(genesisLocation(seiNode('n', { genesis: { pvc: { dataPVC: 'data' } } })), undefined)
})

test('the sidecar gets the locations of the spec', () => {
  const node = seiNode('n', {
    genesis: { s3: { uri: 's3://genesis-files/x/genesis.json', region: 'eu-west-1' } },
    snapshot: { s3: { uri: 's3://snapshot-files/x', region: 'eu-west-2' } },
    peers,
    snapshotGeneration: { keepRecent: 2, destination: { s3: { bucket: 'uploads', region: 'eu-west-3' } } },
  })
  assert.deepEqual(sidecarBuckets(node, platform), {
    genesisBucket: 'genesis-files',
    genesisRegion: 'eu-west-1',
    snapshotBucket: 'snapshot-files',
    snapshotRegion: 'eu-west-2',
  })
})

test('R12: a node that only uploads snapshots passes the destination to the sidecar', () => {
  const destination = { s3: { bucket: 'uploads', region: 'eu-west-3' } }
  const node = seiNode('n', { snapshotGeneration: { keepRecent: 2, destination } })
  const { snapshotBucket, snapshotRegion } = sidecarBuckets(node, platform)
  assert.deepEqual({ snapshotBucket, snapshotRegion }, { snapshotBucket: 'uploads', snapshotRegion: 'eu-west-3' })
})

test('if the spec names no locations, the sidecar gets the conventions of the chain', () => {
  assert.deepEqual(sidecarBuckets(seiNode('n'), { ...platform, awsRegion: 'ap-south-1' }), {
    genesisBucket: 'pacific-1-genesis',
    genesisRegion: 'ap-south-1',
    snapshotBucket: 'pacific-1-snapshots',
    snapshotRegion: 'ap-south-1',
  })
})
