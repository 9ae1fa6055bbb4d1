/** Where each release looks in S3, what it says when nothing is there, and what it uploads. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'

import {
  createFakeSidecar,
  MemoryHome,
  MemoryObjects,
  PROFILES,
  profileOf,
  S3Failure,
} from '../../testing/fakes/sidecar/index.ts'
import type { ObjectStore, World } from '../../testing/fakes/sidecar/index.ts'
import { createSidecarDialer } from '../../src/sidecar/http-client.ts'
import type { TaskResult } from '../../src/sidecar/client.ts'
import { contract } from './contract.ts'
import { VARIABLES } from './subject.ts'

const PARAMS = { bucket: 'named-bucket', prefix: 'named/', region: 'eu-west-1', chainId: 'pacific-1' }

contract(
  'snapshot-restore names the first parameter that is missing',
  async sidecar => {
    const names = ['bucket', 'prefix', 'region', 'chainId'] as const
    for (const name of names) {
      const { [name]: _left, ...rest } = PARAMS
      const error = `snapshot-restore: missing required param '${name}'`
      assert.equal(await sidecar.fails('snapshot-restore', rest), error)
      assert.equal(await sidecar.fails('snapshot-restore', { ...rest, [name]: '' }), error)
    }
  },
  { when: profile => profile.restoreFrom === 'params' },
)

contract('result-export wants bucket and region at every release', async sidecar => {
  assert.equal(await sidecar.fails('result-export', { region: 'x' }), "result-export: missing required param 'bucket'")
  assert.equal(await sidecar.fails('result-export', { bucket: 'x' }), "result-export: missing required param 'region'")
})

contract(
  'snapshot-upload wants bucket and region where it is told them',
  async sidecar => {
    assert.equal(await sidecar.fails('snapshot-upload', {}), "snapshot-upload: missing required param 'bucket'")
  },
  { when: profile => profile.uploadTo === 'params' },
)

type Act = (run: (type: string, params?: object) => Promise<TaskResult>, home: MemoryHome) => Promise<void>

/** One release in a world of the test's own. */
async function withWorld(tag: string, world: Partial<World>, act: Act, env = VARIABLES): Promise<void> {
  const home = new MemoryHome()
  const sidecar = createFakeSidecar({ profile: tag, home, env, world })
  const dial = createSidecarDialer()
  try {
    const client = dial(await sidecar.listen('127.0.0.1', 0))
    const run = async (type: string, params?: object): Promise<TaskResult> => {
      const id = await client.submit({ id: randomUUID(), type, ...(params && { params: { ...params } }) })
      const task = await client.task(id)
      assert.ok(task !== undefined, `${type} is unknown right after its submission`)
      return task
    }
    await act(run, home)
  } finally {
    dial.close()
    await sidecar.close()
  }
}

/** One release with exactly these objects in S3: keys are `bucket/key`. */
async function withObjects(tag: string, objects: Readonly<Record<string, string>>, act: Act): Promise<MemoryObjects> {
  const store = new MemoryObjects()
  for (const [name, body] of Object.entries(objects)) {
    const [bucket = '', ...key] = name.split('/')
    store.put({ bucket, key: key.join('/'), region: '' }, body)
  }
  await withWorld(tag, { objects: store }, act)
  return store
}

const LAYOUTS = {
  params: {
    'named-bucket/named/latest.txt': '700\n',
    'named-bucket/named/snapshot_700_pacific-1_eu-west-1.tar.gz': 'a',
  },
  chain: { 'snapshot-bucket/arctic-1/latest.txt': '700', 'snapshot-bucket/arctic-1/700.tar.gz': 'a' },
  'chain/state-sync': {
    'snapshot-bucket/arctic-1/state-sync/600.tar.gz': 'a',
    'snapshot-bucket/arctic-1/state-sync/700.tar.gz': 'a',
  },
} as const

