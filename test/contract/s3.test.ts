/** Which S3 locations each release reads, how it reports missing objects, and what it uploads. */
import assert from 'node:assert/strict'

import { tarGz } from '../../testing/fakes/s3/archive.ts'
import type { Profile } from '../../testing/fakes/sidecar/index.ts'
import { contract } from './contract.ts'
import type { Sidecar } from './contract.ts'
import { VARIABLES } from './subject.ts'

const PARAMS = { bucket: 'named-bucket', prefix: 'named/', region: 'eu-west-1', chainId: 'pacific-1' }
const OWN_CHAIN = { ...VARIABLES, SEI_CHAIN_ID: 'my-chain' }
const GENESIS = '{"chain_id":"my-chain"}'

function archive(height: number): Buffer {
  return tarGz({ [`${height}/1/0`]: 'chunk', 'metadata.db/CURRENT': String(height) })
}

/** Two snapshots in the location that the release reads. */
function putSnapshots({ profile, subject }: Sidecar): void {
  const own = {
    params: '',
    chain: 'snapshot-bucket/arctic-1',
    'chain/state-sync': 'snapshot-bucket/arctic-1/state-sync',
  }
  const folder = own[profile.snapshotsIn] || 'named-bucket/named'
  subject.objects.set(`${folder}/latest.txt`, '700')
  for (const height of [600, 700]) {
    const name = profile.snapshotsIn === 'params' ? `snapshot_${height}_pacific-1_eu-west-1` : String(height)
    subject.objects.set(`${folder}/${name}.tar.gz`, archive(height))
  }
}

contract('snapshot-restore reads the layout of its release and leaves height and marker', async sidecar => {
  putSnapshots(sidecar)
  await sidecar.completes('snapshot-restore', PARAMS)
  assert.equal(sidecar.home.read('.sei-sidecar-snapshot-height'), '700')
  assert.equal(sidecar.home.read('.sei-sidecar-snapshot-done'), '')
  assert.deepEqual(sidecar.home.list('data/snapshots'), ['700', 'metadata.db'])
})

contract('snapshot-restore fails where there is no snapshot, and may be repeated', async sidecar => {
  assert.match(await sidecar.fails('snapshot-restore', PARAMS), /NoSuchKey|not found in|no snapshots found in/)
  assert.equal(sidecar.home.read('.sei-sidecar-snapshot-done'), undefined)
  putSnapshots(sidecar)
  await sidecar.completes('snapshot-restore', PARAMS)
})

contract(
  'snapshot-restore takes the prefix as it stands, and names a parameter that is missing',
  async sidecar => {
    sidecar.subject.objects.set('named-bucket/namedlatest.txt', '5')
    sidecar.subject.objects.set('named-bucket/namedsnapshot_5_pacific-1_eu-west-1.tar.gz', archive(5))
    const { region: _, ...rest } = PARAMS
    assert.equal(await sidecar.fails('snapshot-restore', rest), "snapshot-restore: missing required param 'region'")
    await sidecar.completes('snapshot-restore', { ...PARAMS, prefix: 'named' })
    assert.equal(sidecar.home.read('.sei-sidecar-snapshot-height'), '5')
  },
  { when: profile => profile.snapshotsIn === 'params' },
)

contract(
  'targetHeight takes the highest snapshot not above it',
  async sidecar => {
    putSnapshots(sidecar)
    await sidecar.completes('snapshot-restore', { ...PARAMS, targetHeight: 650 })
    assert.equal(sidecar.home.read('.sei-sidecar-snapshot-height'), '600')
  },
  { when: profile => profile.snapshotsIn !== 'params' },
)

contract(
  'an upload is the second newest snapshot, where the release puts it',
  async sidecar => {
    for (const height of [500, 600, 700]) sidecar.home.write(`data/snapshots/${height}/1/0`, 'chunk')
    const { uploadsOnce, snapshotsIn } = sidecar.profile
    const params = { bucket: 'bucket', region: 'eu-central-1', prefix: 'p' }
    const task = await sidecar.client.task(
      await sidecar.submit(uploadsOnce ? 'snapshot-upload-once' : 'snapshot-upload', params),
    )
    const folders = {
      params: 'bucket/p',
      chain: 'snapshot-bucket/arctic-1',
      'chain/state-sync': 'snapshot-bucket/arctic-1/state-sync',
    }
    const folder = folders[snapshotsIn]
    assert.deepEqual([...sidecar.subject.objects.keys()], [`${folder}/600.tar.gz`, `${folder}/latest.txt`])
    if (!uploadsOnce) return
    assert.deepEqual(task?.result, { outcome: 'uploaded', height: 600, key: 'arctic-1/state-sync/600.tar.gz' })
  },
  { realSkip: 'needs snapshots that seid made' },
)

contract(
  'a genesis uri is fetched, for a well-known chain too, and refused where it is none',
  async sidecar => {
    const region = 'eu-central-1'
    const refused = await sidecar.fails('configure-genesis', { uri: 's3://b', region })
    assert.equal(refused, 'configure-genesis: uri must be s3://bucket/key, got "s3://b"')
    sidecar.subject.objects.set('bucket/some/genesis.json', GENESIS)
    await sidecar.completes('configure-genesis', { uri: 's3://bucket/some/genesis.json', region })
    assert.equal(sidecar.home.read('config/genesis.json'), GENESIS)
  },
  { when: profile => profile.genesisFrom === 'params' },
)

contract(
  'an unknown chain has no embedded genesis',
  async sidecar => {
    const error = await sidecar.fails('configure-genesis')
    assert.equal(error, 'configure-genesis: unknown chain "my-chain": provide a custom genesis source')
  },
  { when: profile => profile.genesisFrom === 'params', variables: OWN_CHAIN },
)

const readsEnvironment = (profile: Profile): boolean => profile.genesisFrom === 'environment'

contract(
  'a genesis uri is not read for a well-known chain',
  async sidecar => {
    await sidecar.completes('configure-genesis', { uri: 'https://nowhere', region: '' })
    assert.match(sidecar.home.read('config/genesis.json') ?? '', /arctic-1/)
  },
  { when: readsEnvironment },
)

contract(
  'the genesis of an unknown chain comes from its own place, and newer releases check its hash',
  async sidecar => {
    sidecar.subject.objects.set('genesis-bucket/my-chain/genesis.json', GENESIS)
    const expectedGenesisHash = 'ab'.repeat(32)
    const { status, error } = await sidecar.run('configure-genesis', { expectedGenesisHash })
    assert.equal(status, sidecar.profile.checksGenesisHash ? 'failed' : 'completed', error)
    if (status === 'failed') {
      const found = /SHA-256 ([0-9a-f]{64}), expected (ab){32}/.exec(error ?? '')?.[1]
      await sidecar.completes('configure-genesis', { expectedGenesisHash: found })
    }
    assert.equal(sidecar.home.read('config/genesis.json'), GENESIS)
  },
  { when: readsEnvironment, variables: OWN_CHAIN },
)
