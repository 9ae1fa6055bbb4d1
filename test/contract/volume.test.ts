/** What the tasks leave on the volume: the rows of the standalone table, one after the other, and the markers. */
import assert from 'node:assert/strict'

import { isRecord } from '../../src/sidecar/task-result.ts'
import { contract } from './contract.ts'
import { VARIABLES } from './subject.ts'

const S3 = { bucket: 'b', prefix: 'p/', region: 'eu-central-1', chainId: 'arctic-1' }
const FULL = {
  mode: 'full',
  incremental: false,
  targetVersion: 0,
  overrides: { 'storage.pruning': 'nothing', 'storage.snapshot_interval': '2000', 'storage.snapshot_keep_recent': '5' },
}

contract('at start there are config/, data/ and a small config.toml', async sidecar => {
  assert.ok(sidecar.home.isDirectory('config') && sidecar.home.isDirectory('data'))
  assert.match(sidecar.home.read('config/config.toml') ?? '', /persistent-peers = ["']["']/)
  assert.equal(sidecar.home.read('config/app.toml'), undefined)
})

contract('snapshot-restore on a volume that holds its marker completes without S3', async sidecar => {
  sidecar.home.write('.sei-sidecar-snapshot-done', '')
  await sidecar.completes('snapshot-restore', S3)
})

contract('configure-genesis of a well-known chain needs no parameters and no network', async sidecar => {
  await sidecar.completes('configure-genesis')
  const genesis: unknown = JSON.parse(sidecar.home.read('config/genesis.json') ?? '')
  assert.ok(typeof genesis === 'object' && genesis !== null && 'chain_id' in genesis && 'validators' in genesis)
  assert.equal(genesis.chain_id, 'arctic-1')
  assert.equal(sidecar.home.read('.sei-sidecar-genesis-done'), '')
})

contract('config-apply in full writes both files from the mode and the overrides', async sidecar => {
  await sidecar.completes('config-apply', FULL)
  const app = sidecar.home.read('config/app.toml') ?? ''
  assert.match(app, /^pruning = ["']nothing["']$/m)
  assert.match(app, /^\s*snapshot-interval = 2000$/m)
  assert.match(app, /^\s*snapshot-keep-recent = 5$/m)
  assert.match(app, /^\[sei\]\n\s*mode = ["']full["']/m)
  assert.match(sidecar.home.read('config/config.toml') ?? '', /^mode = ["']full["']$/m)
})

contract('the whole of a genesis bootstrap ends ready', async sidecar => {
  await sidecar.completes('configure-genesis')
  await sidecar.completes('config-apply', FULL)
  await sidecar.completes('config-validate')
  await sidecar.completes('mark-ready')
  assert.equal(await sidecar.client.health(), 'ready')
})

contract('config-validate before config-apply fails: there is no app.toml', async sidecar => {
  assert.match(await sidecar.fails('config-validate'), /^config-validate: reading config: reading .*app\.toml/)
})

contract(
  'snapshot-upload without two snapshots completes',
  async sidecar => {
    await sidecar.completes('snapshot-upload', { bucket: 'b', region: 'eu-central-1', prefix: 'p' })
  },
  { when: profile => profile.upload === 'once' },
)

contract(
  'snapshot-upload runs for ever, across restarts too',
  async sidecar => {
    const id = await sidecar.submit('snapshot-upload', { bucket: 'b', region: 'eu-central-1', prefix: 'p' })
    assert.equal((await sidecar.client.task(id))?.status, 'running')
    await sidecar.completes('mark-ready')
    await sidecar.subject.restart('SIGKILL')
    assert.equal((await sidecar.client.task(id))?.status, 'running')
  },
  { when: profile => profile.upload === 'loop' },
)

contract(
  'snapshot-upload-once ends, and says that there was nothing to upload and why',
  async sidecar => {
    const task = await sidecar.completes('snapshot-upload-once')
    const { outcome, noopReason } = resultOf(task)
    assert.equal(outcome, 'noop')
    assert.ok(typeof noopReason === 'string' && noopReason !== '')
  },
  { when: profile => profile.release >= 66 },
)

contract(
  'snapshot-upload-once is unknown before v0.0.66',
  async sidecar => {
    const answer = await sidecar.post({ type: 'snapshot-upload-once' })
    assert.deepEqual([answer.status, answer.text.trim()], [400, '{"error":"unknown task type: snapshot-upload-once"}'])
  },
  { when: profile => profile.release < 66 },
)

contract(
  'a type is looked up before an id is: a request without a valid id tells whether the type is known',
  async sidecar => {
    const id = 'no-id'
    const unknown = await sidecar.post({ id, type: 'no-such-task' })
    assert.deepEqual([unknown.status, unknown.text.trim()], [400, '{"error":"unknown task type: no-such-task"}'])
    if (!sidecar.profile.clientIds) return
    const known = await sidecar.post({ id, type: 'snapshot-upload' })
    assert.equal(known.status, 400)
    assert.match(known.text, /task ID must be a valid UUID/)
    assert.deepEqual(await sidecar.client.tasks(), [])
  },
)

contract('result-export without a local RPC completes and exports nothing', async sidecar => {
  await sidecar.completes('result-export', { bucket: 'b', region: 'eu-central-1', prefix: 'p' })
  assert.equal(sidecar.home.read('.sei-sidecar-last-export.json'), undefined)
})

contract(
  'generate-identity writes keys from which node-id is read, and only once',
  async sidecar => {
    await sidecar.completes('generate-identity', { chainId: 'arctic-1', moniker: 'node-0' })
    const answer = await sidecar.get('/v0/node-id')
    assert.equal(answer.status, 200)
    assert.match(answer.text, /^\{"nodeId":"[0-9a-f]{40}"\}\n$/)
    for (const file of ['config/priv_validator_key.json', 'data/priv_validator_state.json', 'config/genesis.json']) {
      assert.notEqual(sidecar.home.read(file), undefined, file)
    }
    await sidecar.completes('generate-identity', { chainId: 'arctic-1', moniker: 'another' })
    assert.equal((await sidecar.get('/v0/node-id')).text, answer.text)
  },
  { when: profile => profile.identity === 'built-in' && profile.release >= 22 },
)

contract('a marker makes configure-genesis a silent success that touches nothing', async sidecar => {
  await sidecar.completes('configure-genesis')
  sidecar.home.write('config/genesis.json', 'mine')
  await sidecar.completes('configure-genesis')
  assert.equal(sidecar.home.read('config/genesis.json'), 'mine')
})

contract(
  'reset-data wipes data/, leaves a signing state at height 0 and lets state sync be configured again',
  async sidecar => {
    sidecar.home.write('data/priv_validator_state.json', '{"height":"7"}')
    sidecar.home.write('data/state.db', 'x')
    sidecar.home.write('.sei-sidecar-statesync-done', '')
    const task = await sidecar.completes('reset-data')
    assert.equal(sidecar.home.read('data/state.db'), undefined)
    assert.equal(sidecar.home.read('data/priv_validator_state.json'), '{"height":"0","round":0,"step":0}\n')
    assert.equal(sidecar.home.read('.sei-sidecar-statesync-done'), undefined)
    assert.deepEqual(task['result'], { wipedBytes: 15 })
  },
  { when: profile => profile.release >= 64 },
)

contract(
  'mark-not-ready takes readiness back',
  async sidecar => {
    await sidecar.completes('mark-ready')
    await sidecar.completes('mark-not-ready')
    assert.equal(await sidecar.client.health(), 'not-ready')
  },
  { when: profile => profile.release >= 64 },
)

contract(
  'an unknown chain has no embedded genesis',
  async sidecar => {
    const error = await sidecar.fails('configure-genesis')
    assert.equal(error, 'configure-genesis: unknown chain "devnet-1": provide a custom genesis source')
  },
  { when: profile => profile.genesisFrom === 'params', variables: { ...VARIABLES, SEI_CHAIN_ID: 'devnet-1' } },
)

contract(
  'without SEI_CHAIN_ID and without a uri there is no genesis',
  async sidecar => {
    const error = await sidecar.fails('configure-genesis')
    assert.equal(error, 'configure-genesis: no S3 params and SEI_CHAIN_ID is not set')
  },
  { when: profile => profile.genesisFrom === 'params', variables: {} },
)

contract(
  'a genesis uri is read from the parameters, and refused where it is none',
  async sidecar => {
    const region = 'eu-central-1'
    const table: readonly (readonly [object, string])[] = [
      [{ uri: 's3://b/genesis.json' }, "configure-genesis: 'region' is required when 'uri' is set"],
      [{ uri: 'https://b/genesis.json', region }, 'configure-genesis: uri must use s3:// scheme, got "https"'],
      [{ uri: 's3://b', region }, 'configure-genesis: uri must be s3://bucket/key, got "s3://b"'],
    ]
    for (const [params, error] of table) assert.equal(await sidecar.fails('configure-genesis', params), error)
  },
  { when: profile => profile.genesisFrom === 'params' },
)

contract(
  'a genesis uri is not read for a well-known chain, not even a malformed one',
  async sidecar => {
    await sidecar.completes('configure-genesis', { uri: 'https://nowhere', region: '' })
    assert.match(sidecar.home.read('config/genesis.json') ?? '', /arctic-1/)
  },
  { when: profile => profile.genesisFrom === 'environment' },
)

function resultOf({ result }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  assert.ok(isRecord(result), `result: ${JSON.stringify(result)}`)
  return result
}