for (const tag of PROFILES) {
  const { restoreFrom, s3Errors, uploadTo, uploadOfDirectory, upload } = profileOf(tag)

  test(`${tag}: snapshot-restore reads the layout of its release and leaves height and marker`, async () => {
    await withObjects(tag, LAYOUTS[restoreFrom], async (run, home) => {
      assert.equal((await run('snapshot-restore', PARAMS)).status, 'completed')
      assert.equal(home.read('.sei-sidecar-snapshot-height'), '700')
      assert.equal(home.read('.sei-sidecar-snapshot-done'), '')
      assert.deepEqual(home.list('data/snapshots'), ['700', 'metadata.db'])
    })
  })

  test(`${tag}: snapshot-restore does not find a snapshot that lies elsewhere, and may be repeated`, async () => {
    const elsewhere = restoreFrom === 'params' ? LAYOUTS.chain : LAYOUTS.params
    await withObjects(tag, elsewhere, async (run, home) => {
      const task = await run('snapshot-restore', PARAMS)
      assert.equal(task.status, 'failed')
      const expected = {
        params: /^reading latest\.txt: operation error S3: GetObject, .*StatusCode: 404, .*NoSuchKey: NoSuchKey$/,
        chain: s3Errors === 'sdk' ? /^reading latest\.txt: .*NoSuchKey/ : /^snapshot-restore: S3: .*\[hint: /,
        'chain/state-sync': /^no snapshots found in s3:\/\/snapshot-bucket\/arctic-1\/state-sync\/$/,
      }[restoreFrom]
      assert.match(task.error ?? '', expected)
      assert.equal(home.read('.sei-sidecar-snapshot-done'), undefined)
    })
  })

  if (restoreFrom === 'params') {
    test(`${tag}: a prefix without a slash is taken as it stands`, async () => {
      const objects = {
        'named-bucket/namedlatest.txt': '5',
        'named-bucket/namedsnapshot_5_pacific-1_eu-west-1.tar.gz': 'a',
      }
      await withObjects(tag, { ...LAYOUTS.params, ...objects }, async (run, home) => {
        await run('snapshot-restore', { ...PARAMS, prefix: 'named' })
        assert.equal(home.read('.sei-sidecar-snapshot-height'), '5')
      })
    })
  } else {
    test(`${tag}: targetHeight takes the highest snapshot not above it`, async () => {
      const folder = restoreFrom === 'chain' ? 'snapshot-bucket/arctic-1' : 'snapshot-bucket/arctic-1/state-sync'
      const objects = { [`${folder}/600.tar.gz`]: 'a', [`${folder}/700.tar.gz`]: 'a' }
      await withObjects(tag, objects, async (run, home) => {
        await run('snapshot-restore', { targetHeight: 650 })
        assert.equal(home.read('.sei-sidecar-snapshot-height'), '600')
      })
    })
  }

  test(`${tag}: snapshot-upload of a real node's snapshots`, async () => {
    const store = await withObjects(tag, {}, async (run, home) => {
      for (const height of [500, 600, 700]) home.write(`data/snapshots/${height}/1/0`, 'chunk')
      home.write('data/snapshots/metadata.db/CURRENT', 'x')
      const task = await run('snapshot-upload', { bucket: 'b', region: 'r', prefix: 'p' })
      const outcome = upload === 'loop' ? 'running' : 'failed'
      assert.equal(task.status, outcome)
      if (outcome === 'failed')
        assert.match(task.error ?? '', /^uploading p\/600\.tar\.gz: .*metadata\.db: is a directory$/)
    })
    const folder = { params: 'p/', chain: 'arctic-1/', 'chain/state-sync': 'arctic-1/state-sync/' }[uploadTo]
    const bucket = uploadTo === 'params' ? 'b' : 'snapshot-bucket'
    const uploaded = uploadOfDirectory === 'works' ? [`${folder}600.tar.gz`, `${folder}latest.txt`] : []
    assert.deepEqual(await store.list({ bucket, key: '', region: '' }), uploaded)
  })
}

for (const tag of PROFILES.filter(name => profileOf(name).release >= 66)) {
  test(`${tag}: snapshot-upload-once tells height and key, and fails where S3 refuses`, async () => {
    const done = await uploadOnce(tag, { objects: new MemoryObjects() })
    assert.equal(done?.status, 'completed')
    assert.deepEqual(done.result, { outcome: 'uploaded', height: 600, key: 'arctic-1/state-sync/600.tar.gz' })
    const refused = await uploadOnce(tag, { objects: refusing('AccessDenied') })
    assert.equal(refused?.status, 'failed')
    assert.match(refused.error ?? '', /AccessDenied/)
    assert.deepEqual(refused.result, { outcome: 'error' })
  })
}

async function uploadOnce(tag: string, world: Partial<World>): Promise<TaskResult | undefined> {
  let task: TaskResult | undefined
  await withWorld(tag, world, async (run, home) => {
    for (const height of [500, 600, 700]) home.write(`data/snapshots/${height}/1/0`, 'chunk')
    task = await run('snapshot-upload-once', { bucket: 'b', region: 'r', prefix: 'p' })
  })
  return task
}

/** S3 that answers every download with this code. */
function refusing(code: string): ObjectStore {
  const refuse = (): never => {
    throw new S3Failure(code)
  }
  return { get: refuse, put: refuse, list: () => ['arctic-1/state-sync/700.tar.gz', 'arctic-1/700.tar.gz'] }
}

for (const tag of PROFILES) {
  const { s3Errors } = profileOf(tag)
  test(`${tag}: a refusal by S3 is told ${s3Errors === 'sdk' ? 'as the SDK says it' : 'with a hint'}`, async () => {
    await withWorld(tag, { objects: refusing('AccessDenied') }, async run => {
      const expected =
        s3Errors === 'sdk' ? /StatusCode: 403, .*api error AccessDenied/ : /access denied to s3:.*\[hint: check/
      assert.match((await run('snapshot-restore', PARAMS)).error ?? '', expected)
    })
    await withWorld(tag, { objects: refusing('NoSuchBucket') }, async run => {
      const expected =
        s3Errors === 'sdk' ? /NoSuchBucket/ : /bucket "snapshot-bucket" does not exist in region eu-central-1/
      assert.match((await run('snapshot-restore', PARAMS)).error ?? '', expected)
    })
  })
}

for (const tag of PROFILES) {
  const { genesisFrom, release } = profileOf(tag)
  const checks = release >= 59
  test(`${tag}: a genesis file of another hash than is expected ${checks ? 'fails the task' : 'is taken'}`, async () => {
    const key = genesisFrom === 'params' ? 'some/genesis.json' : 'my-chain/genesis.json'
    const objects = new MemoryObjects()
    objects.put({ bucket: 'genesis-bucket', key, region: '' }, '{}')
    const place = { uri: `s3://genesis-bucket/${key}`, region: 'eu-central-1' }
    const expectedGenesisHash = 'ab'.repeat(32)
    const act: Act = async run => {
      const task = await run('configure-genesis', { ...place, expectedGenesisHash })
      assert.equal(task.status, checks ? 'failed' : 'completed', task.error)
      if (checks) assert.match(task.error ?? '', new RegExp(`SHA-256 [0-9a-f]{64}, expected ${expectedGenesisHash}`))
      const right = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'
      assert.equal((await run('configure-genesis', { ...place, expectedGenesisHash: right })).status, 'completed')
    }
    await withWorld(tag, { objects }, act, { ...VARIABLES, SEI_CHAIN_ID: 'my-chain' })
  })
}

for (const tag of PROFILES.filter(name => profileOf(name).genesisFrom === 'params')) {
  test(`${tag}: a genesis uri is fetched, for a well-known chain too`, async () => {
    await withObjects(tag, { 'b/some/genesis.json': '{"chain_id":"mine"}' }, async (run, home) => {
      const params = { uri: 's3://b/some/genesis.json', region: 'eu-west-1' }
      assert.equal((await run('configure-genesis', params)).status, 'completed')
      assert.equal(home.read('config/genesis.json'), '{"chain_id":"mine"}')
    })
  })
}
